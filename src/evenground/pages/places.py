"""Neighbourhoods on the pages: outlines, figures of today, and the classes of every map.

Takes a run; gives plain values. Nothing is said of a neighbourhood with fewer residents than
may be shown: its figures are None.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from evenground.config import HealthSettings
from evenground.dutch import AGE_NL
from evenground.names import BURDEN_LAYERS, CODE, FEWEST, GREEN, LAYERS, NAME, RESIDENTS
from evenground.objectives.cumulative import read_norms
from evenground.objectives.health import counted_channels, list_channels
from evenground.outputs.report.classes import Classes, Colour, difference_classes, level_classes
from evenground.outputs.report.people import FIFTHS
from evenground.pages.form import DIGITS
from evenground.results import Assessment, Run
from evenground.results.certainty import LAYERS_NL
from evenground.study import StudyArea

Float = NDArray[np.float64]
Plain = dict[str, Any]

SMOOTHING_M = 8.0
"""How far a border may move when points that say little are left out."""
SITE_SMOOTHING_M = 1.0
"""The same of a site, which is smaller."""
BURDEN_NL = {**LAYERS_NL, GREEN: "te weinig groen of lopen"}
"""Layers whose burden is added up, in sentences."""


@dataclass(frozen=True)
class Theme:
    """One thing that a map of neighbourhoods can show."""

    key: str
    name: str
    unit: str
    decimals: int
    worse: str
    """Higher or lower."""


def themes_of(run: Run) -> tuple[Theme, ...]:
    """Return what maps can show: the burden, the stacking and every layer."""
    layers = tuple(
        Theme(
            info.name,
            info.title,
            "%" if info.name == GREEN else info.unit,
            2,
            "lower" if info.name in (GREEN, "access") else "higher",
        )
        for info in run.layers
    )
    burden = Theme("burden", "Ziektelast", "DALY per 1000 inwoners per jaar", 2, "higher")
    stacking = Theme("stacking", "Stapeling van lasten", "per inwoner; stad nu = 100", 1, "higher")
    return (burden, stacking, *layers)


def residents_of(study: StudyArea) -> Float:
    """Residents of what is assessed (neighbourhood,)."""
    return np.asarray(study.group_residents.sum(axis=0))


def levels(study: StudyArea, today: Assessment, plan: Assessment) -> dict[str, Float]:
    """Return every theme under a plan (neighbourhood,); NaN where too few people live."""
    shown = residents_of(study) >= FEWEST
    found = health_levels(study, today.stacking, plan.burden, plan.stacking)
    for k, layer in enumerate(LAYERS):
        factor = 100.0 if layer == GREEN else 1.0
        found[layer] = np.where(shown, factor * plan.exposure[k], np.nan)
    return found


def health_levels(
    study: StudyArea, today_stacking: Float, burden: Float, stacking: Float
) -> dict[str, Float]:
    """Return the themes that need no exposure (neighbourhood,); NaN where too few people live.

    Parameters
    ----------
    today_stacking : (neighbourhood,), stacking : (neighbourhood,)
    burden : (group, layer, neighbourhood)
    """
    people = residents_of(study)
    shown = people >= FEWEST
    each = np.divide(1.0, people, out=np.full(people.size, np.nan), where=shown)
    city = float(today_stacking.sum()) / max(float(people.sum()), 1e-300)
    return {
        "burden": 1000.0 * burden.sum(axis=(0, 1)) * each,
        "stacking": 100.0 * stacking * each / city if city > 0.0 else np.nan * each,
    }


def plain(values: Float | list[float]) -> list[float | None]:
    """Return figures with the digits that a page shows; what is unknown is None."""
    return [
        float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
        for value in np.asarray(values, float).tolist()
    ]


def scales(run: Run, themes: tuple[Theme, ...]) -> dict[str, Plain]:
    """Return the classes of each theme: levels, and differences; the same for all proposals."""
    now = levels(run.study, run.today, run.today)
    after = [levels(run.study, run.today, p.assessment) for p in run.proposals]
    out = {}
    for theme in themes:
        here = now[theme.key]
        then = [values[theme.key] for values in after]
        moved = np.concatenate([values - here for values in then] or [np.zeros(1)])
        level = level_classes(np.concatenate([here, *then]))
        out[theme.key] = {
            "level": _classes(level),
            "difference": _classes(difference_classes(moved)),
        }
    return out


def _classes(classes: Classes) -> Plain:
    """Return classes as plain values."""
    return {
        "bounds": list(classes.bounds),
        "labels": list(classes.labels),
        "colours": [_hex(colour) for colour in classes.colours],
    }


def _hex(colour: Colour) -> str:
    """Return a colour as a page names it."""
    return "#" + "".join(f"{round(255.0 * part):02x}" for part in colour)


def outlines(study: StudyArea) -> list[list[list[list[int]]]]:
    """Return the polygons of each neighbourhood as rings of x and y in turn, in whole metres.

    Borders that two neighbourhoods share stay shared.
    """
    shapes = shapely.from_wkb(list(study.outlines))
    simple = shapely.coverage_simplify(shapes, SMOOTHING_M)
    return [[_rings(part) for part in _parts(shape)] for shape in simple]


def sites_of(study: StudyArea, used: list[int]) -> Plain:
    """Return the kind of the sites, and the shapes and names of some of them by number.

    Shapes are as those of :func:`outlines`. Squares have none: their corner and side say all.
    A name is given where it tells more than the neighbourhood does.
    """
    if study.sites.are_squares:
        return {"kind": study.sites.kind, "shapes": {}, "names": {}}
    shapes = shapely.from_wkb([study.sites.outlines[site] for site in used])
    simple = shapely.simplify(shapes, SITE_SMOOTHING_M)
    parts = ([_rings(part) for part in _parts(shape)] for shape in simple)
    named = used if study.sites.kind != "neighbourhoods" else []
    return {
        "kind": study.sites.kind,
        "names": {str(site): str(study.sites.name[site]) for site in named},
        "shapes": {str(site): rings for site, rings in zip(used, parts, strict=True)},
    }


def _parts(shape: shapely.Geometry) -> list[shapely.Polygon]:
    """Return the polygons of a shape."""
    parts = shapely.get_parts(shape)
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]


def _rings(polygon: shapely.Polygon) -> list[list[int]]:
    """Return the outer ring and the holes of a polygon."""
    rings = [polygon.exterior, *polygon.interiors]
    return [np.rint(shapely.get_coordinates(ring)).astype(int).ravel().tolist() for ring in rings]


def _burden_names(health: HealthSettings) -> list[str]:
    """Return what the burden of a run is told apart by, in the order in which it is kept."""
    layer_of = list_channels(health)
    counted = {layer_of[channel] for channel in counted_channels(health)}
    return [BURDEN_NL[layer] for layer in LAYERS if layer in counted]


def neighbourhoods(run: Run) -> list[Plain]:
    """Return what is told of each neighbourhood today."""
    study, table, people = run.study, run.study.neighbourhoods, residents_of(run.study)
    shown = people >= FEWEST
    now = levels(study, run.today, run.today)
    ranks = {name: _rank(now[name]) for name in ("burden", "stacking")}
    names = _burden_names(run.settings.health)
    by_layer = 1000.0 * run.today.burden.sum(axis=0) / np.maximum(people, 1e-300)
    own = table[RESIDENTS].to_numpy(float)
    stack = run.stacking.neighbourhoods
    ages = run.study.groups["age"].to_numpy(str)
    out = []
    for k in range(len(table)):
        is_few = 0.0 < own[k] < FEWEST
        row: Plain = {
            "code": str(table[CODE].iloc[k]),
            "name": str(table[NAME].iloc[k]),
            "shown": bool(shown[k]),
            "residents": None if is_few or not np.isfinite(own[k]) else float(own[k]),
            "why_not": _why_not(is_few=bool(is_few), said=str(table["why_not"].iloc[k])),
        }
        if shown[k]:
            row |= {
                "fifth": FIFTHS[int(table["income_fifth"].iloc[k])],
                "ses_rank": plain([float(table["ses_rank"].iloc[k])])[0],
                "burden_by_layer": dict(zip(names, plain(by_layer[:, k]), strict=True)),
                "rank": {name: int(rank[k]) for name, rank in ranks.items()},
                "ages": {
                    AGE_NL[age]: _persons(study.group_residents[ages == age, k].sum(keepdims=True))[
                        0
                    ]
                    for age in dict.fromkeys(ages)
                },
                "exceeded": _persons(run.today.exceeded[:, k]),
                "priority": bool(stack["is_priority"].iloc[k]),
                "ges": _ges(run, k),
            }
        out.append(row)
    return out


def _why_not(*, is_few: bool, said: str) -> str:
    """Say in Dutch why no figures are shown."""
    return f"minder dan {FEWEST} inwoners" if is_few else said


def _rank(values: Float) -> NDArray[np.int64]:
    """Place from heaviest, which is 1, to lightest (neighbourhood,); 0 where it is unknown."""
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(-values[known], kind="stable")]
    out = np.zeros(values.size, np.int64)
    out[order] = np.arange(1, order.size + 1)
    return out


def _persons(counts: Float) -> list[float | None]:
    """Return numbers of persons; so few that somebody could be recognised are None."""
    return [None if 0.0 < count < FEWEST else float(round(count)) for count in counts.tolist()]


def _ges(run: Run, k: int) -> dict[str, float | None]:
    """Return the GES score of each factor in a neighbourhood today."""
    ges = run.stacking.ges[run.stacking.ges["plan"] == "today"]
    return {
        str(factor): plain([float(part["score"].to_numpy(float)[k])])[0]
        for factor, part in ges.groupby("factor", sort=False)
    }


def layers(run: Run) -> list[Plain]:
    """Return how each layer is called, how it was made and what its norm is."""
    norms = read_norms()
    return [
        {
            "key": info.name,
            "name": info.title,
            "unit": "%" if info.name == GREEN else info.unit,
            "quality": info.quality,
            "year": info.year,
            "source": info.source,
            "method": info.method,
            "norm": float(norms[info.name]) if info.name in norms else None,
            "burden": info.name in BURDEN_LAYERS,
        }
        for info in run.layers
    ]
