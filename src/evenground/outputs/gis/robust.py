"""Which places hold across the runs of a sweep, as squares for a GIS.

Takes the tables of a sweep; writes EPSG:28992.
"""

from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely

from evenground.geopackage import frozen_clock
from evenground.results import Swept

COLUMNS_NL = {
    "runs": "runs",
    "share": "deel_van_runs",
    "intervention": "maatregel",
    "capital_eur": "aanleg_euro",
}


def write_robust(told: Swept, path: Path) -> None:
    """Write one square a site, with the share of runs in whose balanced proposal it is."""
    sites = told.sites
    left, low = sites["x_m"].to_numpy(float), sites["y_m"].to_numpy(float)
    side = sites["site_m"].to_numpy(float)
    squares = shapely.box(left, low, left + side, low + side)
    table = sites[list(COLUMNS_NL)].rename(columns=COLUMNS_NL)
    frame = gpd.GeoDataFrame(table, geometry=list(squares), crs=28992)
    with frozen_clock():
        pyogrio.write_dataframe(
            frame, path, layer="plekken", driver="GPKG", geometry_type="Polygon"
        )
