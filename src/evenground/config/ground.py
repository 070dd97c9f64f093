"""Settings of what lies on the ground: surfaces of the BGT, trees, dwellings."""

from typing import Annotated, Literal

from pydantic import Field

from evenground.config.base import Quality, Settings, Share, Text
from evenground.config.files import FileSettings

Winner = Literal["map", "layers"]
"""Which of two sources of one theme is used: this one, or the GeoTIFF under ``layers``."""


class SurfaceFileSettings(FileSettings):
    """One layer of the BGT: objects of one kind, or of several that a column tells apart."""

    kind: Text | None = None
    """Kind of object, such as wegdeel; absent = by the name of the layer, the file or a column."""
    function_column: Text | None = None
    """Column with the function of roads; absent = found by its usual names."""
    cover_column: Text | None = None
    """Column with the physical appearance or type; absent = found by its usual names."""


class SurfaceSettings(Settings):
    """Surfaces of the BGT: what covers the ground, and how much paving could be lifted."""

    files: Annotated[tuple[SurfaceFileSettings, ...], Field(strict=False, min_length=1)]
    """Layers that together cover the ground once."""
    quality: Quality
    wins: Winner | None = None
    """What holds where ``layers`` has green, ndvi, water or paving as well: this ``map``, or
    ``layers``; absent = bringing both is a fault."""
    classes: dict[str, Text] = Field(default_factory=dict)
    """Class of the files that is not known = the known class that it counts as."""
    usable: dict[str, Share] = Field(default_factory=dict)
    """Class = share of its paving that could be lifted, instead of the shipped share."""
    allow_gaps: Text | None = None
    """Why the surfaces may miss part of the neighbourhoods; absent = refused."""


class TreeSettings(FileSettings):
    """Trees that stand: points with the diameter of the crown or the height."""

    quality: Quality
    crown_column: Text | None = None
    """Column with the diameter of the crown in metres; absent = found by its usual names."""
    height_column: Text | None = None
    """Column with the height in metres, as numbers or as classes; absent = found."""


class DwellingSettings(FileSettings):
    """Dwellings: points of the BAG, or outlines with a number of dwellings."""

    quality: Quality
    count_column: Text | None = None
    """Column with the number of dwellings of each feature; absent = one a point, and of outlines
    found by its usual names."""
    wins: Winner | None = None
    """What holds where ``layers`` has weight as well: this ``map``, or ``layers``; absent =
    bringing both is a fault."""
