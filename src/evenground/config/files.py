"""Settings of the files of a case: where each lies, what it holds and where it comes from."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from evenground.config.base import Positive, Quality, Settings, Share, Text


class FileSettings(Settings):
    """A file of the case and where it comes from."""

    file: Text
    """Path relative to the data folder."""
    layer: Text | None = None
    """Layer inside a GeoPackage; absent = the only one with geometry."""
    year: Annotated[int, Field(ge=1900, le=2100)]
    """Year that the data describe."""
    source: Text
    """Who made it, as it must be named."""
    licence: Text
    """Licence of the data."""


class TableSettings(FileSettings):
    """A table of neighbourhood figures."""

    columns: dict[str, Text] = Field(default_factory=dict)
    """Our column name = the name in the file; only where the usual names do not serve."""
    code_column: Text | None = None
    """Column with the neighbourhood code; absent = found by its usual names."""


class NeighbourhoodSettings(TableSettings):
    """Polygons of the neighbourhoods, and further tables that are joined to them by code."""

    municipalities: Annotated[
        tuple[Annotated[str, Field(pattern=r"^GM[0-9]{4}$")], ...], Field(strict=False)
    ] = ()
    """Codes such as GM0363 of the municipalities to keep; absent = all that the file holds."""

    tables: Annotated[tuple[TableSettings, ...], Field(strict=False)] = ()
    """Tables joined by code; a later table wins where both have a value."""
    minimum_matched_share: Share = 0.9
    """Least share of the residents whose neighbourhood must be found in each table."""


class RasterSettings(FileSettings):
    """A GeoTIFF and how good it is."""

    quality: Quality
    """How the numbers were made; shown wherever the layer shows."""
    band: Annotated[int, Field(ge=1)] = 1
    """Band of the file."""
    nodata: float | None = None
    """Number that stands for missing, where the file does not declare it."""
    allow_gaps: Text | None = None
    """Why the layer may miss part of the neighbourhoods; absent = refused.
    Neighbourhoods with a gap are then listed and left out of every sum."""
    unit: str


class LayerSettings(RasterSettings):
    """A GeoTIFF of the case."""

    unit: Literal["ug m-3", "dB", "degC", "1", "percent", "ndvi", "m2", "m"]
    """Unit of the numbers in the file. Percent becomes a share on reading."""


NO_DALY = (
    "a supplied factor never becomes DALY: no exposure-response function with a source goes "
    "with it. It is mapped, compared with its norm, and counted; leave daly out."
)


class FactorSettings(RasterSettings):
    """A factor of the living environment that the case brings itself, modelled by nobody here."""

    unit: Annotated[str, Field(min_length=1, max_length=24)]
    """Unit of the numbers, kept as it is; dB is averaged as energy."""
    range: Annotated[tuple[float, float], Field(strict=False)]
    """Lowest and highest value that can be; outside it is a wrong unit or missing."""
    worse: Literal["higher", "lower"]
    """Which way is worse for health."""
    norm: float | None = None
    """Norm in that unit; who is on the wrong side of it is counted."""
    norm_source: Text | None = None
    """Who set the norm."""
    bad: float | None = None
    """Value that is wholly bad where exceedances count by their size; absent = the end of
    ``range`` on the worse side (assumption)."""
    factor: Text | None = None
    """Which of the thirteen factors it belongs to; absent = its own name."""
    title: Text | None = None
    """Dutch name for the report; absent = that of the factor."""
    column: Text | None = None
    """Column of a table by neighbourhood; absent = the file is a GeoTIFF."""
    code_column: Text | None = None
    """Column with the neighbourhood code, only with ``column``; absent = found."""
    daly: bool = False
    """Asking for DALY is refused, with the reason."""

    @model_validator(mode="after")
    def _can_be_compared(self) -> Self:
        lowest, highest = self.range
        if not lowest < highest:
            msg = f"range runs from {lowest:g} to {highest:g}; put the lowest first."
            raise ValueError(msg)
        if self.norm is not None and not lowest <= self.norm <= highest:
            msg = f"norm is {self.norm:g}, outside range {lowest:g} to {highest:g}."
            raise ValueError(msg)
        if (self.norm is None) != (self.norm_source is None):
            msg = "give norm and norm_source together: a norm has somebody who set it."
            raise ValueError(msg)
        if self.bad is not None and not self._is_worse_than_norm(self.bad):
            msg = f"bad is {self.bad:g}; it goes with a norm and lies on its worse side."
            raise ValueError(msg)
        if self.code_column is not None and self.column is None:
            msg = "code_column is given without column."
            raise ValueError(msg)
        return self

    def _is_worse_than_norm(self, value: float) -> bool:
        """Say whether a value lies beyond the norm."""
        if self.norm is None:
            return False
        return value > self.norm if self.worse == "higher" else value < self.norm

    @field_validator("daly")
    @classmethod
    def _is_no_burden(cls, value: bool) -> bool:  # noqa: FBT001 - pydantic calls it
        if value:
            raise ValueError(NO_DALY)
        return value

    @field_validator("unit")
    @classmethod
    def _keeps_its_unit(cls, value: str) -> str:
        if value == "percent":
            msg = 'write unit = "%": a supplied factor keeps its numbers as they are.'
            raise ValueError(msg)
        return value


class StreetLineSettings(FileSettings):
    """Streets as lines with speed, flow and surface."""

    kind: Literal["lines"]
    speed_column: Text = "speed_kmh"
    flow_column: Text = "flow_veh_day"
    surface_column: Text = "surface"
    class_column: Text | None = None
    """Column with the class of each street, by which an absent figure is stood in for; absent =
    found by its usual names."""
    classes: dict[str, Text] = Field(default_factory=dict)
    """Class of the file that is not known = the known class that it counts as."""
    quality: Quality


class StreetDensitySettings(FileSettings):
    """Metres of street per area, where no street lines are known."""

    kind: Literal["density"]
    length_column: Text
    """Column with the metres of street in each polygon."""
    main_share: Share = 0.25
    """Share of the metres that carries through traffic at 50 km/h (assumption)."""
    main_flow_veh_day: Positive = 8000.0
    """Vehicles per day on those metres (assumption)."""
    local_flow_veh_day: Positive = 800.0
    """Vehicles per day on the other metres, at 30 km/h (assumption)."""
    quality: Quality


class FacilitySettings(FileSettings):
    """Places to play and meet: points, or polygons such as parks."""

    m2_per_place: Positive = 5000.0
    """A polygon counts as one place per so many square metres; a point as one place."""
    quality: Quality


class BuildingSettings(FileSettings):
    """Buildings as polygons with their storeys, for green on roofs and facades."""

    storeys_column: Text = "bouwlagen"
    """Column with the number of storeys."""
    quality: Quality
