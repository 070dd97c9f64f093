"""Settings of a sweep: a case, and a design over any of its settings."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from evenground.config.base import Settings, Text, Texts

MOST_RUNS = 100_000
"""Most runs of one sweep."""
RANGE_KEYS = {"low", "high", "scale"}
Name = Annotated[str, Field(pattern=r"^[a-z_0-9]+(\.[A-Za-z_0-9-]+)*$")]
"""Place of a setting in the case file, its parts with dots between them."""
Drawn = ("latin_hypercube", "sobol")
"""Designs that spread their rows over ranges."""


class RangeSettings(Settings):
    """Ends between which a setting is drawn; two whole numbers give whole numbers."""

    low: float | int
    high: float | int
    scale: Literal["linear", "log"] = "linear"
    """What is even: the numbers, or their logarithm."""

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if not self.low < self.high:
            msg = f"low is {self.low:g} and high {self.high:g}; put the lowest first."
            raise ValueError(msg)
        if self.scale == "log" and self.low <= 0.0:
            msg = f"low is {self.low:g}; a logarithm needs a number above 0."
            raise ValueError(msg)
        return self


class DesignSettings(Settings):
    """Which runs there are: one for each row of the design, and for each seed."""

    kind: Literal["grid", "list", "latin_hypercube", "sobol", "seeds"]
    """Every combination; one run for each place in the lists; an even spread of so many runs;
    or the case as it is, with other seeds only."""
    vary: dict[Name, Annotated[tuple[Any, ...], Field(min_length=1)] | RangeSettings] = Field(
        default_factory=dict
    )
    """Setting = its values, or the ends between which it is drawn."""
    runs: Annotated[int, Field(ge=2, le=MOST_RUNS)] | None = None
    """Rows to draw; of ``sobol`` a power of two. Only of designs that draw."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Seed of the draws. Only of designs that draw."""
    seeds: Annotated[
        tuple[Annotated[int, Field(ge=0, lt=2**63)], ...], Field(strict=False, min_length=1)
    ] = ()
    """Every row is run once with each of these as ``search.seed``; absent = that of the case."""

    @field_validator("vary", mode="before")
    @classmethod
    def _names_settings_by_dots(cls, value: object) -> object:
        return _flat(value) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        is_drawn = self.kind in Drawn
        ranges = sorted(key for key, v in self.vary.items() if isinstance(v, RangeSettings))
        if is_drawn and (self.runs is None or self.seed is None):
            msg = f"kind {self.kind} needs runs and seed."
            raise ValueError(msg)
        if not is_drawn and (self.runs is not None or self.seed is not None):
            msg = f"kind {self.kind} draws nothing; leave runs and seed out."
            raise ValueError(msg)
        if not is_drawn and ranges:
            msg = f"vary gives ends for {', '.join(ranges)}; kind {self.kind} needs a list."
            raise ValueError(msg)
        if self.kind == "sobol" and self.runs is not None and self.runs & (self.runs - 1):
            msg = f"runs is {self.runs}; a Sobol sequence is even for a power of two only."
            raise ValueError(msg)
        if (self.kind == "seeds") != (not self.vary):
            msg = "kind seeds goes without vary, and every other kind needs it."
            raise ValueError(msg)
        if self.kind == "seeds" and not self.seeds:
            msg = "kind seeds needs seeds."
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _is_a_design(self) -> Self:
        lengths = {len(v) for v in self.vary.values() if isinstance(v, tuple)}
        if self.kind == "list" and len(lengths) > 1:
            msg = f"the lists of vary have {sorted(lengths)} values; make them equally long."
            raise ValueError(msg)
        if len(set(self.seeds)) < len(self.seeds):
            msg = "seeds has one twice."
            raise ValueError(msg)
        if self.seeds and "search.seed" in self.vary:
            msg = "seeds and vary both set search.seed. Keep one."
            raise ValueError(msg)
        keys = sorted(self.vary)
        if nested := [key for key in keys for o in keys if o.startswith(f"{key}.")]:
            msg = f"vary sets {nested[0]} and a part of it. Keep one."
            raise ValueError(msg)
        count = self._rows() * max(1, len(self.seeds))
        if count > MOST_RUNS:
            msg = f"the design has {count} runs, at most {MOST_RUNS} can be run."
            raise ValueError(msg)
        return self

    def _rows(self) -> int:
        """Count the rows, seeds left out."""
        lengths = [len(v) for v in self.vary.values() if isinstance(v, tuple)]
        if self.kind == "grid":
            count = 1
            for length in lengths:
                count *= length
            return count
        return self.runs or max(lengths, default=1)


class SlurmSettings(Settings):
    """What is asked of SLURM: one allocation for the whole sweep."""

    nodes: Annotated[int, Field(ge=1, le=1000)] = 1
    workers: Annotated[int, Field(ge=1, le=10_000)] = 1
    """Worker processes, over all nodes; each does one run at a time."""
    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    """Cores of one worker."""
    time: Annotated[str, Field(pattern=r"^([0-9]+-)?[0-9]{1,3}(:[0-9]{2}){0,2}$")] | None = None
    """Longest time of the allocation, as SLURM writes it: ``12:00:00``; absent = its default."""
    partition: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.,-]+$")] | None = None
    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")] | None = None
    options: Texts = ()
    """Further options of sbatch, such as ``--mem=28G``."""
    setup: Texts = ()
    """Lines of shell before anything starts, such as ``module load Python``."""

    @field_validator("options")
    @classmethod
    def _are_options(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            if not text.startswith("--") or not text.isprintable():
                msg = f"{text!r} is no option of sbatch; write it as --name=value."
                raise ValueError(msg)
        return value


class SweepSettings(Settings):
    """A sweep: many runs of one case that differ in some settings."""

    case: Text | None = None
    """Case file, relative to the sweep file; absent = Voorbeeldstad, invented."""
    data: Text | None = None
    """Folder with the files of the case, relative to the sweep file."""
    design: DesignSettings
    slurm: SlurmSettings = SlurmSettings()


def _flat(nested: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested tables as one, by dotted names; a table of ends is a value."""
    out: dict[str, Any] = {}
    for key, value in nested.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and not (value and set(value) <= RANGE_KEYS):
            out |= _flat(value, f"{name}.")
        else:
            out[name] = tuple(value) if isinstance(value, list) else value
    return out
