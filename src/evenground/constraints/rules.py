"""The numbers of all constraints of a case, by option, as the compiled repair takes them.

Takes the options, the study area and the settings. Knows nothing of how plans are found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evenground.config import BudgetLine, ConstraintSettings
from evenground.errors import Fault
from evenground.interventions import Options

Float = NDArray[np.float64]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Plan = NDArray[np.int16]
Bool = NDArray[np.bool_]

SLACK = 1e-9
"""Part by which rounding may take a sum over its bound."""


@dataclass(frozen=True)
class Breach:
    """One thing that a plan does not respect."""

    constraint: str
    place: str
    found: float
    bound: float


@dataclass(frozen=True)
class Row:
    """A bound on what is spent on some interventions together."""

    name: str
    """The budget lines that pay, joined by a plus; ``budget`` for the whole."""
    eur: float
    at_least_eur: float = 0.0


@dataclass(frozen=True)
class Asked:
    """Places with priority get at least a share; arrays (option,)."""

    share: float
    """Least share that is asked for."""
    inside_step: Float
    """What a step spends or gains in those places."""
    inside_start: Float
    """What starting spends there."""
    step: Float
    """What a step spends or gains everywhere."""
    start: Float
    margin: float = 0.0
    """Part by which more is asked for, where these figures are those of one plan only."""

    @cached_property
    def balance(self) -> tuple[Float, Float]:
        """What a step, and starting, add to the balance, which may not fall below zero."""
        share = min(1.0, self.share * (1.0 + self.margin))
        return self.inside_step - share * self.step, self.inside_start - share * self.start


@dataclass(frozen=True)
class Rules:
    """What every plan must respect; arrays (option,) unless told otherwise."""

    most: Plan
    """Largest number of steps; none where nothing may be built."""
    least: Plan
    """Smallest number of steps of what is started, at least one."""
    lock: Plan
    """Steps that every plan holds."""
    room: Plan
    """Steps that fit where building is allowed, whatever is closed or too small."""
    capital_eur: Float
    """Euros of a step."""
    fixed_eur: Float
    """Euros of starting at all."""
    coupling: Index
    """Ground that the option takes, -1 for none."""
    use: Float
    """Ground that one step takes."""
    capacity: Float
    """Ground there is (ground,)."""
    near_start: Long
    """First entry of each option in ``near`` (option + 1,)."""
    near: Index
    """Options that stand too near (pair,)."""
    rows: tuple[Row, ...]
    """Budgets; the last is the whole."""
    held_eur: float
    """What all budget lines hold together; infinite without lines."""
    line: Long
    """Bits of the rows that count the option."""
    worst_first: Index
    """Options from the smallest to the largest gain per euro."""
    asked: Asked | None = None
    """What places with priority get at least."""

    @cached_property
    def per_step(self) -> Float:
        """What a step adds to the balance of the priority; all zero where there is none."""
        return np.zeros(self.most.size) if self.asked is None else self.asked.balance[0]

    @cached_property
    def per_start(self) -> Float:
        """What starting adds to it."""
        return np.zeros(self.most.size) if self.asked is None else self.asked.balance[1]

    @property
    def budget(self) -> Float:
        """Euros of each row (row,)."""
        return np.array([row.eur for row in self.rows])

    @property
    def goals(self) -> tuple[Long, Float]:
        """Bit and least spend of each row that has one (goal,)."""
        found = [(1 << k, row.at_least_eur) for k, row in enumerate(self.rows)]
        found = [(bit, eur) for bit, eur in found if eur > 0.0]
        return (
            np.array([bit for bit, _ in found], np.int64),
            np.array([eur for _, eur in found], np.float64),
        )

    @property
    def bounds(
        self,
    ) -> tuple[Long, Index, Index, Float, Float, Float, Float, Long, Float, Float, Float]:
        """What the compiled loops take of the bounds, in their order; see ``kernels.repair``."""
        return (
            self.near_start,
            self.near,
            self.coupling,
            self.use,
            self.capacity,
            self.capital_eur,
            self.fixed_eur,
            self.line,
            self.budget,
            self.per_step,
            self.per_start,
        )

    @property
    def price_eur(self) -> Float:
        """Euros of a step when all that fits is built, starting it included."""
        return self.capital_eur + self.fixed_eur / np.maximum(self.most, 1)

    def ranked(self, gain: Float) -> "Rules":
        """Return the rules with options ranked by their gain per euro (option,)."""
        value = gain / np.maximum(self.price_eur, 1e-9)
        return replace(self, worst_first=np.argsort(value, kind="stable").astype(np.int32))

    def with_budget(self, budget_eur: float) -> "Rules":
        """Return the rules with another whole budget."""
        whole = replace(self.rows[-1], eur=min(budget_eur, self.held_eur))
        return replace(self, rows=(*self.rows[:-1], whole))

    def counts(self, row: int) -> Bool:
        """Say which options a budget row counts (option,)."""
        return np.asarray(self.line & (1 << row), bool)


def spend_of(plan: Plan, rules: Rules) -> Float:
    """Return the euros of each option of a plan (option,)."""
    return plan * rules.capital_eur + rules.fixed_eur * (plan > 0)


def check_names(settings: ConstraintSettings, catalogue: pd.DataFrame) -> list[Fault]:
    """Return a fault for every intervention or sector that the case does not use.

    Parameters
    ----------
    catalogue
        Interventions of the case, by id.
    """
    known = [str(name) for name in catalogue.index]
    named = [
        (f"constraints.{key}", name)
        for key in ("fixed_eur", "least", "spacing_m")
        for name in getattr(settings, key)
        if name not in known
    ]
    payable = [*known, *sorted(set(catalogue["sector"].astype(str)))]
    named += [
        (f"constraints.budgets, {line.name}, pays_for", name)
        for line in settings.budgets
        for name in line.pays_for
        if name not in payable
    ]
    cure = f"Choose from {', '.join(payable)}."
    return [
        Fault(place, f"found {name}, which the case does not use.", cure) for place, name in named
    ]


def build_rules(
    options: Options,
    settings: ConstraintSettings,
    budget_eur: float,
    *,
    middle: tuple[Float, Float],
    is_closed: Bool,
    lock: Plan | None = None,
) -> Rules:
    """Gather what every plan must respect, the priority and the ranking left open.

    Parameters
    ----------
    middle
        Where the middle of each option's site lies, in metres (option,).
    is_closed
        Sites where nothing may be built (option,).
    lock
        Steps that are locked in (option,).
    """
    n = options.most.size
    lock = np.zeros(n, np.int16) if lock is None else lock
    names = options.interventions.index.to_numpy(str)[options.intervention]
    least = np.ones(n, np.int16)
    for name, amount in settings.least.items():
        chosen = names == name
        steps = np.ceil(amount / options.step[chosen] - SLACK)
        least[chosen] = np.clip(steps, 1, np.iinfo(np.int16).max)
    most = np.where(is_closed, lock, options.most).astype(np.int16)
    most = np.where(most < least, np.minimum(most, lock), most).astype(np.int16)
    near_start, near = _too_near(names, middle, settings.spacing_m, most)
    rows, line = _rows(options, settings, budget_eur, names)
    return Rules(
        most=most,
        least=least,
        lock=lock,
        room=options.most,
        capital_eur=options.capital_eur,
        fixed_eur=options.fixed_eur,
        coupling=options.coupling,
        use=options.use,
        capacity=options.capacity,
        near_start=near_start,
        near=near,
        rows=rows,
        held_eur=sum(entry.eur for entry in settings.budgets) if settings.budgets else np.inf,
        line=line,
        worst_first=np.arange(n, dtype=np.int32),
    )


def _too_near(
    names: NDArray[np.str_],
    middle: tuple[Float, Float],
    spacing_m: Mapping[str, float],
    most: Plan,
) -> tuple[Long, Index]:
    """List, for every option, those of the same intervention nearer than the spacing."""
    pairs = [np.zeros((0, 2), np.int64)]
    for name, least_m in spacing_m.items():
        there = np.flatnonzero((names == name) & (most > 0))
        if there.size < 2:
            continue
        tree = cKDTree(np.column_stack([part[there] for part in middle]))
        # a pair at the spacing itself may both be built
        found = there[tree.query_pairs(least_m * (1.0 - SLACK), output_type="ndarray")]
        pairs += [found, found[:, ::-1]]
    both = np.concatenate(pairs)
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    start = np.searchsorted(both[:, 0], np.arange(names.size + 1)).astype(np.int64)
    return start, both[:, 1].astype(np.int32)


def _rows(
    options: Options, settings: ConstraintSettings, budget_eur: float, names: NDArray[np.str_]
) -> tuple[tuple[Row, ...], Long]:
    r"""Return the bounds on spending, and the bits of those that count each option.

    Notes
    -----
    Lines that may pay for the same thing share its euros as they like. A plan is affordable
    exactly if, for every set of lines, what only they pay for costs no more than they hold:

    .. math:: \sum_{j : L_j \subseteq S} c_j \le \sum_{l \in S} B_l \quad \forall S
    """
    line = np.zeros(names.size, np.int64)
    rows: list[Row] = []
    lines = settings.budgets
    payers = _payers(options, lines)
    held = sum(entry.eur for entry in lines)
    sets: list[tuple[int, ...]] = [()] if lines else []
    if not settings.pooling:
        sets += [
            s for size in range(1, len(lines) + 1) for s in combinations(range(len(lines)), size)
        ]
    for chosen in sets:
        counted = _paid_only_by(payers, set(chosen))[options.intervention]
        if not counted.any() or _is_loose(payers, chosen):
            continue
        line[counted] |= 1 << len(rows)
        eur = float(sum(lines[number].eur for number in chosen))
        rows.append(Row(" + ".join(lines[number].name for number in chosen) or "geen potje", eur))
    for k, entry in enumerate(lines):
        if entry.at_least_eur > 0.0:
            counted = np.array([k in paid for paid in payers])[options.intervention]
            line[counted] |= 1 << len(rows)
            rows.append(Row(f"{entry.name} (minimum)", np.inf, entry.at_least_eur))
    whole = min(budget_eur, held) if lines else budget_eur
    line |= 1 << len(rows)
    rows.append(Row("budget", whole))
    return tuple(rows), line


def _payers(options: Options, lines: Sequence[BudgetLine]) -> list[set[int]]:
    """Return the lines that pay for each intervention."""
    table = options.interventions
    return [
        {k for k, entry in enumerate(lines) if {str(name), str(sector)} & set(entry.pays_for)}
        for name, sector in zip(table.index, table["sector"], strict=True)
    ]


def _paid_only_by(payers: Sequence[set[int]], chosen: set[int]) -> Bool:
    """Say which interventions no line outside a set pays for."""
    return np.array([paid <= chosen for paid in payers])


def _is_loose(payers: Sequence[set[int]], chosen: Sequence[int]) -> bool:
    """Say whether a set of lines falls apart into sets that share nothing, each bound already."""
    left = [paid & set(chosen) for paid in payers if paid and paid <= set(chosen)]
    if len(chosen) < 2:
        return False
    reached = {chosen[0]}
    while grown := [paid for paid in left if paid & reached and not paid <= reached]:
        for paid in grown:
            reached |= paid
    return reached != set(chosen)
