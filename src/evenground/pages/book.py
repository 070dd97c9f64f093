"""What a page reads: the contents of a run as they were written, and the few sums that pages need.

Loads nothing heavy: no arrays, no maps.
"""

import json
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from evenground.dutch import number
from evenground.errors import DataError, Fault
from evenground.pages.form import FORMAT, NAME

Plain = dict[str, Any]

WORSE_HATCH = 4
"""First class of a difference that is higher than today; such classes are hatched as well."""
UNKNOWN = "#b3b3b3"
MARKS = ("circle", "rect", "diamond", "triangle", "pin", "arrow", "roundRect")
"""Marks of the proposals in a chart, so that colour is never alone."""
COLOURS = ("#0b2b5c", "#28645f", "#828231", "#ea995e", "#7c1b06", "#1c6d9c", "#8a4f7d")
"""Colours of the proposals in a chart; their numbers and marks say the same."""


def read_book(folder: Path) -> "Book":
    """Return what the pages of a run say.

    Raises
    ------
    DataError
        If the run has no pages, or pages of another form.
    """
    path = folder / NAME
    try:
        contents = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        cure = "Run the case again with this version."
        raise DataError([Fault(str(path), "cannot be read.", cure)]) from error
    form = contents.get("format") if isinstance(contents, dict) else None
    if form != FORMAT:
        cure = "Run the case again, or use the version that wrote it."
        raise DataError([Fault(str(path), f"found form {form!r}, expected {FORMAT}.", cure)])
    return Book(contents)


@dataclass(frozen=True)
class Book:
    """The contents of one run."""

    contents: Plain

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - plain values of a file
        return self.contents[key]

    @cached_property
    def place(self) -> dict[str, int]:
        """Index of each neighbourhood by its code."""
        return {row["code"]: k for k, row in enumerate(self["neighbourhoods"])}

    @cached_property
    def proposal(self) -> dict[str, Plain]:
        """Each proposal by its id, with its number, colour and mark."""
        return {
            p["id"]: p
            | {"number": k + 1, "colour": COLOURS[k % len(COLOURS)], "mark": MARKS[k % len(MARKS)]}
            for k, p in enumerate(self["proposals"])
        }

    @cached_property
    def theme(self) -> dict[str, Plain]:
        """Each theme of the maps by its key."""
        return {theme["key"]: theme for theme in self["themes"]}

    @cached_property
    def paths(self) -> list[str]:
        """Outline of each neighbourhood as a path of SVG, in metres from the upper left."""
        left, _, _, top = self["bounds"]
        return [
            "".join(_path(ring, left, top) for polygon in outline for ring in polygon)
            for outline in self["outlines"]
        ]

    @property
    def view_box(self) -> str:
        """Room of every map."""
        left, bottom, right, top = self["bounds"]
        return f"0 0 {right - left} {top - bottom}"

    def level_map(self, theme: str, values: list[float | None]) -> Plain:
        """Return a map of levels: a colour for each neighbourhood, and its legend."""
        return self._map(theme, values, "level")

    def difference_map(self, theme: str, after: list[float | None]) -> Plain:
        """Return a map of what changes against today."""
        return self._map(theme, differences(self["now"][theme], after), "difference")

    def _map(self, theme: str, values: list[float | None], kind: str) -> Plain:
        """Return the colour, hatch and figure of each neighbourhood, and the legend."""
        classes = self["scales"][theme][kind]
        index = [class_of(value, classes["bounds"]) for value in values]
        hatched = range(WORSE_HATCH, 99) if kind == "difference" else range(0)
        shapes = [
            {
                "place": k,
                "name": self["neighbourhoods"][k]["name"],
                "value": values[k],
                "colour": UNKNOWN if at is None else classes["colours"][at],
                "hatch": at in hatched,
            }
            for k, at in enumerate(index)
        ]
        legend = [
            {"label": label, "colour": colour, "hatch": at in hatched}
            for at, (label, colour) in enumerate(
                zip(classes["labels"], classes["colours"], strict=True)
            )
            if at in index
        ]
        if None in index:
            legend.append({"label": "onbekend of te weinig inwoners", "colour": UNKNOWN})
        return {"theme": self.theme[theme], "kind": kind, "shapes": shapes, "legend": legend}

    def site_path(self, site: int, x: int, y: int) -> str:
        """Return a site as a path of SVG: its shape, or the square with this lower left corner."""
        left, _, _, top = self["bounds"]
        shape = self["sites"]["shapes"].get(str(site))
        if shape is not None:
            return "".join(_path(ring, left, top) for polygon in shape for ring in polygon)
        side = self["site_m"]
        return f"M{x - left} {top - y - side}h{side}v{side}h-{side}z"

    def site_label(self, site: int) -> str:
        """Return what a site is called: its name, or its number where it has none."""
        return self["sites"].get("names", {}).get(str(site)) or str(site)

    def is_named(self, site: int) -> bool:
        """Say whether a site has a name of its own."""
        return str(site) in self["sites"].get("names", {})

    def works_map(self, works: Plain) -> Plain:
        """Return a map of what is built: one path for each intervention, and its legend."""
        kinds = self["kinds"]
        paths: dict[int, list[str]] = {}
        columns = (works[name] for name in ("site", "x", "y", "kind"))
        for site, x, y, kind in zip(*columns, strict=True):
            paths.setdefault(kind, []).append(self.site_path(site, x, y))
        order = sorted(paths, key=lambda kind: -len(paths[kind]))
        return {
            "layers": [{"path": "".join(paths[k]), "colour": kinds[k]["colour"]} for k in order],
            "legend": [
                {
                    "label": f"{kinds[k]['name']} ({number(len(paths[k]))})",
                    "colour": kinds[k]["colour"],
                }
                for k in order
            ],
        }


def _path(ring: list[int], left: int, top: int) -> str:
    """Return a ring as a path of SVG."""
    points = [f"{x - left} {top - y}" for x, y in zip(ring[::2], ring[1::2], strict=True)]
    return f"M{'L'.join(points)}z"


def class_of(value: float | None, bounds: list[float]) -> int | None:
    """Return the class of a value; a bound belongs to the class above it."""
    if value is None or not math.isfinite(value):
        return None
    return sum(value >= bound for bound in bounds)


def differences(now: list[float | None], after: list[float | None]) -> list[float | None]:
    """Return what changes; None where either is unknown."""
    return [None if a is None or b is None else b - a for a, b in zip(now, after, strict=True)]
