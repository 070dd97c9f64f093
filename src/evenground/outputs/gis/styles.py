"""QGIS styles that travel inside a GeoPackage, in colours that all can tell apart."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np
from cmcrameri import cm
from numpy.typing import NDArray

from evenground.results.numbers import change, decimals_of, round_step

NEUTRAL = 0.1
"""Part of a step, either side of zero, in which nothing is said to have changed."""


def _colour(position: float, name: str) -> str:
    """Colour of a Crameri map at a position (0-1), as QGIS writes it."""
    red, green, blue, _ = (round(255 * part) for part in getattr(cm, name)(position))
    return f"{red},{green},{blue},255"


def _symbol(number: int, colour: str) -> str:
    """One fill with a thin outline."""
    return (
        f'<symbol type="fill" name="{number}" alpha="1"><layer class="SimpleFill" enabled="1">'
        f'<Option type="Map"><Option type="QString" name="color" value="{colour}"/>'
        '<Option type="QString" name="outline_color" value="90,90,90,255"/>'
        '<Option type="QString" name="outline_width" value="0.1"/>'
        '<Option type="QString" name="style" value="solid"/></Option></layer></symbol>'
    )


def works_style(kinds: dict[str, str]) -> str:
    """Return a style with a colour for each intervention (id = Dutch name)."""
    names = sorted(kinds)
    categories = "".join(
        f'<category value="{escape(name)}" label="{escape(kinds[name])}" symbol="{k}" '
        'render="true"/>'
        for k, name in enumerate(names)
    )
    symbols = "".join(
        _symbol(k, _colour((k + 0.5) / max(len(names), 1), "batlow")) for k in range(len(names))
    )
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM"><qgis version="3.34">'
        f'<renderer-v2 type="categorizedSymbol" attr="maatregel"><categories>{categories}'
        f"</categories><symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


def score_style(column: str, words: Sequence[str]) -> str:
    """Return a style with a colour for each whole score from zero up; darker is worse."""
    categories = "".join(
        f'<category value="{k}" label="{k} {escape(word)}" symbol="{k}" render="true"/>'
        for k, word in enumerate(words)
    )
    places = np.linspace(0.95, 0.05, len(words)).tolist()
    symbols = "".join(_symbol(k, _colour(place, "batlow")) for k, place in enumerate(places))
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM"><qgis version="3.34">'
        f'<renderer-v2 type="categorizedSymbol" attr="{escape(column)}"><categories>{categories}'
        f"</categories><symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


def difference_style(column: str, values: NDArray[np.float64]) -> str:
    """Return a style for a difference: round classes around zero, blue is less, brown is more."""
    known = np.abs(values[np.isfinite(values)])
    step = round_step(float(np.quantile(known, 0.98)) / 3.0 if known.size else 1.0)
    most = max(float(known.max(initial=0.0)), 2.0 * step) * (1.0 + 1e-9) + step
    edges = (-most, -2.0 * step, -step, -NEUTRAL * step, NEUTRAL * step, step, 2.0 * step, most)
    ranges = "".join(
        f'<range lower="{low:.9g}" upper="{high:.9g}" label="{_label(k, edges)}" '
        f'symbol="{k}" render="true"/>'
        for k, (low, high) in enumerate(pairwise(edges))
    )
    n = len(edges) - 1
    symbols = "".join(_symbol(k, _colour((k + 0.5) / n, "vik")) for k in range(n))
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM"><qgis version="3.34">'
        f'<renderer-v2 type="graduatedSymbol" attr="{escape(column)}" '
        f'graduatedMethod="GraduatedColor"><ranges>{ranges}</ranges>'
        f"<symbols>{symbols}</symbols></renderer-v2></qgis>"
    )


def _label(k: int, edges: tuple[float, ...]) -> str:
    """Dutch label of a class; the first and the last are open."""
    decimals = max(decimals_of(edge) for edge in edges[4:7])
    low, high = change(edges[k], decimals), change(edges[k + 1], decimals)
    if k == 0:
        return f"{high} of minder"
    if k == len(edges) - 2:
        return f"{low} of meer"
    return "bijna gelijk" if edges[k] < 0.0 < edges[k + 1] else f"{low} tot {high}"
