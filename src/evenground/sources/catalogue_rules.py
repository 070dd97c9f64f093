"""What a row of the catalogue of interventions must look like, column by column and as a whole.

Plain values only. Knows nothing of files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isnan

from evenground.sources.themes import SURFACES

Row = dict[str, float | str]
Complaint = tuple[str, str, str]
"""Column, what was found, and how to mend it."""


@dataclass(frozen=True)
class Number:
    """A column of numbers; empty is NaN."""

    lowest: float = 0.0
    highest: float = inf
    is_above: bool = False
    """Whether the lowest itself is out."""
    is_needed: bool = False


@dataclass(frozen=True)
class Words:
    """A column of free text."""

    is_needed: bool = False


@dataclass(frozen=True)
class Choice:
    """A column of known words."""

    among: tuple[str, ...]
    is_needed: bool = False


Kind = Number | Words | Choice

STATUSES = ("confirmed", "derived", "recalled", "assumption")
SECTORS = ("green", "mobility", "social", "housing", "water")
GROUNDS = ("paving", "main_street", "local_street", "roof", "facade", "zone")
"""Ground that interventions share: m2 of paving, metres of main and of local street, m2 of flat
roof and of facade, and squares in which a zone may be set."""
STREET_SHARE = "street_share"
"""Room of what is counted in shares of the street: its ground per unit is a share of the metres."""
USABLE = ("outdoor", "access only")
NOT_MODELLED, UNPRICED = "not modelled", "cost unknown"
SCOPES = (*USABLE, "indoor only", NOT_MODELLED, UNPRICED)
"""What an intervention changes: exposure outdoors, only the way to a place, only the indoors,
or no layer at all; or exposure outdoors, once a case says what it costs."""
EFFECTS: dict[str, tuple[float, float]] = {
    "green_m2": (0.0, 1000.0),
    "green_cover_m2": (0.0, 1000.0),
    "edge_cooling_degc": (0.0, 5.0),
    "places": (0.0, 100.0),
    "surface": (0.0, 0.0),
    "speed": (5.0, 130.0),
    "traffic_factor": (0.0, 1.0),
    "no2_part": (-1.0, 1.0),
    "pm25_part": (-1.0, 1.0),
}
"""Effects that a layer can take up, with the range of their figures."""
STREETS = ("main_street", "local_street")
OF_GROUND = {
    "surface": STREETS,
    "speed": ("main_street",),
    "traffic_factor": STREETS,
    "no2_part": ("zone",),
    "pm25_part": ("zone",),
}
"""Ground on which an effect can act; any where nothing is said."""

INTERVENTION_KEY = ("id",)
INTERVENTION_COLUMNS: Mapping[str, Kind] = {
    "name_nl": Words(is_needed=True),
    "name_en": Words(),
    "unit": Words(is_needed=True),
    "unit_nl": Words(is_needed=True),
    "step": Number(is_above=True),
    "capex_low": Number(),
    "capex_mid": Number(),
    "capex_high": Number(),
    "opex_year": Number(),
    "fixed_eur": Number(is_needed=True),
    "lifetime_y": Number(is_above=True, highest=500.0),
    "price_year": Number(1990.0, 2100.0, is_needed=True),
    "sector": Choice(SECTORS, is_needed=True),
    "owner": Words(is_needed=True),
    "ground": Words(),
    "ground_per_unit": Number(is_above=True),
    "capacity_share": Number(highest=1.0),
    "room": Choice(("ground", "public", "street_front", STREET_SHARE)),
    "least_m2": Number(),
    "most_m2": Number(is_above=True),
    "spacing_m": Number(is_above=True),
    "apart_m": Number(is_above=True),
    "only_surface": Choice(("", "brick", *SURFACES)),
    "least_flow_veh_day": Number(),
    "uptake": Number(highest=1.0),
    "effect_scope": Choice(SCOPES, is_needed=True),
    "why_not": Words(),
    "co_benefits": Words(),
    "co_benefits_nl": Words(),
    "cost_status": Words(is_needed=True),
    "capacity_status": Words(),
    "effect_status": Words(is_needed=True),
    "source": Words(is_needed=True),
}
EFFECT_KEY = ("intervention", "effect")
EFFECT_COLUMNS: Mapping[str, Kind] = {
    "low": Number(lowest=-inf, is_needed=True),
    "mid": Number(lowest=-inf, is_needed=True),
    "high": Number(lowest=-inf, is_needed=True),
    "unit": Words(),
    "at_start": Number(lowest=-inf),
    "grown": Number(lowest=-inf),
    "grown_y": Number(is_above=True, highest=200.0),
    "becomes": Choice(("", *SURFACES)),
    "footprint_m": Number(is_above=True, highest=5000.0),
    "status": Words(is_needed=True),
    "source": Words(is_needed=True),
    "note": Words(),
}
COSTS = ("capex_low", "capex_mid", "capex_high", "opex_year", "lifetime_y", "price_year")
FIGURES = ("low", "mid", "high", "at_start", "grown", "grown_y", "footprint_m")
NEEDED_TO_BUILD = ("step", *COSTS, "ground", "ground_per_unit", "capacity_share", "capacity_status")


def intervention_complaints(row: Row) -> Iterator[Complaint]:
    """List what is wrong with a row of interventions as a whole."""
    if not str(row["id"]).replace("_", "").isalnum() or str(row["id"]) != str(row["id"]).lower():
        yield "id", f"holds {row['id']!r}.", "Use small letters, digits and _."
    yield from _status_complaints(row, ("cost_status", "capacity_status", "effect_status"))
    yield from _order(row, ("capex_low", "capex_mid", "capex_high"))
    if row["effect_scope"] not in USABLE:
        if not row["why_not"]:
            yield "why_not", "is empty.", "Say why it has no effect that a search could use."
        return
    for name in NEEDED_TO_BUILD:
        if _is_empty(row[name]):
            cure = f'Fill it in, or set effect_scope to "{NOT_MODELLED}".'
            yield name, f"is empty, though effect_scope is {row['effect_scope']!r}.", cure
    yield from _ground_complaints(row)


def effect_complaints(row: Row) -> Iterator[Complaint]:
    """List what is wrong with a row of effects as a whole."""
    name = str(row["effect"])
    if name not in EFFECTS:
        yield "effect", f"holds {name!r}.", f"Use one of {', '.join(EFFECTS)}."
        return
    yield from _status_complaints(row, ("status",))
    yield from _order(row, ("low", "mid", "high"))
    lowest, highest = EFFECTS[name]
    for column in ("low", "mid", "high", "at_start", "grown"):
        value = float(row[column])
        if not isnan(value) and not lowest <= value <= highest:
            finding = f"holds {value:g}, expected {lowest:g} to {highest:g} for {name}."
            yield column, finding, "Correct it."
    if (name == "surface") != bool(row["becomes"]):
        cure = f"Name one of {', '.join(SURFACES)} for surface, and nothing for other effects."
        yield "becomes", f"holds {row['becomes']!r} for {name}.", cure
    growth = [_is_empty(row[column]) for column in ("at_start", "grown", "grown_y")]
    if any(growth) and not all(growth):
        yield "grown", "tells half of the growth.", "Give at_start, grown and grown_y together."
    if name == "edge_cooling_degc" and _is_empty(row["footprint_m"]):
        yield "footprint_m", "is empty.", "Say how far from its edge it cools, in metres."


def own_complaints(given: Mapping[str, str]) -> Iterator[Complaint]:
    """List numbers of one's own that do not say how sure they are."""
    for columns, status in ((COSTS, "cost_status"), (FIGURES, "status")):
        if any(name in given for name in columns) and status not in given:
            cure = f"Say how sure they are: {', '.join(STATUSES)}."
            yield status, "is empty, though the row brings numbers.", cure


