"""Figures of neighbourhoods: what becomes missing, what becomes a share, what is refused."""

import numpy as np
import pandas as pd
import pytest

from evenground.errors import DataError
from evenground.names import AGE_SHARES, CODE, LOW_INCOME_SHARE, RESIDENTS, SES
from evenground.sources.columns import COUNTS, LOW_INCOME_HOUSEHOLDS, PERCENTS
from evenground.sources.tables import complete, join, keep_neighbourhoods, to_ours

from .made import table

CODES = ["BU00010000", "BU00010001", "BU00010002"]


def ours(**columns: object) -> pd.DataFrame:
    return to_ours(pd.DataFrame({"buurtcode": CODES} | columns), table()).table


def refusal(**columns: object) -> str:
    with pytest.raises(DataError) as caught:
        ours(**columns)
    return str(caught.value)


@pytest.mark.parametrize(
    "sentinel", [-99997, -99995, -99999999, "-99997", "-99995", "-99999999"], ids=repr
)
@pytest.mark.parametrize("column", ["aantal_inwoners", "p_hh_li", "SES_WOA_totaalscore"])
def test_sentinels__become_missing_never_zero(column: str, sentinel: object) -> None:
    usual = "2" if isinstance(sentinel, str) else 2

    figures = ours(**{column: [usual, sentinel, usual]}).iloc[:, 1]

    assert figures.isna().tolist() == [False, True, False]
    assert not (figures == 0.0).any()


@pytest.mark.parametrize("blank", [".", "", "   ", " . ", None, pd.NA])
def test_blanks__become_missing_never_zero(blank: object) -> None:
    figures = ours(aantal_inwoners=["5", blank, "0"])

    assert figures[RESIDENTS].isna().tolist() == [False, True, False]
    assert figures[RESIDENTS][2] == 0.0


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("aantal_inwoners", " 120 ", 120.0),
        ("aantal_inwoners", "416.0", 416.0),
        ("aantal_inwoners", "416,0", 416.0),
        ("p_hh_li", "39,7", 0.397),
        ("p_hh_li", "     39.7", 0.397),
        ("SES_WOA_totaalscore", "-0,100", -0.1),
    ],
)
def test_numbers__are_read_with_comma_or_point(column: str, text: str, value: float) -> None:
    figures = ours(**{column: ["2", text, "2"]})

    assert figures.iloc[1, 1] == pytest.approx(value)


@pytest.mark.parametrize(
    ("column", "value", "cure"),
    [
        ("aantal_inwoners", "veel", "Leave unknown numbers empty"),
        ("aantal_inwoners", "1.234.567", "without thousands separators"),
        ("aantal_inwoners", "1.234", "without a point or comma between the thousands"),
        ("aantal_inwoners", "1,234", "without a point or comma between the thousands"),
        ("aantal_inwoners", "NaN", "holds what is no number (BU00010001: 'NaN')"),
        ("aantal_inwoners", "inf", "holds what is no number"),
        ("aantal_inwoners", "-5", "is negative (BU00010001: -5)"),
        ("aantal_inwoners", "-9999", "leave it empty if it is unknown"),
        ("p_hh_li", "130", "not counts"),
        ("p_hh_li", "-999", "is negative"),
        ("SES_WOA_totaalscore", "-999", "Leave unknown scores empty"),
        ("SES_WOA_totaalscore", "87", "no rank or percentage"),
    ],
)
def test_impossible_figures__are_refused(column: str, value: str, cure: str) -> None:
    told = refusal(**{column: ["2", value, "2"]})

    assert told.startswith(f"cijfers.csv, column {column}: ")
    assert "BU00010001" in told
    assert cure in told


def test_true_and_false__are_no_figures() -> None:
    assert "holds what is no number" in refusal(aantal_inwoners=[True, False, True])


def test_infinite_figures__are_refused() -> None:
    assert "BU00010002: inf" in refusal(aantal_inwoners=[1.0, 2.0, np.inf])


def test_shares_as_percentages__are_refused() -> None:
    assert "Multiply the shares by 100" in refusal(p_hh_li=[0.3, 0.5, None])


@pytest.mark.parametrize(
    ("codes", "cure"),
    [
        (["BU00010000", "BU00010001 ", "BU00010001"], "BU00010001: stands in more than one row"),
        (["BU00010000", "BU0001001", "BU00010002"], "(row 2: 'BU0001001')"),
        (["BU00010000", "00010001", "BU00010002"], "keep leading zeros"),
        (["BU00010000", "bu00010001", "BU00010002"], "no neighbourhood code (row 2"),
        (["BU00010000", "WK000101", "BU00010002"], "no neighbourhood code (row 2"),
        (["BU00010000", None, "BU00010002"], "(row 2: '')"),
        (["BU\uff10\uff10010000", "BU00010001", "BU00010002"], "no neighbourhood code (row 1"),
        ([10000, 10001, 10002], "holds numbers (10000, 10001, 10002), expected text"),
        ([10000.0, 10001.0, None], "with their letters and leading zeros"),
    ],
)
def test_codes__must_be_whole_and_single(codes: list[object], cure: str) -> None:
    with pytest.raises(DataError) as caught:
        to_ours(pd.DataFrame({"buurtcode": codes}), table())

    assert str(caught.value).startswith("cijfers.csv, column buurtcode")
    assert cure in str(caught.value)


