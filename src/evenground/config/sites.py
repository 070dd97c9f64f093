"""Settings of the sites: the places of which a plan says what is built on them."""

from typing import Literal, Self

from pydantic import model_validator

from evenground.config.base import Positive, Settings, Text
from evenground.config.files import FileSettings


class SitePolygonSettings(FileSettings):
    """A file of polygons, such as projects, blocks or parcels, each of which is a site."""

    code_column: Text | None = None
    """Column with a code of each polygon, by which results name it; absent = its row."""
    name_column: Text | None = None
    """Column with a name of each polygon; absent = its code."""


class SiteSettings(Settings):
    """How the city is cut into sites. Effects always act from squares of ``grid.site_m``."""

    kind: Literal["squares", "streets", "polygons", "neighbourhoods"] = "squares"
    """Squares of ``grid.site_m``, the street lines of the case, its polygons, or its
    neighbourhoods."""
    polygons: SitePolygonSettings | None = None
    """The polygons, only with ``kind = "polygons"``."""
    street_reach_m: Positive = 50.0
    """How far ground may lie from the street line it goes with, only with ``kind = "streets"``
    (assumption: half a square)."""

    @model_validator(mode="after")
    def _brings_its_polygons(self) -> Self:
        if self.kind == "polygons" and self.polygons is None:
            msg = "kind is polygons, and there is no file of them. Add [sites.polygons]."
            raise ValueError(msg)
        if self.kind != "polygons" and self.polygons is not None:
            msg = f'polygons are given, and kind is {self.kind}. Set kind = "polygons".'
            raise ValueError(msg)
        return self
