"""What residents of the invented town meet: plausible levels, and the published pattern."""

from pathlib import Path

import numpy as np
import pytest

from evenground.miniature import MiniatureSize, write_miniature

from .reading import rank_with_income, raster, residents, share_of_residents, zone

HALF = MiniatureSize(3000, 2500, 10, 40, 30_000)


@pytest.mark.parametrize(
    ("name", "quiet", "busy"),
    [
        # Least and most of the lowest and of the highest level at which anybody lives.
        ("noise", (41.0, 46.0), (66.0, 72.0)),
        ("no2", (10.0, 12.0), (20.0, 26.0)),
        ("pm25", (6.8, 7.8), (8.8, 10.5)),
        ("heat", (0.0, 0.8), (2.0, 2.8)),
    ],
)
def test_exposure__spans_what_is_found_in_a_dutch_town(
    town: Path, name: str, quiet: tuple[float, float], busy: tuple[float, float]
) -> None:
    at_home = raster(town, name)[residents(town) > 0.0]

    assert quiet[0] <= at_home.min() <= quiet[1]
    assert busy[0] <= at_home.max() <= busy[1]


@pytest.mark.parametrize(
    ("name", "level", "fewest", "most"),
    [
        ("noise", 53.0, 0.45, 0.60),
        ("noise", 63.0, 0.005, 0.06),
        ("no2", 14.0, 0.30, 0.65),
        ("no2", 20.0, 0.002, 0.05),
        ("pm25", 8.0, 0.40, 0.85),
        ("heat", 1.0, 0.85, 0.99),
        ("heat", 2.0, 0.10, 0.45),
    ],
)
def test_exposure__is_spread_over_residents_as_in_a_dutch_town(
    town: Path, name: str, level: float, fewest: float, most: float
) -> None:
    assert fewest <= share_of_residents(town, name, level) <= most


@pytest.mark.parametrize("name", ["no2", "pm25"])
def test_exposure__streets_only_add_to_the_background(town: Path, name: str) -> None:
    total, background = raster(town, name), raster(town, f"{name}_background")

    assert (total >= background - 1e-4).all()


def test_exposure__the_edge_of_the_map_is_as_cool_as_open_country(town: Path) -> None:
    heat, built = raster(town, "heat"), zone(town) > 0
    edge = np.zeros(heat.shape, bool)
    edge[[0, -1], :] = edge[:, [0, -1]] = True

    # 600 m from the last neighbourhood no window reaches the town.
    row, column = np.nonzero(built)
    far = edge.copy()
    far[max(0, row.min() - 60) : row.max() + 60, max(0, column.min() - 60) : column.max() + 60] = 0
    assert heat[edge].max() <= 0.6
    assert heat[[0, 0, -1, -1], [0, -1, 0, -1]].max() <= 0.1
    assert not far.any() or heat[far].max() <= 0.2


@pytest.mark.parametrize(("name", "sign"), [("noise", 1), ("heat", 1), ("green", -1)])
def test_pattern__lower_incomes_meet_more_harm_but_not_always(
    town: Path, name: str, sign: int
) -> None:
    assert 0.2 <= sign * rank_with_income(town, name) <= 0.6


def test_pattern__holds_for_other_seeds(tmp_path: Path) -> None:
    ranks = []
    for seed in range(5):
        folder = write_miniature(tmp_path / str(seed), seed=seed, size=HALF).parent
        ranks.append([rank_with_income(folder, name) for name in ("noise", "heat", "green")])

    signed = np.array(ranks) * [1.0, 1.0, -1.0]

    # One small town may miss one of the three by chance; all together may not.
    assert (signed.mean(axis=0) > 0.2).all()
    assert (signed.mean(axis=0) < 0.8).all()
    assert signed.min() > -0.1
