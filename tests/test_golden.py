"""One small run, frozen: a change of any number that planners would see shows here.

The scores of today and of every proposal of a short search of the small town lie in
``tests/golden/small_town.json``. Where they should change, freeze them anew and give the
old and the new numbers in the message of the commit:

    EVENGROUND_FREEZE=1 .venv/bin/pytest tests/test_golden.py
"""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from evenground.optimise import search
from evenground.pipeline import Model
from evenground.results import assess, select_proposals

pytestmark = pytest.mark.jit

FROZEN = Path(__file__).parent / "golden" / "small_town.json"
RELATIVE = 1e-6
"""Sums in float32 differ in the seventh digit from one make of processor to another."""

Scores = Mapping[str, Mapping[str, float]]


def run_small_town(model: Model) -> dict[str, dict[str, float]]:
    """Search 200 plans, and return the scores of today and of each proposal."""
    settings = model.problem.search.model_copy(update={"evaluations": 200})
    problem = replace(model.problem, search=settings)
    archive = search(problem).archive
    today = assess(problem, model.study, problem.empty)
    proposals = select_proposals(problem, model.study, archive, today, settings.proposals)
    scores = {"today": dict(today.scores)}
    return scores | {chosen.id: dict(chosen.assessment.scores) for chosen in proposals}


def differences(frozen: Scores, found: Scores) -> list[str]:
    """Return a line for every number that is not what it was."""
    pairs = [
        (f"{plan}, {name}", frozen.get(plan, {}).get(name), found.get(plan, {}).get(name))
        for plan in sorted({*frozen, *found})
        for name in sorted({*frozen.get(plan, {}), *found.get(plan, {})})
    ]
    return [
        f"{place}: was {old}, is {new}"
        for place, old, new in pairs
        if new != pytest.approx(old, rel=RELATIVE, abs=1e-9)
    ]


def test_small_town__scores_as_it_did(small_model: Model) -> None:
    found = run_small_town(small_model)

    if os.environ.get("EVENGROUND_FREEZE"):
        FROZEN.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")

    frozen = json.loads(FROZEN.read_text(encoding="utf-8"))
    assert differences(frozen, found) == []


def test_differences__name_the_old_and_the_new_number() -> None:
    frozen = {"today": {"burden": 82.0, "cost": 0.0}, "balanced": {"burden": 80.0}}
    found = {"today": {"burden": 82.1, "cost": 0.0}}

    assert differences(frozen, found) == [
        "balanced, burden: was 80.0, is None",
        "today, burden: was 82.0, is 82.1",
    ]


def test_differences__overlook_the_last_digits() -> None:
    frozen = {"today": {"burden": 82.0, "cost": 0.0}}
    found = {"today": {"burden": 82.0 * (1.0 + 5e-7), "cost": 1e-12}}

    assert differences(frozen, found) == []
