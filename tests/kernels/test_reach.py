"""The loop of how far plans reach, against plain NumPy."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenground.kernels import reach_out
from evenground.kernels.reach import _reach_in_numpy

pytestmark = pytest.mark.jit

SEEDS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("loop", [reach_out, _reach_in_numpy])
@settings(max_examples=100, deadline=None)
@given(seed=SEEDS, count=st.integers(0, 9), n=st.integers(0, 150), n_goal=st.integers(1, 6))
def test_reach_out__equals_plain_numpy(
    loop: Callable[..., None], seed: int, count: int, n: int, n_goal: int
) -> None:
    rng = np.random.default_rng(seed)
    # few values, so that some tie; below nothing where a plan lies beyond the corner
    room = rng.integers(-1, 4, (count, n_goal)).astype(float)
    inverse = rng.integers(1, 4, (n_goal, n)).astype(float)
    far, near, owner = np.zeros(n), np.zeros(n), np.full(n, -1, np.int32)

    loop(room, inverse, far, near, owner)

    for i in range(n):
        reach = [float((plan * inverse[:, i]).min()) for plan in room]
        last = sorted([0.0, 0.0, *reach])
        assert [near[i], far[i]] == last[-2:]
        assert owner[i] == (reach.index(far[i]) if far[i] > 0.0 else -1)
