"""Small made files for the tests of this folder: three square neighbourhoods of 100 m in a row."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
from numpy.typing import NDArray
from shapely import box

from evenground.config import LayerSettings, NeighbourhoodSettings, RunSettings, TableSettings
from evenground.errors import Fault
from evenground.sources import check_sources

ORIGIN = {"year": 2024, "source": "test", "licence": "CC0"}
LEFT, BOTTOM, SIDE = 100_000.0, 450_000.0, 100.0
UNITS = {"noise": "dB", "no2": "ug m-3", "pm25": "ug m-3", "green": "1"}
USUAL = {"noise": 55.0, "no2": 20.0, "pm25": 10.0, "green": 0.25}


def squares(number: int = 3, **columns: object) -> gpd.GeoDataFrame:
    """Return neighbourhoods with a code and residents; further columns replace or add."""
    lefts = [LEFT + SIDE * k for k in range(number)]
    figures: dict[str, Any] = {
        "buurtcode": [f"BU0001000{k}" for k in range(number)],
        "aantal_inwoners": [100 * (k + 1) for k in range(number)],
    }
    shapes = [box(left, BOTTOM, left + SIDE, BOTTOM + SIDE) for left in lefts]
    return gpd.GeoDataFrame(figures | columns, geometry=shapes, crs=28992)


def write_tif(path: Path, values: NDArray[Any] | float = 20.0, **change: object) -> Path:
    """Write a GeoTIFF of 10 m that covers three neighbourhoods; profile entries may be changed."""
    cells = np.broadcast_to(np.asarray(values), (10, 30)) if np.ndim(values) < 2 else values
    cells = np.asarray(cells, change.get("dtype", "float32"))
    profile = {
        "driver": "GTiff",
        "width": cells.shape[-1],
        "height": cells.shape[-2],
        "count": 1,
        "dtype": cells.dtype.name,
        "crs": "EPSG:28992",
        "transform": rasterio.Affine(10.0, 0.0, LEFT, 0.0, -10.0, BOTTOM + SIDE),
        "nodata": -9999.0,
    }
    path.unlink(missing_ok=True)
    with rasterio.open(path, "w", **(profile | change)) as target:
        for band in target.indexes:
            target.write(cells, band)
    return path


def layer(**change: object) -> LayerSettings:
    """Return the settings of an NO2 raster."""
    usual = {"file": "no2.tif", "unit": "ug m-3", "quality": "measured", **ORIGIN}
    return LayerSettings.model_validate(usual | change)


def outlines(**change: object) -> NeighbourhoodSettings:
    """Return the settings of neighbourhoods."""
    return NeighbourhoodSettings.model_validate({"file": "buurten.gpkg", **ORIGIN} | change)


def table(**change: object) -> TableSettings:
    """Return the settings of a further table."""
    return TableSettings.model_validate({"file": "cijfers.csv", **ORIGIN} | change)


def write_case(folder: Path, **change: object) -> RunSettings:
    """Write a whole case without a fault, and return its settings; sections may be replaced."""
    squares().to_file(folder / "buurten.gpkg")
    layers = {}
    for name, unit in UNITS.items():
        write_tif(folder / f"{name}.tif", USUAL[name])
        layers[name] = {"file": f"{name}.tif", "unit": unit, "quality": "measured", **ORIGIN}
    usual = {
        "case": {"id": "toy", "title": "Toy"},
        "grid": {"cell_m": 10},
        "neighbourhoods": {"file": "buurten.gpkg", **ORIGIN},
        "layers": layers,
        "search": {"seed": 1, "budget_eur": 1000.0},
    }
    return RunSettings.model_validate(usual | change)


def told(settings: RunSettings, folder: Path) -> str:
    """Return all faults of a case as text, one on a line; none gives no text."""
    verdict = check_sources(settings, folder)
    assert (verdict.sources is None) == bool(verdict.faults)
    return "\n".join(map(str, verdict.faults))


def lines(faults: list[Fault]) -> str:
    """Return faults as text."""
    return "\n".join(map(str, faults))
