"""A ladder of streets in the city of ``hand_city``, for what traffic does by hand.

A runs through (2, 2), B through (1, 2), C through (0, 3) and X, south to north, through (2, 1);
each is 100 m. A and B are local with 1000 and 3000 vehicles a day, C and X main with 8000 and
9000. Homes lie, in this order, on (0, 0), (2, 1), (0, 3), (1, 2) and (2, 2); streets are heard and
smelt in their own cell only.

From A to B it is 100 m straight beside: 300 000 x .75 = 225 000. To C 100 m east and 200 m north,
223.607 m: squared sine .8, 800 000 x .8 x (1 - .559016994) = 282 229.124. Of 507 229.124 that is
.443586519 and .556413481.
Back from C to A the same distance, sine and nearness: 100 000 x .8 x .440983006 = 35 278.6405; to
B 100 m west and south, 141.421 m, half beside: 300 000 x .5 x .646446609 = 96 966.9914. Of
132 245.632 that is .266765597 and .733234403.
"""

from pathlib import Path

import geopandas as gpd
import hand_city
import numpy as np
import pyogrio
from numpy.typing import NDArray
from shapely.geometry import LineString

from evenground.config import parse_settings
from evenground.pipeline import Model, build_model

SHARE_B, SHARE_C = 0.443586519, 0.556413481
CUT = {
    "id": "traffic_cut",
    "capex_low": "100",
    "capex_mid": "200",
    "capex_high": "400",
    "opex_year": "5",
    "cost_status": "assumption",
}


def write_ladder(place: Path) -> Path:
    """Write the files of the city with other streets, and prices of a traffic cut."""
    hand_city.write_city(place)
    left, top = hand_city.LEFT, hand_city.TOP
    lines = [
        LineString([(left + 200, top - 250), (left + 300, top - 250)]),
        LineString([(left + 300, top - 150), (left + 200, top - 150)]),
        LineString([(left + 300, top - 50), (left + 400, top - 50)]),
        LineString([(left + 150, top - 300), (left + 150, top - 200)]),
    ]
    table = {
        "speed_kmh": [30.0, 30.0, 50.0, 50.0],
        "flow_veh_day": [1000.0, 3000.0, 8000.0, 9000.0],
        "surface": ["dab"] * 4,
    }
    (place / "straten.gpkg").unlink()
    frame = gpd.GeoDataFrame(table, geometry=lines, crs=28992)
    pyogrio.write_dataframe(frame, place / "straten.gpkg", layer="straten")
    (place / "eigen.csv").write_text(";".join(CUT) + "\n" + ";".join(CUT.values()) + "\n", "utf-8")
    return place


def model_of(folder: Path, *use: str) -> Model:
    """Build the city with some interventions."""
    origin = {"year": 2024, "source": "by hand", "licence": "CC0"}
    case = hand_city.case()
    case["exposure"] = {"noise_reach_m": 50.0, "air_reach_m": 50.0}
    case["interventions"] = {"use": list(use), "catalogue": {"file": "eigen.csv", **origin}}
    return build_model(parse_settings(case, "case.toml"), folder)


def plan_of(model: Model, site: tuple[int, int], steps: int) -> NDArray[np.int16]:
    """Plan of all that fits on a site, which is so many steps."""
    options = model.options
    found = (options.site_row == site[0]) & (options.site_col == site[1])
    assert found.sum() == 1
    assert options.most[found] == steps
    return np.where(found, steps, 0).astype(np.int16)
