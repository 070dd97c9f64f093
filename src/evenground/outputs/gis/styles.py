"""QGIS styles that travel inside a GeoPackage, in colours that all can tell apart."""

from html import escape
from itertools import pairwise

import numpy as np
from cmcrameri import cm
from numpy.typing import NDArray

CLASSES = 6


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


def difference_style(column: str, values: NDArray[np.float64]) -> str:
    """Return a style for a difference: even classes around zero, blue is better."""
    known = np.abs(values[np.isfinite(values)])
    most = float(known.max()) if known.size and known.max() > 0.0 else 1.0
    edges = np.linspace(-most, most, CLASSES + 1)
    ranges = "".join(
        f'<range lower="{low:.9g}" upper="{high:.9g}" label="{low:.3g} tot {high:.3g}" '
        f'symbol="{k}" render="true"/>'
        for k, (low, high) in enumerate(pairwise(edges.tolist()))
    )
    symbols = "".join(_symbol(k, _colour((k + 0.5) / CLASSES, "vik")) for k in range(CLASSES))
    return (
        '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM"><qgis version="3.34">'
        f'<renderer-v2 type="graduatedSymbol" attr="{escape(column)}" '
        f'graduatedMethod="GraduatedColor"><ranges>{ranges}</ranges>'
        f"<symbols>{symbols}</symbols></renderer-v2></qgis>"
    )