def ground_complaint(ground: str, effect: str) -> str | None:
    """Say what is wrong with an effect on some ground."""
    usual = OF_GROUND.get(effect)
    if usual is None or not ground or set(grounds_of(ground)) <= set(usual):
        return None
    return f"is {effect}, which can act on {' and '.join(usual)} only, found {ground}."


def grounds_of(ground: object) -> list[str]:
    """Return the kinds of ground in a cell: one, or both kinds of street joined by +."""
    return [part.strip() for part in str(ground).split("+")]


def _ground_complaints(row: Row) -> Iterator[Complaint]:
    """List what is wrong with the ground that an intervention takes."""
    grounds = grounds_of(row["ground"])
    if odd := [ground for ground in grounds if ground and ground not in GROUNDS]:
        cure = f"Use one of {', '.join(GROUNDS)}, or two kinds of street joined by +."
        yield "ground", f"holds {odd[0]!r}.", cure
    elif len(grounds) > 1 and not set(grounds) <= set(STREETS):
        cure = "Give one kind of ground; only the two kinds of street go together."
        yield "ground", f"holds {row['ground']!r}.", cure
    if grounds == ["zone"] and row["step"] != 1.0:
        yield "step", f"is {row['step']:g} on zone.", "Set it to 1: a zone is set up whole."
    if row["room"] == STREET_SHARE:
        yield from _share_complaints(row, grounds)
    elif row["room"] != "ground" and grounds != ["paving"]:
        yield "room", f"holds {row['room']!r} on {row['ground']}.", 'Use "ground", or paving.'
    if not isnan(float(row["most_m2"])) and float(row["most_m2"]) < float(row["least_m2"]):
        yield "most_m2", f"is {row['most_m2']:g}, below least_m2.", "Put the smaller in least_m2."


def _share_complaints(row: Row, grounds: list[str]) -> Iterator[Complaint]:
    """List what is wrong with an intervention that is counted in shares of the street."""
    if not set(grounds) <= set(STREETS):
        cure = f"Use {' or '.join(STREETS)}, or both joined by +."
        yield "ground", f"holds {row['ground']!r}, which is no street, for {STREET_SHARE}.", cure
    takes = float(row["step"]) * float(row["ground_per_unit"])
    if takes > float(row["capacity_share"]) + 1e-9:
        finding = f"times step is {takes:g} of the street, more than capacity_share."
        yield "ground_per_unit", finding, "Lower it or step, so that one step fits on a street."


def _status_complaints(row: Row, columns: tuple[str, ...]) -> Iterator[Complaint]:
    """List statuses that do not begin with a known word."""
    for name in columns:
        word = str(row[name]).replace(",", " ").split(" ")[0]
        if word and word not in STATUSES:
            cure = f"Begin it with {', '.join(STATUSES)}."
            yield name, f"holds {row[name]!r}.", cure


def _order(row: Row, columns: tuple[str, ...]) -> Iterator[Complaint]:
    """List figures that fall where they should rise."""
    values = [(name, float(row[name])) for name in columns if not isnan(float(row[name]))]
    for (before, low), (name, high) in pairwise(values):
        if low > high:
            finding = f"is {high:g}, below {before}, which is {low:g}."
            yield name, finding, "Put low, middle and high in that order."


def _is_empty(value: float | str) -> bool:
    """Say whether a cell holds nothing."""
    return value == "" or (isinstance(value, float) and isnan(value))