def test_codes_with_padding_and_letters__are_read() -> None:
    frame = pd.DataFrame({"buurtcode": ["BU0363NA01  ", "\u00a0BU0363AE01"]})

    assert to_ours(frame, table()).table[CODE].tolist() == ["BU0363NA01", "BU0363AE01"]


def test_faults_of_a_table__come_together() -> None:
    told = refusal(aantal_inwoners=["x", "-1", "1"], p_hh_li=["130", "1", "1"], ses_woa=[99, 0, 0])

    assert len(told.splitlines()) == 4


def test_a_table_without_codes__names_the_nearest() -> None:
    with pytest.raises(DataError, match=r"Set code_column to .* nearest are buurt_cod"):
        to_ours(pd.DataFrame({"buurt_cod": CODES}), table())


def test_larger_areas__are_dropped_and_codeless_rows_said() -> None:
    codes = ["NL00", "GM0363    ", "WK0363NA", "BU0363NA01", "", None, "x"]

    kept, remarks = keep_neighbourhoods(pd.DataFrame({"buurtcode": codes}), table())

    assert kept["buurtcode"].tolist() == ["BU0363NA01", "x"]
    assert (kept.index + 1).tolist() == [4, 7]
    assert remarks == ["cijfers.csv: 2 rijen zonder code tellen niet mee."]


def ages(names: tuple[str, ...], *rows: list[object]) -> dict[str, list[object]]:
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


COUNTED = tuple(f"a_{band}" for band in ("00_14", "15_24", "25_44", "45_64", "65_oo"))
PARTS = tuple(f"p_{band}_jr" for band in ("00_14", "15_24", "25_44", "45_64", "65_eo"))


def test_age_shares__add_up_to_one_or_are_all_missing() -> None:
    rows = [[10, 10, 40, 20, 20], [10, ".", 40, 20, 20], [0, 0, 0, 0, 0]]

    figures = ours(**ages(COUNTED, *rows))

    np.testing.assert_allclose(figures.loc[0, list(AGE_SHARES)], [0.1, 0.1, 0.4, 0.2, 0.2])
    assert figures.loc[1:, list(AGE_SHARES)].isna().all(axis=None)


def test_age_percentages__are_used_where_no_count_is_known() -> None:
    counts = ages(COUNTED, *[[-99997] * 5] * 3)
    parts = ages(PARTS, [21, 19, 20, 20, 21], *[[20] * 5] * 2)

    figures = ours(aantal_inwoners=[9, 9, 9], **counts, **parts)

    assert figures.loc[0, AGE_SHARES[0]] == pytest.approx(21 / 101)


@pytest.mark.parametrize(
    ("columns", "cure"),
    [
        (ages(PARTS, [20] * 5, [10] * 5, [20] * 5), "(BU00010001: 50)"),
        (ages(PARTS, [20] * 5, [40] * 5, [20] * 5), "belong near 100"),
        ({"a_00_14": [1, 1, 1]}, "but not count_15_25, count_25_45, count_45_65, count_65_plus"),
        (ages(COUNTED, [1] * 5, [-1, 1, 1, 1, 1], [1] * 5), "is negative (BU00010001: -1)"),
    ],
)
def test_impossible_ages__are_refused(columns: dict[str, object], cure: str) -> None:
    assert cure in refusal(**columns)


def test_every_age_band__has_a_count_and_a_percentage() -> None:
    assert len(COUNTS) == len(PERCENTS) == len(AGE_SHARES) == len(COUNTED)


def test_join__lets_the_later_table_win_where_it_has_a_value() -> None:
    base = ours(aantal_inwoners=[1, 2, None], naam=["a", "b", "c"])
    later = to_ours(
        pd.DataFrame({"buurtcode": CODES[:0:-1], "aantal_inwoners": [30, None], "naam": "z"}),
        table(),
    )

    joined = join(base, later.table)

    assert joined[RESIDENTS].tolist() == [1.0, 2.0, 30.0]
    assert joined["name"].tolist() == ["a", "b", "c"]


def test_complete__adds_what_no_file_brought_as_missing() -> None:
    done, remarks = complete(ours())

    assert done["name"].tolist() == CODES
    assert done[[RESIDENTS, SES, LOW_INCOME_SHARE, *AGE_SHARES]].isna().all(axis=None)
    assert remarks == []


def test_complete__takes_persons_only_where_no_household_is_known() -> None:
    both = ours(p_hh_li=[None, 40, None], p_ink_li=[30, 30, 30])
    persons = both.assign(**{LOW_INCOME_HOUSEHOLDS: np.nan})

    assert complete(both)[0][LOW_INCOME_SHARE].isna().sum() == 2
    done, remarks = complete(persons)

    assert done[LOW_INCOME_SHARE].tolist() == [0.3, 0.3, 0.3]
    assert "personen" in remarks[0]
