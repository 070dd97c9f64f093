"""The table of all thirteen factors, and the maps of those that the case brought."""

import math
from typing import Any

from evenground.exposure.supplied import Supplied
from evenground.outputs.report.classes import level_classes
from evenground.outputs.report.figures import map_of
from evenground.outputs.report.people import shown
from evenground.results import QUALITIES, FactorState, Indicator, Run, indicators
from evenground.results.numbers import compact, number


def factor_rows(run: Run) -> list[dict[str, Any]]:
    """Return the table: each factor with each of its figures, or with none."""
    return [_row(state, figure) for state, figure in indicators(run.factors)]


def _row(state: FactorState, figure: Indicator | None) -> dict[str, Any]:
    """Return one row as text; what is not modelled has no figures at all."""
    row = {
        "name": state.factor.name_nl,
        "tags": f"{state.tag}, {state.pathway}",
        "evidence": state.evidence,
    }
    if figure is None:
        blank = dict.fromkeys(("norm", "mean", "beyond", "known", "quality"), "")
        return {**row, **blank, "state": state.state, "figure": state.factor.indicator_nl}
    has_norm = math.isfinite(figure.norm)
    side = "hoogstens" if figure.worse == "higher" else "minstens"
    norm = f"{side} {compact(figure.norm)} {figure.unit} ({figure.norm_source})"
    return {
        **row,
        "state": "aangeleverd" if figure.name else state.state,
        "figure": figure.title,
        "norm": norm if has_norm else "geen",
        "mean": _with_unit(figure.mean, figure.unit),
        "beyond": _percent(figure.beyond_share) if has_norm else "",
        "known": _percent(figure.known_share),
        "quality": figure.quality,
    }


def _with_unit(value: float, unit: str) -> str:
    """Return a figure with its unit, ``onbekend`` where it is missing."""
    if not math.isfinite(value):
        return "onbekend"
    if 0.0 < abs(value) < 0.01:
        return f"{compact(value)} {unit}"
    decimals = 0 if abs(value) >= 100.0 else 1 if abs(value) >= 10.0 else 2
    return f"{number(value, decimals)} {unit}"


def _percent(share: float) -> str:
    """Return a share (0-1) as a percentage, ``onbekend`` where it is missing."""
    return f"{number(100.0 * share, 1)} %" if math.isfinite(share) else "onbekend"


def factor_maps(run: Run) -> list[tuple[str, str]]:
    """Draw every supplied factor by neighbourhood, each with its text for who cannot see it."""
    return [_map(run, part) for part in run.supplied]


def _map(run: Run, part: Supplied) -> tuple[str, str]:
    """Draw one supplied factor."""
    values = shown(run, part.mean)
    chosen = part.settings
    quality = QUALITIES["fictional" if run.settings.case.fictional else chosen.quality]
    picture = map_of(
        run.study,
        values,
        title=part.title,
        unit=f"{chosen.unit}, gemiddeld bij de woning",
        classes=level_classes(values),
        note=f"Aangeleverd. Kwaliteit: {quality}, {chosen.year}",
    )
    return picture, f"Kaart van {part.title} per buurt. Het gemiddelde staat in de tabel."
