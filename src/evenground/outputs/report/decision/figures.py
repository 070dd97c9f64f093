"""The figures of the decision document: maps before and after, and who gains.

Takes arrays and words; gives data addresses. The same input gives the same bytes.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from evenground.outputs.report.classes import Classes, difference_classes, level_classes
from evenground.outputs.report.decision.words import Words
from evenground.outputs.report.figures import DPI, KINDS, address, map_of
from evenground.results.numbers import decimals_of
from evenground.study import StudyArea

Float = NDArray[np.float64]


def maps_of(study: StudyArea, now: Float, after: Float, words: Words) -> list[tuple[str, str]]:
    """Return maps of today, of after and of the difference, each with its text.

    Parameters
    ----------
    now, after : (neighbourhood,)
        DALY per 1000 residents per year; NaN is drawn as unknown.
    """
    level = _level(np.concatenate([now, after]), words)
    change = _difference(after - now, words)
    return [
        (
            map_of(study, values, title=words(f"maps.{key}"), unit=words("maps.unit"),
                   classes=classes, note="", unknown=words("doc.few")),
            words(f"maps.alt_{key}"),
        )
        for key, values, classes in (
            ("today", now, level), ("after", after, level), ("difference", after - now, change)
        )
    ]  # fmt: skip


def gains_chart(names: list[str], gains: Float, words: Words) -> str:
    """Return bars of what each group gains, as the address of a picture.

    Parameters
    ----------
    gains : (group,)
        DALY per 1000 residents per year less than today.
    """
    height = 1.0 + 0.34 * len(names)
    figure = Figure(figsize=(5.4, height), dpi=DPI)
    axes = figure.add_axes((0.3, 0.55 / height, 0.66, (height - 1.0) / height))
    place = np.arange(len(names))[::-1]
    axes.barh(place, gains, color=KINDS[4], height=0.62)
    axes.axvline(0.0, color="0.3", linewidth=0.8)
    axes.set_yticks(place, names)
    axes.set_xlabel(words("people.chart_unit"), fontsize=8.5)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value, 2)))
    axes.grid(visible=True, axis="x", color="0.9")
    axes.set_axisbelow(True)
    figure.text(0.02, 1.0 - 0.08 / height, words("people.chart"), fontsize=11, weight="bold",
                va="top")  # fmt: skip
    return address(figure)


def _level(values: Float, words: Words) -> Classes:
    """Return the classes of levels, in words."""
    classes = level_classes(values)
    decimals = _decimals(classes.bounds)
    text = [words.number(bound, decimals) for bound in classes.bounds]
    middle = [words("maps.to", low=a, high=b) for a, b in pairwise(text)]
    under = words("maps.under", bound=text[0])
    labels = (under, *middle, words("maps.over", bound=text[-1]))
    return replace(classes, labels=labels)


def _difference(values: Float, words: Words) -> Classes:
    """Return the classes of differences, in words."""
    classes = difference_classes(values)
    step = classes.bounds[4]
    fine, coarse = decimals_of(classes.bounds[3]), decimals_of(step)
    a, b, c, d, e, f = (
        words.change(bound, fine if k in (2, 3) else coarse)
        for k, bound in enumerate(classes.bounds)
    )
    labels = (
        words("maps.down", bound=a),
        words("maps.to", low=a, high=b),
        words("maps.to", low=b, high=c),
        words("maps.same", bound=words.number(classes.bounds[3], fine)),
        words("maps.to", low=d, high=e),
        words("maps.to", low=e, high=f),
        words("maps.over", bound=f),
    )
    return replace(classes, labels=labels)


def _decimals(bounds: tuple[float, ...]) -> int:
    """Return how many decimals the steps between bounds need."""
    return decimals_of(bounds[1] - bounds[0]) if len(bounds) > 1 else decimals_of(bounds[0] or 1.0)
