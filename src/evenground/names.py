"""Every dimension, variable and unit that crosses a border between stages.

A name lives here once. Stages spell dims and columns from this file, never as
literals, and check a product where it is born with :meth:`Variable.check`.
"""

from dataclasses import dataclass

import xarray as xr

from evenground.errors import DataError, Fault

CANDIDATE = "candidate"
GROUP = "group"
LAYER = "layer"
CHANNEL = "channel"
INTERVENTION = "intervention"
SITE = "site"
OPTION = "option"
RECEPTOR = "receptor"
NEIGHBOURHOOD = "neighbourhood"
Y = "y"
X = "x"

HEAT = "heat"
NOISE = "noise"
NO2 = "no2"
PM25 = "pm25"
GREEN = "green"
ACCESS = "access"

BURDEN_LAYERS = (HEAT, NOISE, NO2, PM25)
"""Layers whose exposure becomes DALY and is added up (PM2.5 and NO2 with the overlap rule)."""
LAYERS = (*BURDEN_LAYERS, GREEN, ACCESS)
"""All layers that a plan changes. Green and access are shown beside, never added."""

LAYER_UNITS = {
    HEAT: "degC",
    NOISE: "dB",
    NO2: "ug m-3",
    PM25: "ug m-3",
    GREEN: "1",
    ACCESS: "1",
}
"""Unit of the exposure of each layer, in CF spelling."""

AGE_BANDS = ("0_15", "15_25", "25_45", "45_65", "65_plus")
"""Age bands of CBS neighbourhood tables, in years; the upper bound is exclusive."""
INCOME_CLASSES = ("low", "other", "unknown")
"""Income class of residents: in a household of the lowest 40 %, above it, or not published."""

FEWEST = 10
"""Figures of fewer residents than this are not shown, so that nobody can be recognised."""
FEWEST_OF_GROUP = 50.0
"""Fewer persons of an age and income in a neighbourhood than this are not told."""

CODE = "code"
NAME = "name"
RESIDENTS = "residents"
LOW_INCOME_SHARE = "low_income_share"
SES = "ses"
LIVEABILITY = "liveability"
LIVEABILITY_DIMENSIONS = (
    "liveability_physical",
    "liveability_services",
    "liveability_cohesion",
    "liveability_nuisance",
    "liveability_housing",
)
"""Dimensions of the Leefbaarometer, higher is better. Shown, never added and never optimised."""
LIVEABILITY_COLUMNS = (LIVEABILITY, *LIVEABILITY_DIMENSIONS)
AGE_SHARES = tuple(f"share_age_{band}" for band in AGE_BANDS)
NEIGHBOURHOOD_COLUMNS = (
    CODE,
    NAME,
    RESIDENTS,
    *AGE_SHARES,
    LOW_INCOME_SHARE,
    SES,
    *LIVEABILITY_COLUMNS,
)
"""Columns of the neighbourhood table inside evenground, after reading."""


@dataclass(frozen=True)
class Variable:
    """A named array that crosses a border: its dims and its unit."""

    name: str
    dims: tuple[str, ...]
    units: str

    def check(self, array: xr.DataArray) -> xr.DataArray:
        """Return the array unchanged if its dims and unit are as declared, else raise."""
        units = array.attrs.get("units")
        if array.dims != self.dims or units != self.units:
            fault = Fault(
                self.name,
                f"found dimensions {array.dims} in {units!r}, "
                f"expected {self.dims} in {self.units!r}.",
                "Transpose or convert it where it is made, not where it is used.",
            )
            raise DataError([fault])
        return array


EXPOSURE = {layer: Variable(layer, (Y, X), LAYER_UNITS[layer]) for layer in LAYERS}
"""Baseline exposure of each layer on the study grid."""
