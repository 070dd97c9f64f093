"""Draws fill the space evenly, and are the same for the same seed."""

import numpy as np
import pytest

from evenground.uncertainty import Base, draw


def test_draw__same_seed_gives_the_same_draws(base: Base) -> None:
    numbers = tuple(base.numbers.values())

    assert np.array_equal(draw(numbers, 64, 3).place, draw(numbers, 64, 3).place)
    assert not np.array_equal(draw(numbers, 64, 3).place, draw(numbers, 64, 4).place)


def test_draw__more_draws_begin_with_the_fewer(base: Base) -> None:
    numbers = tuple(base.numbers.values())

    assert np.array_equal(draw(numbers, 128, 3).place[:64], draw(numbers, 64, 3).place)


def test_draw__fills_every_number_evenly(base: Base) -> None:
    place = draw(tuple(base.numbers.values()), 256, 1).place

    assert ((place > 0.0) & (place < 1.0)).all()
    inside = np.sort((place * 256).astype(int), axis=0)
    assert np.array_equal(inside, np.broadcast_to(np.arange(256)[:, None], inside.shape))


def test_table__shows_values_and_functions_by_name(base: Base) -> None:
    table = draw(tuple(base.numbers.values()), 16, 1).table

    assert set(table["function.pm25_mort"]) <= set(base.numbers["function.pm25_mort"].choices)
    assert table["health.yll_per_death_air"].between(10.0, 12.0).all()


def test_draw__nothing_uncertain_is_no_column() -> None:
    assert draw((), 8, 1).place.shape == (8, 0)
    assert draw((), 8, 1).table.empty == pytest.approx(1)
