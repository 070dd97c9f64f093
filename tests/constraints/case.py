"""Rules of small cities, by hand and at random, that several tests of constraints share."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenground.constraints import Asked, Row, Rules
from evenground.kernels import repair_plans

Plan = NDArray[np.int16]


def rules(n: int, **changes: object) -> Rules:
    """Make rules of ``n`` options that allow ten steps of each for one euro a step."""
    blank = Rules(
        most=np.full(n, 10, np.int16),
        least=np.ones(n, np.int16),
        lock=np.zeros(n, np.int16),
        room=np.full(n, 10, np.int16),
        capital_eur=np.ones(n),
        fixed_eur=np.zeros(n),
        coupling=np.full(n, -1, np.int32),
        use=np.ones(n),
        capacity=np.zeros(0),
        near_start=np.zeros(n + 1, np.int64),
        near=np.zeros(0, np.int32),
        rows=(Row("budget", 1e9),),
        held_eur=np.inf,
        line=np.ones(n, np.int64),
        worst_first=np.arange(n, dtype=np.int32),
    )
    return replace(blank, **changes)  # type: ignore[arg-type]


def asked(share: float, n: int) -> Asked:
    """Ask for a share of the spend for the last option."""
    inside = (np.arange(n) == n - 1).astype(float)
    return Asked(share, inside, np.zeros(n), np.ones(n), np.zeros(n))


def near(n: int, pairs: list[tuple[int, int]]) -> dict[str, object]:
    """Return pairs of options that stand too near, as the rules hold them."""
    both = np.array(sorted({*pairs, *((b, a) for a, b in pairs)}), np.int64).reshape(-1, 2)
    start = np.searchsorted(both[:, 0], np.arange(n + 1)).astype(np.int64)
    return {"near_start": start, "near": both[:, 1].astype(np.int32)}


def random_rules(seed: int, n: int) -> Rules:
    """Make rules of all kinds at once, with locks that they allow."""
    rng = np.random.default_rng(seed)
    n_ground = max(1, n // 3)
    most = rng.integers(0, 12, n).astype(np.int16)
    least = np.where(rng.random(n) < 0.3, rng.integers(1, 5, n), 1).astype(np.int16)
    most = np.where(most < least, 0, most).astype(np.int16)
    pairs = [(int(a), int(b)) for a, b in rng.integers(0, n, (n // 4, 2)) if a != b]
    capital = np.round(rng.random(n) * 5.0, 2)
    fixed = np.where(rng.random(n) < 0.3, np.round(rng.random(n) * 8.0, 2), 0.0)
    rows = (
        Row("a", float(np.round(rng.random() * 60.0, 2))),
        Row("b", float(np.round(rng.random() * 60.0, 2))),
        Row("budget", float(np.round(rng.random() * 90.0, 2))),
    )
    line = rng.integers(0, 4, n).astype(np.int64) | 4
    share = rng.random()
    inside = rng.random(n) < 0.5
    asked = Asked(share, capital * inside, fixed * inside, capital, fixed)
    asked = asked if rng.random() < 0.5 else None
    return rules(
        n,
        most=most,
        room=most,
        least=least,
        capital_eur=capital,
        fixed_eur=fixed,
        coupling=rng.integers(-1, n_ground, n).astype(np.int32),
        use=0.5 + rng.random(n),
        capacity=np.round(rng.random(n_ground) * 20.0, 2),
        rows=rows,
        line=line,
        asked=asked,
        worst_first=rng.permutation(n).astype(np.int32),
        **near(n, pairs),
    )


def repaired(plans: Plan, made: Rules) -> Plan:
    """Return plans repaired by the compiled loop (candidate, option)."""
    out = plans.copy()
    first = (np.arange(len(out)), made.most, made.least, made.lock, made.worst_first)
    repair_plans(out, *first, *made.bounds, *made.goals)
    return out


def plan(*amounts: int) -> Plan:
    """Return amounts as a plan."""
    return np.array(amounts, np.int16)
