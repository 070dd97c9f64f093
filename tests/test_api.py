"""evenground from Python: the five lines of the manual, on the small town."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import evenground as eg
from evenground.config import RunSettings
from evenground.errors import FaultyInputError

pytestmark = pytest.mark.jit


@pytest.fixture(scope="module")
def front(small_case: Path, small_settings: RunSettings) -> eg.Front:
    case = eg.read_case(small_case)
    return eg.search(eg.build_problem(case), small_settings.search)


def test_select__takes_english_and_dutch_names(front: eg.Front) -> None:
    assert front.select("healthiest").plan is front.select("gezondst").plan
    assert front.select("balanced").scores["capital"] > 0.0


def test_select__names_what_there_is(front: eg.Front) -> None:
    with pytest.raises(FaultyInputError, match="Choose from healthiest"):
        front.select("prettiest")


def test_search__takes_other_settings(front: eg.Front, small_settings: RunSettings) -> None:
    assert int(front.run.history["evaluated"].iloc[-1]) < 1000
    assert front.run.settings.search == small_settings.search
    assert front.dataset.sizes["candidate"] > 10


def test_write__makes_a_geopackage_and_a_list(front: eg.Front, tmp_path: Path) -> None:
    choice = front.select("healthiest")

    geopackage = choice.write(tmp_path / "voorstel.gpkg")
    again = choice.write(tmp_path / "voorstel.gpkg")
    table = choice.write(str(tmp_path / "voorstel.csv"))

    assert again == geopackage
    assert len(gpd.read_file(geopackage, layer="maatregelen")) == len(choice.works)
    assert len(pd.read_csv(table, sep=";", decimal=",")) == len(choice.works)


def test_write__refuses_another_ending(front: eg.Front, tmp_path: Path) -> None:
    with pytest.raises(FaultyInputError, match=r"End it in \.gpkg or \.csv"):
        front.select("healthiest").write(tmp_path / "voorstel.docx")


def test_package__has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="prettiest"):
        eg.prettiest  # noqa: B018 - looking it up is what is tested
