"""Neighbourhoods: outlines that count, and tables joined to them by code."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import Polygon

from evenground.config import CaseSettings, NeighbourhoodSettings
from evenground.errors import DataError
from evenground.names import CODE, LOW_INCOME_SHARE, NAME, RESIDENTS, SES
from evenground.sources.neighbourhoods import (
    join_tables,
    judge_years,
    read_outlines,
    read_table,
)

from .made import lines, outlines, squares, table


def refusal(path: Path, **change: object) -> str:
    with pytest.raises(DataError) as caught:
        read_outlines(path, outlines(file=path.name, **change))
    return str(caught.value)


@pytest.fixture
def gpkg(tmp_path: Path) -> Path:
    return tmp_path / "buurten.gpkg"


@pytest.mark.parametrize("yes", ["JA", "ja", " Ja "])
def test_open_water__does_not_count_and_needs_no_code(gpkg: Path, yes: str) -> None:
    codes = ["BU00010000", "WK059999", "BU00010002"]
    squares(buurtcode=codes, water=["NEE", yes, None]).to_file(gpkg)

    (shapes, figures), remarks = read_outlines(gpkg, outlines())

    assert figures.table[CODE].tolist() == ["BU00010000", "BU00010002"]
    assert len(shapes) == 2
    assert remarks == ["buurten.gpkg: 1 watervlak telt niet mee."]


def test_nothing_but_water__is_refused(gpkg: Path) -> None:
    squares(water="JA").to_file(gpkg)

    assert "holds nothing but water. Bring the outlines of the land" in refusal(gpkg)


def test_municipalities__are_chosen_by_their_code(gpkg: Path) -> None:
    squares(buurtcode=["BU03630000", " BU0363AA01 ", "BU03940000"]).to_file(gpkg)
    chosen = outlines(municipalities=["GM0363"])

    (_, figures), _ = read_outlines(gpkg, chosen)
    (_, whole), _ = read_outlines(gpkg, outlines())

    assert figures.table[CODE].tolist() == ["BU03630000", "BU0363AA01"]
    assert len(whole.table) == 3


def test_absent_municipality__is_refused_and_the_present_named(gpkg: Path) -> None:
    squares().to_file(gpkg)

    told = refusal(gpkg, municipalities=["GM0001", "GM0363"])

    assert "holds no neighbourhood of GM0363." in told
    assert "the file has GM0001" in told


def test_rows__are_counted_as_in_the_file(gpkg: Path) -> None:
    squares(buurtcode=["WK059999", "BU00010001", "x"], water=["JA", "", ""]).to_file(gpkg)

    assert "(row 3: 'x')" in refusal(gpkg)


def test_faults_of_figures_and_outlines__come_together(gpkg: Path) -> None:
    frame = squares(aantal_inwoners=[-1, 2, 3])
    left, bottom, right, top = frame.geometry[0].bounds
    frame.loc[0, "geometry"] = Polygon([(left, bottom), (right, top), (right, bottom), (left, top)])
    frame.loc[1, "geometry"] = None
    frame.to_file(gpkg)

    told = refusal(gpkg)

    assert "is negative (BU00010000: -1)" in told
    assert "row 1: has an invalid outline" in told
    assert "row 2: has no geometry" in told


def test_outlines_of_two_years__are_refused(gpkg: Path) -> None:
    old, new = squares(), squares(buurtcode=["BU0001AA00", "BU0001AA01", "BU0001AA02"])
    gpd.GeoDataFrame(np.concatenate([old, new]), columns=old.columns, crs=28992).to_file(gpkg)

    assert "(BU00010000 and BU0001AA00," in refusal(gpkg)


def test_read_table__takes_csv_and_layers_alike(tmp_path: Path) -> None:
    text = '\ufeff"buurtcode";"p_hh_li"\n"GM0001    ";"40,0"\n"BU00010000";"39,7"\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    squares(1, p_hh_li=39.7).to_file(tmp_path / "a.gpkg")

    for name in ("a.csv", "a.gpkg"):
        figures, _ = read_table(tmp_path / name, table(file=name))

        assert figures.table[CODE].tolist() == ["BU00010000"]
        assert figures.table["low_income_households"].tolist() == [pytest.approx(0.397)]


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("buurtcode;a\nGM0001;1\nWK000100;2\n", "rows per neighbourhood (BU...)"),
        ("<!DOCTYPE html>\n<p>404</p>\n", "Set code_column"),
        ("buurtcode;a_inw\nGM0001;1\n3630000;5\n", "(row 3: '3630000')"),
    ],
)
def test_read_table__refuses_what_holds_no_neighbourhood(
    tmp_path: Path, text: str, cure: str
) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")

    with pytest.raises(DataError) as caught:
        read_table(tmp_path / "a.csv", table(file="a.csv"))

    assert cure in str(caught.value)


@pytest.mark.parametrize(("year", "why", "n_fault"), [(2024, None, 0), (2019, None, 1)])
def test_judge_years__refuses_mixed_years_without_a_reason(
    year: int, why: str | None, n_fault: int
) -> None:
    settings = outlines(tables=[table(year=year).model_dump()])

    faults, remarks = judge_years(settings, CaseSettings(id="a", title="A", allow_mixed_years=why))

    assert (len(faults), remarks) == (n_fault, [])
    assert not faults or "case.allow_mixed_years" in faults[0].cure


def test_judge_years__repeats_the_reason() -> None:
    case = CaseSettings(id="a", title="A", allow_mixed_years="niets nieuwers.")

    faults, remarks = judge_years(outlines(tables=[table(year=2019).model_dump()]), case)

    assert faults == []
    assert remarks == ["cijfers.csv is van 2019, de buurten zijn van 2024: niets nieuwers."]


def joined(
    folder: Path, text: str, frame: gpd.GeoDataFrame, **change: object
) -> tuple[gpd.GeoDataFrame, str, list[str]]:
    frame.to_file(folder / "buurten.gpkg")
    (folder / "cijfers.csv").write_text(text, encoding="utf-8")
    settings: NeighbourhoodSettings = outlines(**change)
    base, _ = read_outlines(folder / "buurten.gpkg", settings)
    figures, _ = read_table(folder / "cijfers.csv", table())
    out, faults, remarks = join_tables(base, [(table(), figures)], settings)
    return out, lines(faults), remarks


def test_join_tables__sorts_by_code_and_keeps_shapes_with_their_figures(tmp_path: Path) -> None:
    text = "buurtcode;p_hh_li;ses_woa\nBU00010000;10;0,5\nBU00010001;20;.\nBU00010002;30;-1\n"

    out, told, remarks = joined(tmp_path, text, squares().iloc[::-1])

    assert told == ""
    assert out[CODE].tolist() == ["BU00010000", "BU00010001", "BU00010002"]
    assert out.bounds["minx"].is_monotonic_increasing
    assert out[RESIDENTS].tolist() == [100.0, 200.0, 300.0]
    np.testing.assert_allclose(out[LOW_INCOME_SHARE], [0.1, 0.2, 0.3])
    np.testing.assert_array_equal(out[SES], [0.5, np.nan, -1.0])
    assert out[NAME].tolist() == out[CODE].tolist()
    assert "gekoppeld voor 100,0 % van de inwoners; 0 van 3 buurten" in remarks[0]


def test_join_tables__counts_the_match_by_residents(tmp_path: Path) -> None:
    text = "buurtcode;p_hh_li\nBU00010001;20\nBU00010002;30\n"

    _, strict, _ = joined(tmp_path, text, squares())
    out, loose, remarks = joined(tmp_path, text, squares(), minimum_matched_share=0.8)

    assert "matches 83.3 % of the residents, expected 90 % (not in it: BU00010000)" in strict
    assert "Bring codes of the same year" in strict
    assert loose == ""
    assert np.isnan(out[LOW_INCOME_SHARE][0])
    assert "83,3 % van de inwoners; 1 van 3 buurten staan er niet in" in remarks[0]


@pytest.mark.parametrize("people", [[0, 0, 0], [-99997, -99997, -99997], [None, None, None]])
def test_join_tables__refuses_a_city_without_residents(
    tmp_path: Path, people: list[object]
) -> None:
    text = "buurtcode;p_hh_li\nBU00010000;20\nBU00010001;20\nBU00010002;30\n"

    _, told, _ = joined(tmp_path, text, squares(aantal_inwoners=people))

    assert "holds no residents at all" in told
    assert "-99997 and '.' count as unknown" in told


def test_join_tables__names_the_column_that_may_hold_residents(tmp_path: Path) -> None:
    frame = squares().rename(columns={"aantal_inwoners": "inwoners_totaal"})

    _, told, _ = joined(tmp_path, "buurtcode;p_hh_li\nBU00010000;20\n", frame)

    assert "no column with residents" in told
    assert "the nearest are inwoners_totaal" in told


def test_join_tables__takes_residents_from_a_table(tmp_path: Path) -> None:
    text = "buurtcode;a_inw\nBU00010000;20\nBU00010001;.\nBU00010002;0\n"

    out, told, remarks = joined(tmp_path, text, squares().drop(columns="aantal_inwoners"))

    assert told == ""
    np.testing.assert_array_equal(out[RESIDENTS], [20.0, np.nan, 0.0])
    assert "van de buurten; 0 van 3" in remarks[0]
