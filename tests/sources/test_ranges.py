"""Values of rasters: what counts as missing, what is masked, and what is refused."""

import numpy as np
import pytest

from evenground.errors import DataError
from evenground.sources import THEMES
from evenground.sources.ranges import Raw, judge

from .made import layer

UNITS = {"no2": "ug m-3", "pm25": "ug m-3", "noise": "dB", "heat": "degC", "green": "1"}
UNITS |= {"ndvi": "ndvi", "park": "percent", "weight": "m2"}


def judged(
    theme: str, usual: float, odd: dict[float, int], tag: float | None = None, **change: object
) -> tuple[np.ndarray, float, list[str]]:
    values = np.full(2000, usual, np.float32)
    start = 0
    for value, count in odd.items():
        values[start : start + count] = value
        start += count
    settings = layer(**({"unit": UNITS[theme]} | change))
    return judge(
        Raw(values.reshape(40, 50), tag, has_mask=False), THEMES[theme], settings, f"x ({theme})"
    )


@pytest.mark.parametrize(
    ("theme", "usual", "value"),
    [
        ("no2", 20.0, -9999.0),
        ("no2", 20.0, -3.40282347e38),
        ("noise", 55.0, 128.0),
        ("noise", 55.0, 0.0),
        ("heat", 1.0, -99.0),
        ("ndvi", 0.3, -3000.0),
        ("green", 0.3, 255.0),
        ("weight", 40.0, -1.0),
    ],
)
def test_undeclared_nodata__is_refused_and_named(theme: str, usual: float, value: float) -> None:
    with pytest.raises(DataError, match="declares no nodata") as caught:
        judged(theme, usual, {value: 3})

    assert f"{value:.9g} in 3 cells" in str(caught.value)
    assert f"set nodata in [layers.{theme}]" in str(caught.value)


def test_nodata_of_the_case__makes_missing() -> None:
    values, masked, remarks = judged("noise", 55.0, {128.0: 700}, nodata=128.0)

    assert int(np.isnan(values).sum()) == 700
    assert (masked, remarks) == (0.0, [])


def test_few_impossible_values__are_masked_and_said() -> None:
    values, masked, remarks = judged("no2", 20.0, {250.0: 10, -9999.0: 1000}, tag=-9999.0)

    assert int(np.isnan(values).sum()) == 1010
    assert masked == pytest.approx(0.01)
    assert "10 cellen met onmogelijke waarden (1,0 %" in remarks[0]


def test_many_impossible_values__are_refused() -> None:
    with pytest.raises(DataError, match=r"100 of 2000 cells lie outside 0 to 100 ug m-3 \(250 in"):
        judged("no2", 20.0, {250.0: 100}, tag=-9999.0)


def test_tag_that_could_be_a_value__must_be_settled_by_the_case() -> None:
    with pytest.raises(DataError, match=r"declares 0 as nodata \(5 cells\).*Set nodata = 0"):
        judged("green", 0.4, {0.0: 5}, tag=0.0)

    zeros, _, _ = judged("green", 0.4, {0.0: 5}, tag=0.0, nodata=-1.0)
    gaps, _, _ = judged("green", 0.4, {0.0: 5}, tag=0.0, nodata=0.0)

    assert float(zeros.min()) == 0.0
    assert int(np.isnan(gaps).sum()) == 5


def test_tag_that_no_cell_has__does_no_harm() -> None:
    values, _, _ = judged("no2", 20.0, {}, tag=0.0)

    assert (values == 20.0).all()


def test_percent__becomes_a_share() -> None:
    values, _, _ = judged("park", 40.0, {100.0: 3, 0.0: 3})

    assert values.max() == 1.0
    assert values.min() == 0.0
    assert np.median(values) == np.float32(0.4)


@pytest.mark.parametrize(
    ("theme", "usual", "odd", "cure"),
    [
        ("park", 0.4, {}, 'Set unit = "1" if these are shares'),
        ("green", 40.0, {}, "correct the unit"),
        ("no2", float("nan"), {}, "Check band and nodata"),
        ("no2", float("inf"), {}, "Check band and nodata"),
        ("weight", -5.0, {}, "correct the unit"),
    ],
)
def test_wrong_unit_or_nothing__is_refused(
    theme: str, usual: float, odd: dict[float, int], cure: str
) -> None:
    with pytest.raises(DataError, match=cure):
        judged(theme, usual, odd)


def test_rounding_beyond_the_range__is_clipped_not_masked() -> None:
    values, masked, _ = judged("green", 0.5, {1.000001: 4, -0.000001: 4})

    assert masked == 0.0
    assert (values.min(), values.max()) == (0.0, 1.0)
