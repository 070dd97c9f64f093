"""Small BGT layers for tests: polygons with the columns and classes of the real ones."""

from pathlib import Path

import geopandas as gpd
import pyogrio
from shapely import Geometry

from evenground.config import SurfaceFileSettings, SurfaceSettings

from .made import ORIGIN


def write_bgt(folder: Path, name: str, shapes: list[Geometry], **columns: object) -> Path:
    """Write a layer of the BGT as a GeoPackage of that name."""
    usual = {"lokaal_id": [f"G0001.{name}{k}" for k in range(len(shapes))]}
    usual |= {"relatieve_hoogteligging": 0, "eind_registratie": None}
    frame = gpd.GeoDataFrame(usual | columns, geometry=shapes, crs=28992)
    path = folder / f"{name}.gpkg"
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(frame, path, layer=name)
    return path


def surface_file(name: str, **change: object) -> SurfaceFileSettings:
    """Return the settings of one layer."""
    return SurfaceFileSettings.model_validate({"file": f"{name}.gpkg", **ORIGIN} | change)


def surfaces(*names: str, **change: object) -> SurfaceSettings:
    """Return the settings of all layers."""
    usual = {"files": [{"file": f"{name}.gpkg", **ORIGIN} for name in names], "quality": "measured"}
    return SurfaceSettings.model_validate(usual | change)
