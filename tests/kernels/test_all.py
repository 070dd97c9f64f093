"""Every kernel that others may call has a plain reference."""

import pytest

from evenground import kernels

from . import (
    test_breed,
    test_evaluate,
    test_gains,
    test_inherit,
    test_moves,
    test_plans,
    test_reach,
    test_response,
    test_whole,
)

MODULES = (
    test_breed,
    test_evaluate,
    test_gains,
    test_inherit,
    test_moves,
    test_plans,
    test_reach,
    test_response,
    test_whole,
)


@pytest.mark.parametrize("name", kernels.__all__)
def test_kernels__have_a_plain_reference(name: str) -> None:
    found = [hasattr(module, f"test_{name}__equals_plain_numpy") for module in MODULES]

    assert sum(found) == 1, f"Write test_{name}__equals_plain_numpy beside the other references."
