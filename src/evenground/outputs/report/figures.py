"""Figures of the report as pictures inside the page: maps and the trade-off plot.

Takes arrays; gives data addresses. The same input gives the same bytes.
"""

import base64
import io
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from cmcrameri import cm
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from evenground.outputs.report.classes import Classes, Colour
from evenground.results.numbers import compact
from evenground.study import StudyArea, square_at

Float = NDArray[np.float64]
MOST_PIXELS = 700
"""Longest side of a map, in cells drawn."""
WIDTH_IN, DPI = 4.6, 140
UNKNOWN, OUTLINE = (0.70, 0.70, 0.70), (1.0, 1.0, 1.0)
UNKNOWN_LABEL = "onbekend of te weinig inwoners"
KINDS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#000000")
"""Colours of Okabe and Ito, which all readers can tell apart."""
MARKS = "osD^vP*Xhd<>"
BESIDE = ((6, 5), (-14, 5), (6, -13), (-14, -13))
"""Where the number of a proposal stands beside its mark, so that two close ones stay apart."""

mpl.rcParams |= {"font.family": "DejaVu Sans", "font.size": 9, "svg.hashsalt": "evenground"}
mpl.rcParams["text.parse_math"] = False


def map_of(
    study: StudyArea,
    values: Float,
    *,
    title: str,
    unit: str,
    classes: Classes,
    note: str,
    unknown: str = UNKNOWN_LABEL,
) -> str:
    """Return a map of neighbourhoods in classes, as the address of a picture.

    Parameters
    ----------
    values : (neighbourhood,)
        NaN is drawn in grey as unknown.
    note
        How good the layers are; stands below the map wherever that goes.
    unknown
        What the grey means.
    """
    zone = _small(study.zone.to_numpy())
    index = np.append(classes.index(values), -1)
    shown = np.where(zone >= 0, index[np.maximum(zone, 0)], -2)
    picture = np.where(_borders(zone), -3, shown)
    used = [k for k in range(len(classes.labels)) if (index == k).any()]
    legend = [(classes.labels[k], classes.colours[k]) for k in used]
    if (shown == -1).any():
        legend.append((unknown, UNKNOWN))
    colours = [OUTLINE, (1.0, 1.0, 1.0), UNKNOWN, *classes.colours]
    return _draw(study, picture + 3, colours, legend, (title, unit, note))


def works_map(
    study: StudyArea,
    works: pd.DataFrame,
    names: dict[str, str],
    words: tuple[str, str] | None = None,
) -> str:
    """Return a map of where is built, as the address of a picture.

    Parameters
    ----------
    works
        site, intervention and capital_eur; where a site has several interventions, the
        dearest one shows.
    names
        Name of every intervention of the case, by id, in the order of their colours.
    words
        Title and what a place is; absent = in Dutch.
    """
    works = works.sort_values("capital_eur", kind="stable")
    ids = list(names)
    shown = np.full(len(study.sites), -1)
    # of one site the last one stands: the dearest
    shown[works["site"].to_numpy(int)] = [2 + ids.index(name) for name in works["intervention"]]
    ground = _on_sites(study, shown)
    used = [k for k, name in enumerate(ids) if (works["intervention"] == name).any()]
    colours = [mpl.colors.to_rgb(KINDS[k % len(KINDS)]) for k in range(len(ids))]
    legend = [(names[ids[k]].split(":")[0], colours[k]) for k in used]
    dutch = ("Waar wordt gebouwd?", f"{_each_site(study)}; de duurste maatregel telt")
    title, unit = dutch if words is None else words
    return _draw(study, _small(ground), [(1.0, 1.0, 1.0), (0.88, 0.88, 0.88), *colours],
                 legend, (title, unit, ""))  # fmt: skip


