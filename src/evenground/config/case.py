"""What a case is called, and the grid it lies on."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from evenground.config.base import Settings, Text, Texts


class CaseSettings(Settings):
    """What the case is called and how it speaks."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    """Short name, used for folders: small letters, digits, dash and underscore."""
    title: Text
    """Name of the place, as planners know it."""
    fictional: bool = False
    """True for an invented town: then every output says so."""
    price_year: Annotated[int, Field(ge=1990, le=2100)] = 2024
    """Year of the euros."""
    allow_mixed_years: Text | None = None
    """Why neighbourhoods and figures of different years may be joined; absent = refused."""
    remarks: Texts = ()
    """Limits of this case, printed in every report."""


class GridSettings(Settings):
    """The grid of all computing: EPSG:28992, edges on multiples of the cell size."""

    cell_m: Annotated[int, Field(gt=0, le=1000)]
    """Side of a cell."""
    site_m: Annotated[int, Field(gt=0, le=5000)] = 100
    """Side of the squares from which effects act; of the sites too, where those are squares."""

    @model_validator(mode="after")
    def _sites_are_whole_cells(self) -> Self:
        if self.site_m % self.cell_m:
            msg = f"site_m is {self.site_m}, which is not a multiple of cell_m {self.cell_m}."
            raise ValueError(msg)
        return self
