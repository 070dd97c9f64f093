"""Figures of the report as pictures inside the page: maps and the trade-off plot.

Takes arrays; gives data addresses. The same input gives the same bytes.
"""

import base64
import io

import matplotlib as mpl
import numpy as np
from cmcrameri import cm
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from evenground.study import StudyArea

Float = NDArray[np.float64]
MOST_PIXELS = 700
"""Longest side of a map, in cells drawn."""

mpl.rcParams |= {"font.family": "DejaVu Sans", "font.size": 9, "svg.hashsalt": "evenground"}


def map_of(
    study: StudyArea, values: Float, *, title: str, unit: str, edges: Float, name: str
) -> str:
    """Return a map of neighbourhoods in classes, as the address of a picture.

    Parameters
    ----------
    values : (neighbourhood,)
        NaN is drawn in grey as unknown.
    edges : (class + 1,)
        Bounds of the classes.
    name
        Colour map of Crameri: batlow for a level, vik for a difference.
    """
    zone = study.zone.to_numpy()
    step = max(1, max(zone.shape) // MOST_PIXELS)
    small = zone[::step, ::step]
    picture = np.where(small >= 0, values[np.maximum(small, 0)], np.nan)
    figure = Figure(figsize=(5.2, 5.2 * small.shape[0] / small.shape[1] + 0.9), dpi=110)
    axes = figure.add_axes((0.01, 0.16, 0.98, 0.78))
    left, bottom, right, top = study.grid.bounds
    axes.imshow(np.where(small >= 0, 0.86, np.nan), cmap="gray", vmin=0, vmax=1,
                extent=(left, right, bottom, top))  # fmt: skip
    norm = BoundaryNorm(edges, 256)
    shown = axes.imshow(picture, cmap=getattr(cm, name), norm=norm,
                        extent=(left, right, bottom, top), interpolation="nearest")  # fmt: skip
    axes.set_axis_off()
    axes.set_title(title, fontsize=10)
    _scale_bar(axes, study.grid.bounds)
    bar = figure.add_axes((0.12, 0.09, 0.76, 0.03))
    figure.colorbar(shown, cax=bar, orientation="horizontal", ticks=edges, format="%.3g")
    bar.set_xlabel(f"{unit} (grijs: onbekend of geen inwoners)", fontsize=8)
    bar.tick_params(labelsize=7)
    return _address(figure)


def _scale_bar(axes: mpl.axes.Axes, bounds: tuple[int, int, int, int]) -> None:
    """Draw a bar of whole kilometres or hundreds of metres, and north."""
    left, bottom, right, top = bounds
    width = right - left
    length = next((m for m in (10_000, 5_000, 2_000, 1_000, 500, 200, 100) if m < width / 4), 50)
    x, y = left + 0.03 * width, bottom + 0.04 * (top - bottom)
    axes.plot([x, x + length], [y, y], color="black", linewidth=3, solid_capstyle="butt")
    label = f"{length // 1000} km" if length >= 1000 else f"{length} m"
    axes.text(x + length / 2, y + 0.015 * (top - bottom), label, ha="center", fontsize=8)
    axes.annotate("N", (right - 0.04 * width, top - 0.03 * width),
                  (right - 0.04 * width, top - 0.12 * width), ha="center", fontsize=9,
                  arrowprops={"arrowstyle": "->"})  # fmt: skip


def trade_off(
    cost: Float, burden: Float, is_seed: NDArray[np.bool_], marks: list[tuple[str, float, float]]
) -> str:
    """Return the plot of burden avoided against cost, as the address of a picture.

    Parameters
    ----------
    cost, burden : (candidate,)
        Million euros to build, and DALY per year less than today.
    marks
        Name, cost and burden of each proposal.
    """
    figure = Figure(figsize=(7.6, 4.4), dpi=110)
    axes = figure.add_axes((0.1, 0.13, 0.87, 0.82))
    axes.scatter(cost, burden, s=7, color="0.65", label="alle plannen van het front")
    axes.scatter(cost[is_seed], burden[is_seed], s=9, color="0.4", marker="x", label="startplannen")
    colours = cm.batlow(np.linspace(0.05, 0.85, max(len(marks), 1)))
    for k, (name, x, y) in enumerate(marks):
        axes.scatter([x], [y], s=70, color=colours[k], marker="osD^vP*Xhd<>"[k % 12],
                     edgecolor="black", label=name, zorder=3)  # fmt: skip
    axes.set_xlabel("kosten van aanleg (miljoen euro)")
    axes.set_ylabel("ziektelast minder dan nu (DALY per jaar)")
    axes.grid(visible=True, color="0.9")
    axes.legend(fontsize=8, loc="upper left")
    return _address(figure)


def classes(values: Float, count: int = 6) -> Float:
    """Return rounded bounds of even classes over the known values."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if high <= low:
        high = low + 1.0
    return np.linspace(low, high, count + 1)


def even_classes(values: Float, count: int = 6) -> Float:
    """Return bounds of classes that lie evenly around zero."""
    known = np.abs(values[np.isfinite(values)])
    most = float(known.max()) if known.size and known.max() > 0.0 else 1.0
    return np.linspace(-most, most, count + 1)


def _address(figure: Figure) -> str:
    """Return a picture as a data address."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
