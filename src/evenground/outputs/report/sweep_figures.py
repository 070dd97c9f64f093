"""Figures of the page of a sweep, as pictures inside the page.

Takes the columns of its tables; the same input gives the same bytes.
"""

from typing import Any

import numpy as np
import pandas as pd
from cmcrameri import cm
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from evenground.outputs.report.figures import DPI, KINDS, address
from evenground.results.numbers import compact

Float = NDArray[np.float64]
WIDE = 0.08
"""Half of the width in which the runs of one level are spread, so that none hides another."""
MILLION = 1e6
"""From here on numbers of an axis are told in millions, so that they stand apart."""
MOST_LEVELS = 8
"""Most levels of numbers that stand side by side; more of them stand on an axis."""


def by_setting(setting: "pd.Series[Any]", values: Float, name: str, outcome: str) -> str:
    """Return an outcome of every run (run,) by a setting, as the address of a picture."""
    figure = Figure(figsize=(4.6, 3.4), dpi=DPI)
    axes = figure.add_axes((0.17, 0.17, 0.8, 0.7))
    levels = list(dict.fromkeys(setting.tolist()))
    is_number = all(isinstance(one, int | float) and not isinstance(one, bool) for one in levels)
    if is_number and len(levels) > MOST_LEVELS:
        place = setting.to_numpy(float)
        if float(np.abs(place).max()) >= MILLION:
            place, name = place / MILLION, f"{name} (miljoen)"
        axes.plot(place, values, "o", color=KINDS[4], markersize=4, alpha=0.7)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    else:
        levels = sorted(levels) if is_number else levels
        _side_by_side(axes, setting, values, levels)
    axes.set_xlabel(name)
    axes.set_ylabel(outcome, fontsize=8)
    axes.set_title(f"{outcome} naar instelling", fontsize=10, weight="bold", loc="left")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    axes.grid(visible=True, color="0.9")
    axes.set_axisbelow(True)
    return address(figure)


def _side_by_side(axes: Axes, setting: "pd.Series[Any]", values: Float, levels: list[Any]) -> None:
    """Draw the runs of every level, and their mean."""
    for k, level in enumerate(levels):
        here = values[(setting == level).to_numpy()]
        spread = np.linspace(-WIDE, WIDE, here.size) if here.size > 1 else np.zeros(1)
        axes.plot(k + spread, here, "o", color=KINDS[4], markersize=4, alpha=0.7)
        axes.hlines(here.mean(), k - 2.5 * WIDE, k + 2.5 * WIDE, color="black", linewidth=1.5)
    names = [compact(float(one)) if isinstance(one, int | float) else str(one) for one in levels]
    axes.set_xticks(range(len(levels)), [name[:18] for name in names])
    axes.set_xlim(-0.6, len(levels) - 0.4)


def reached(table: pd.DataFrame) -> str:
    """Return the least burden by money: of the best run, of half of them and of all."""
    figure = Figure(figsize=(5.4, 4.0), dpi=DPI)
    axes = figure.add_axes((0.14, 0.14, 0.83, 0.76))
    money = table["capital"].to_numpy(float) / 1e6
    lines = (
        ("best", "beste run", "-", KINDS[2]),
        ("half", "de helft van de runs", "-", KINDS[4]),
        ("all", "alle runs", "--", KINDS[5]),
    )
    for name, label, style, colour in lines:
        values = table[name].to_numpy(float)
        axes.step(money, values, style, where="post", color=colour, label=label)
    axes.set_title("Wat haalt elk bedrag?", fontsize=11, weight="bold", loc="left")
    axes.set_xlabel("aanleg (miljoen euro)")
    axes.set_ylabel("ziektelast (DALY per jaar)")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    axes.grid(visible=True, color="0.9")
    axes.legend(frameon=False)
    return address(figure)


def sites_map(sites: pd.DataFrame) -> str:
    """Return a map of sites by the share of runs that chose them."""
    figure = Figure(figsize=(4.6, 4.6), dpi=DPI)
    axes = figure.add_axes((0.02, 0.16, 0.96, 0.76))
    squares = [
        Rectangle((x, y), side, side)
        for x, y, side in zip(sites["x_m"], sites["y_m"], sites["site_m"], strict=True)
    ]
    drawn = PatchCollection(squares, cmap=cm.batlow_r, linewidths=0)
    drawn.set_array(100.0 * sites["share"].to_numpy(float))
    drawn.set_clim(0.0, 100.0)
    axes.add_collection(drawn)
    axes.autoscale_view()
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title("Welke plekken houden stand?", fontsize=11, weight="bold", loc="left")
    bar = figure.add_axes((0.15, 0.1, 0.7, 0.03))
    figure.colorbar(drawn, cax=bar, orientation="horizontal", label="gekozen in % van de runs")
    return address(figure)