def _on_sites(study: StudyArea, shown: NDArray[np.integer]) -> NDArray[np.integer]:
    """Lay a number of each site (site,) on its cells (y, x); else 1, or 0 outside the area.

    A site below zero is not shown. One without a cell shows in the cell of its middle.
    """
    ground = np.where(study.zone.to_numpy() >= 0, 1, 0)
    site = study.sites.cell
    on = np.where(site >= 0, shown[np.maximum(site, 0)], -1)
    ground = np.where(on >= 0, on, ground)
    bare = np.setdiff1d(np.flatnonzero(shown >= 0), site)
    at = square_at(study.grid, study.grid.cell_m, study.sites.x[bare], study.sites.y[bare])
    ground.ravel()[at[at >= 0]] = shown[bare[at >= 0]]
    return ground


EACH_NL = {
    "streets": "elk vlak is een straatdeel met de grond erlangs",
    "polygons": "elk vlak is aangeleverd",
    "neighbourhoods": "elk vlak is een buurt",
}
"""What an area on the map of works is, by kind of site."""


def _each_site(study: StudyArea) -> str:
    """Say in Dutch what each site is."""
    square = f"elk vakje is {study.site_m} bij {study.site_m} meter"
    return EACH_NL.get(study.sites.kind, square)


def _small(grid: NDArray[np.integer]) -> NDArray[np.integer]:
    """Thin a grid to what a screen can show."""
    step = max(1, max(grid.shape) // MOST_PIXELS)
    return grid[::step, ::step]


def _borders(zone: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Cells whose neighbour below or to the right lies in another neighbourhood."""
    out = np.zeros(zone.shape, bool)
    out[:-1] |= (zone[:-1] != zone[1:]) & (zone[:-1] >= 0)
    out[:, :-1] |= (zone[:, :-1] != zone[:, 1:]) & (zone[:, :-1] >= 0)
    return out


def _draw(
    study: StudyArea,
    picture: NDArray[np.integer],
    colours: Sequence[Colour],
    legend: list[tuple[str, Colour]],
    text: tuple[str, str, str],
) -> str:
    """Draw a grid of colour numbers with its title, unit, note and legend."""
    title, unit, note = text
    tall = WIDTH_IN * picture.shape[0] / picture.shape[1]
    n_column = 1 if any(len(label) > 31 for label, _ in legend) else 2
    n_row = -(-len(legend) // n_column)
    below = 0.19 * n_row + 0.2 + (0.2 if note else 0.0)
    height = tall + below + 0.5
    figure = Figure(figsize=(WIDTH_IN, height), dpi=DPI)
    axes = figure.add_axes((0.0, below / height, 1.0, tall / height))
    left, bottom, right, top = study.grid.bounds
    axes.imshow(picture, cmap=ListedColormap(list(colours)), vmin=-0.5, vmax=len(colours) - 0.5,
                extent=(left, right, bottom, top), interpolation="nearest")  # fmt: skip
    axes.set_axis_off()
    figure.text(0.02, 1.0 - 0.08 / height, title, fontsize=11, weight="bold", va="top")
    figure.text(0.02, 1.0 - 0.29 / height, unit, fontsize=8, va="top")
    _scale_bar(axes, study.grid.bounds)
    handles = [Patch(facecolor=colour, edgecolor="0.3", linewidth=0.5) for _, colour in legend]
    figure.legend(handles, [label for label, _ in legend], loc="lower left", ncols=n_column,
                  bbox_to_anchor=(0.0, (0.22 if note else 0.02) / height), frameon=False,
                  fontsize=8.5, columnspacing=1.2, handlelength=1.4)  # fmt: skip
    figure.text(0.02, 0.06 / height, note, fontsize=7.5, color="0.25")
    return address(figure)


def _scale_bar(axes: mpl.axes.Axes, bounds: tuple[int, int, int, int]) -> None:
    """Draw a bar of whole kilometres or hundreds of metres, and north."""
    left, bottom, right, top = bounds
    width = right - left
    length = next((m for m in (10_000, 5_000, 2_000, 1_000, 500, 200, 100) if m < width / 4), 50)
    x, y = left + 0.03 * width, bottom + 0.02 * (top - bottom)
    axes.plot([x, x + length], [y, y], color="black", linewidth=3, solid_capstyle="butt")
    label = f"{length // 1000} km" if length >= 1000 else f"{length} m"
    axes.text(x + length / 2, y + 0.015 * (top - bottom), label, ha="center", fontsize=8)
    axes.annotate("N", (right - 0.04 * width, top - 0.02 * width),
                  (right - 0.04 * width, top - 0.11 * width), ha="center", fontsize=9,
                  arrowprops={"arrowstyle": "->"})  # fmt: skip


def trade_off(
    x: Float, y: Float, marks: list[tuple[str, float, float]], *, labels: tuple[str, str, str]
) -> str:
    """Return a plot of two sides of all plans, as the address of a picture.

    Parameters
    ----------
    x, y : (candidate,)
        More is better, or dearer.
    marks
        Name of each proposal, and where it stands.
    labels
        Title, and what lies along x and y.
    """
    figure = Figure(figsize=(5.4, 5.0), dpi=DPI)
    axes = figure.add_axes((0.13, 0.3, 0.84, 0.62))
    axes.scatter(x, y, s=5, color="0.45", alpha=0.35, linewidths=0, rasterized=True)
    colours = cm.batlow(np.linspace(0.05, 0.9, max(len(marks), 1)))
    handles = [Line2D([], [], marker=".", linestyle="", color="0.5", label="een gevonden plan")]
    for k, (name, at_x, at_y) in enumerate(marks):
        style = {"marker": MARKS[k % len(MARKS)], "color": colours[k], "markeredgecolor": "black"}
        axes.plot([at_x], [at_y], markersize=9, zorder=3, **style)
        box = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.7}
        axes.annotate(str(k + 1), (at_x, at_y), BESIDE[k % len(BESIDE)], zorder=4, bbox=box,
                      textcoords="offset points", fontsize=9, weight="bold")  # fmt: skip
        label = f"{k + 1} {name}"
        handles.append(Line2D([], [], linestyle="", markersize=7, label=label, **style))
    title, along_x, along_y = labels
    axes.set_title(title, fontsize=11, weight="bold", loc="left")
    axes.set_xlabel(along_x)
    axes.set_ylabel(along_y)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    axes.margins(0.08)
    axes.grid(visible=True, color="0.9")
    axes.set_axisbelow(True)
    figure.legend(handles=handles, loc="lower left", ncols=2, frameon=False, fontsize=8.5,
                  bbox_to_anchor=(0.06, 0.0))  # fmt: skip
    return address(figure)


def interval_chart(names: list[str], ends: Float, *, title: str, unit: str) -> str:
    """Return the margins of plans under each other, as the address of a picture.

    Parameters
    ----------
    ends : (plan, 4)
        Low, median and high of the draws, and the outcome with every number at its middle.
    """
    height = 0.95 + 0.36 * len(names)
    figure = Figure(figsize=(5.4, height), dpi=DPI)
    axes = figure.add_axes((0.34, 0.55 / height, 0.62, (height - 0.95) / height))
    place = np.arange(len(names))[::-1]
    axes.hlines(place, ends[:, 0], ends[:, 2], color=KINDS[4], linewidth=3.5, alpha=0.55)
    axes.plot(ends[:, 1], place, "|", color=KINDS[4], markersize=12, markeredgewidth=2)
    axes.plot(ends[:, 3], place, "o", color="black", markersize=4.5)
    axes.axvline(0.0, color="0.5", linewidth=0.8)
    axes.set_yticks(place, [f"{k + 1}. {name}" for k, name in enumerate(names)])
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlabel(f"{unit}\nlijn: marge; streep: mediaan; stip: middelste waarden", fontsize=8)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    axes.grid(visible=True, axis="x", color="0.9")
    axes.set_axisbelow(True)
    figure.text(0.02, 1.0 - 0.08 / height, title, fontsize=11, weight="bold", va="top")
    return address(figure)


def years_chart(years: list[int], lines: list[tuple[str, list[float], list[float]]]) -> str:
    """Return what proposals win by the end of each year, as the address of a picture.

    Parameters
    ----------
    lines
        Name of a proposal, and DALY per year that are won by what stands, and by the best that
        was found for the same money with nothing built before; both (year,).
    """
    figure = Figure(figsize=(5.4, 4.2), dpi=DPI)
    axes = figure.add_axes((0.13, 0.37, 0.84, 0.53))
    colours = cm.batlow(np.linspace(0.05, 0.9, max(len(lines), 1)))
    handles = [Line2D([], [], linestyle=":", color="0.3", label="beste als alles nog open is")]
    for k, (name, stands, afresh) in enumerate(lines):
        style = {"marker": MARKS[k % len(MARKS)], "color": colours[k], "markersize": 6}
        axes.plot(years, afresh, linestyle=":", color=colours[k])
        axes.plot(years, stands, markeredgecolor="black", **style)
        handles.append(Line2D([], [], label=f"{k + 1} {name}", markeredgecolor="black", **style))
    axes.set_title("Hoeveel is er elk jaar gewonnen?", fontsize=11, weight="bold", loc="left")
    axes.set_xticks(years, [str(year) for year in years])
    axes.set_xlabel("eind van het jaar")
    axes.set_ylabel("DALY per jaar gewonnen")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    axes.margins(0.08)
    axes.grid(visible=True, color="0.9")
    axes.set_axisbelow(True)
    figure.legend(handles=handles, loc="lower left", ncols=2, frameon=False, fontsize=8.5,
                  bbox_to_anchor=(0.06, 0.0))  # fmt: skip
    return address(figure)


OFTEN = (
    ("altijd (minstens 95 %)", 0.95, (0.0, 0.25, 0.45)),
    ("vaak (50 tot 95 %)", 0.5, (0.0, 0.45, 0.7)),
    ("soms (5 tot 50 %)", 0.05, (0.34, 0.71, 0.91)),
    ("zelden (minder dan 5 %)", 1e-9, (0.78, 0.89, 0.95)),
)
"""Classes of how often a site is chosen, from the lowest share of the draws, and their colours."""


def frequency_map(study: StudyArea, sites: pd.DataFrame) -> str:
    """Return a map of how often each site is chosen, as the address of a picture.

    Parameters
    ----------
    sites
        site, and chosen, the share of the draws (0-1).
    """
    shown = np.full(len(study.sites), -1)
    for site, share in zip(sites["site"].to_numpy(int), sites["chosen"], strict=True):
        kind = next((k for k, (_, least, _) in enumerate(OFTEN) if share >= least), None)
        if kind is not None:
            shown[site] = 2 + kind
    ground = _on_sites(study, shown)
    colours = [(1.0, 1.0, 1.0), (0.88, 0.88, 0.88), *(colour for _, _, colour in OFTEN)]
    legend = [(label, colour) for label, _, colour in OFTEN]
    unit = f"{_each_site(study)}; deel van de trekkingen"
    return _draw(study, _small(ground), [*colours], legend,
                 ("Hoe vaak is bouwen hier een goede keuze?", unit, ""))  # fmt: skip


def curves(lines: dict[str, tuple[Float, Float]], *, labels: tuple[str, str, str]) -> str:
    """Return cumulative curves with the diagonal of equality, as the address of a picture.

    Parameters
    ----------
    lines
        Name of each curve, with shares (0-1) of the people and of the burden (point,).
    labels
        Title, and what lies along x and y.
    """
    figure = Figure(figsize=(5.4, 5.0), dpi=DPI)
    axes = figure.add_axes((0.13, 0.24, 0.84, 0.68))
    axes.plot([0, 100], [0, 100], color="0.5", linewidth=1, label="iedereen draagt even veel")
    styles = zip(lines.items(), (KINDS[4], KINDS[5]), ("-", "--"), strict=False)
    for (name, (people, load)), colour, dash in styles:
        axes.plot(100.0 * people, 100.0 * load, color=colour, linestyle=dash, label=name)
    title, along_x, along_y = labels
    axes.set_title(title, fontsize=11, weight="bold", loc="left")
    axes.set_xlabel(along_x)
    axes.set_ylabel(along_y)
    axes.grid(visible=True, color="0.9")
    axes.set_axisbelow(True)
    axes.set_aspect("equal")
    figure.legend(loc="lower left", frameon=False, fontsize=8.5, bbox_to_anchor=(0.06, 0.0))
    return address(figure)


def address(figure: Figure) -> str:
    """Return a picture as a data address."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
