"""The bars of the project and what was measured against them, as one table.

A benchmark adds a row with both sides of its ratio. Nothing is asserted about time: the
table says what holds and what falls short. What is kept is kept by benchmark, so that the
long ones can be repeated by themselves.
"""

import json
import operator
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self

LIBRARIES = ("numpy", "numba", "scipy", "pymoo", "moocore", "xarray")
COMPARE: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}
HEAD = "| what | ours | other side | figure | asked | |\n|---|---|---|---|---|---|\n"


@dataclass(frozen=True)
class Row:
    """One bar: what was measured on both sides, and what is asked."""

    what: str
    ours: str
    other: str
    figure: float
    asked: str
    """``>= 250`` or ``<= 0.2``; empty where nothing is asked."""

    @property
    def verdict(self) -> str:
        """Whether the figure holds, in words."""
        if not self.asked:
            return ""
        sign, bar = self.asked.split()
        return "met" if COMPARE[sign](self.figure, float(bar)) else "**not met**"

    def line(self) -> str:
        """Return the row in Markdown."""
        cells = (self.what, self.ours, self.other, f"{self.figure:.4g}", self.asked, self.verdict)
        return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


@dataclass
class Bars:
    """What one benchmark measured, and on what and when."""

    name: str
    machine: str = ""
    rows: list[Row] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def add(self, what: str, ours: str, other: str, figure: float, asked: str = "") -> None:
        """Put a row in the table.

        Parameters
        ----------
        ours, other
            Both sides of the ratio, with units.
        asked
            The bar: a sign and a number, or nothing.
        """
        self.machine = machine()
        self.rows.append(Row(what, ours, other, figure, asked))

    def say(self, text: str) -> None:
        """Keep a line of detail."""
        self.machine = machine()
        self.said.append(text)

    @classmethod
    def of(cls, kept: dict[str, object]) -> Self:
        """Return what was kept in a file."""
        rows = [Row(**row) for row in kept.pop("rows")]  # type: ignore[attr-defined]
        return cls(**kept, rows=rows)  # type: ignore[arg-type]


def text_of(measured: list[Bars]) -> str:
    """Return one table of all rows, and the details by benchmark, in Markdown."""
    table = HEAD + "\n".join(row.line() for bars in measured for row in bars.rows)
    parts = [
        "\n".join([f"### {bars.name}\n", bars.machine, "", *(f"* {line}" for line in bars.said)])
        for bars in measured
    ]
    return table + "\n\n## By benchmark\n\n" + "\n\n".join(parts) + "\n"


def keep(measured: list[Bars], folder: Path) -> list[Bars]:
    """Replace what these benchmarks measured before, and return all that is kept."""
    path = folder / "results.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    found = {bars.name: bars for bars in map(Bars.of, kept)} | {b.name: b for b in measured}
    ordered = [found[name] for name in sorted(found)]
    told = json.dumps([asdict(bars) for bars in ordered], indent=1, ensure_ascii=False)
    path.write_text(told + "\n", encoding="utf-8")
    return ordered


def machine() -> str:
    """Say on what and when this was measured."""
    libraries = ", ".join(f"{name} {found}" for name in LIBRARIES if (found := _version(name)))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} threads, "
        f"{_memory_gib():.0f} GiB, Python {platform.python_version()}, {libraries}; "
        f"load of the machine {os.getloadavg()[0]:.1f}; sizes: "
        f"{os.environ.get('EVENGROUND_BENCH', 'quick')}"
    )


def _version(name: str) -> str | None:
    """Return the version of an installed library."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """Return the name of the processor."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_gib() -> float:
    """Return the memory of the machine, GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
