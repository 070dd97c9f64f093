"""The catalogue that a case lays over that of the package, and what it is told when it is wrong."""

from pathlib import Path

import pytest

from evenground.config import FileSettings, InterventionSettings
from evenground.errors import ConfigError, DataError
from evenground.interventions import read_catalogue
from evenground.sources import Catalogue, shipped_catalogue
from evenground.sources.catalogue import Own, build_catalogue, read_own
from evenground.sources.catalogue_rules import (
    EFFECT_COLUMNS,
    EFFECT_KEY,
    EFFECTS,
    INTERVENTION_COLUMNS,
    INTERVENTION_KEY,
    SECTORS,
    STATUSES,
    USABLE,
)

from .made import ORIGIN

SETTINGS = FileSettings.model_validate({"file": "eigen.csv", **ORIGIN})
MOAT = {
    "id": "moat",
    "name_nl": "slotgracht",
    "unit": "m2",
    "unit_nl": "m²",
    "step": "10",
    "capex_low": "1",
    "capex_mid": "2",
    "capex_high": "3",
    "opex_year": "0,5",
    "lifetime_y": "30",
    "price_year": "2024",
    "sector": "water",
    "owner": "water board",
    "ground": "paving",
    "ground_per_unit": "1",
    "capacity_status": "assumption",
    "effect_scope": "outdoor",
    "cost_status": "assumption",
    "effect_status": "assumption",
}
"""A new intervention, with every cell that it needs."""
WET = {
    "intervention": "moat",
    "effect": "green_m2",
    "low": "0",
    "mid": "0.1",
    "high": "0.2",
    "status": "assumption",
}


def write(path: Path, *rows: dict[str, str]) -> Path:
    """Write rows as a Dutch spreadsheet does."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [";".join(columns), *(";".join(row.get(name, "") for name in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def own(tmp_path: Path, rows: list[dict[str, str]], *, is_effects: bool = False) -> Own:
    key = EFFECT_KEY if is_effects else INTERVENTION_KEY
    columns = EFFECT_COLUMNS if is_effects else INTERVENTION_COLUMNS
    path = write(tmp_path / ("effecten.csv" if is_effects else "eigen.csv"), *rows)
    settings = SETTINGS.model_copy(update={"file": path.name})
    return read_own(path, settings, key, columns)[0], settings


def built(
    tmp_path: Path, rows: list[dict[str, str]] | None, effects: list[dict[str, str]] | None = None
) -> Catalogue:
    return build_catalogue(
        None if rows is None else own(tmp_path, rows),
        None if effects is None else own(tmp_path, effects, is_effects=True),
    )


def faults_of(
    tmp_path: Path, rows: list[dict[str, str]] | None, effects: list[dict[str, str]] | None = None
) -> list[str]:
    with pytest.raises(DataError) as caught:
        built(tmp_path, rows, effects)
    return [str(fault) for fault in caught.value.faults]


def test_shipped__is_whole_and_says_how_sure_it_is() -> None:
    catalogue = shipped_catalogue()
    table = catalogue.interventions

    assert len(table) == 29
    assert set(table["sector"]) == set(SECTORS)
    assert (table["source"] != "").all()
    for name in ("cost_status", "effect_status"):
        assert set(table[name].str.split(r"[ ,(]", regex=True).str[0]) <= set(STATUSES)
    assert set(catalogue.effects.index.get_level_values("effect")) == set(EFFECTS)
    unusable = table[~table["effect_scope"].isin(USABLE)]
    assert (unusable["why_not"] != "").all()


def test_own_row__changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    row = {"id": "street_tree", "capex_mid": "3100,50", "cost_status": "confirmed"}

    found = built(tmp_path, [row]).interventions.loc["street_tree"]

    assert found["capex_mid"] == 3100.5
    assert found["cost_status"] == "confirmed"
    assert (found["capex_low"], found["lifetime_y"], found["unit"]) == (1000.0, 50.0, "tree")
    assert found["source"] == "test"


def test_own_row__can_empty_a_cell(tmp_path: Path) -> None:
    row = {"id": "pocket_park", "most_m2": "none"}

    found = built(tmp_path, [row]).interventions

    assert found["most_m2"].isna()["pocket_park"]


def test_own_row__adds_an_intervention_with_its_effect(tmp_path: Path) -> None:
    catalogue = built(tmp_path, [MOAT], [WET])

    table = read_catalogue(InterventionSettings(use=("moat", "play")), catalogue)

    assert table.index.tolist() == ["moat", "play"]
    assert table.loc["moat", ["capital_eur", "green_m2"]].tolist() == [2.0, 0.1]
    # 2 euro over 30 years, .0461993422 a year, and .50 upkeep
    assert table.loc["moat", "yearly_eur"] == pytest.approx(0.5923986843, rel=1e-9)
    (effect,) = table.loc["moat", "effects"]
    assert (effect.name, effect.low, effect.high, effect.status) == (
        "green_m2",
        0.0,
        0.2,
        "assumption",
    )


def test_own_effect__replaces_that_of_the_package(tmp_path: Path) -> None:
    row = {"intervention": "play", "effect": "places", "high": "2", "mid": "2", "status": "derived"}

    catalogue = built(tmp_path, None, [row])

    table = read_catalogue(InterventionSettings(use=("play",)), catalogue)
    assert table.loc["play", "places"] == 2.0
    assert [effect.status for effect in table.loc["play", "effects"]] == ["derived"]


WRONG = [
    ({"capex_mid": "veel"}, "row 2, column capex_mid: holds 'veel', which is no number."),
    ({"capex_mid": "-1"}, "column capex_mid: holds -1, expected a number 0 or more."),
    ({"capex_mid": "nan"}, "column capex_mid: holds nan, expected"),
    ({"capex_low": "9"}, "column capex_mid: is 2, below capex_low, which is 9."),
    ({"lifetime_y": "0"}, "column lifetime_y: holds 0, expected a number above 0, at most 500."),
    ({"lifetime_y": ""}, "column lifetime_y: is empty, though effect_scope is 'outdoor'."),
    ({"sector": "zorg"}, "column sector: holds 'zorg'. Use one of green, mobility"),
    ({"sector": ""}, "column sector: is empty. Fill it in: one of green"),
    ({"ground": "zee"}, "column ground: holds 'zee'. Use one of paving"),
    ({"ground": "paving+roof"}, "column ground: holds 'paving+roof'. Give one kind of ground"),
    ({"room": "public", "ground": "roof"}, "column room: holds 'public' on roof."),
    ({"ground": "zone", "step": "2"}, "column step: is 2 on zone. Set it to 1"),
    ({"least_m2": "9", "most_m2": "5"}, "column most_m2: is 5, below least_m2."),
    ({"cost_status": "zeker"}, "column cost_status: holds 'zeker'. Begin it with confirmed"),
    ({"cost_status": ""}, "column cost_status: is empty, though the row brings numbers."),
    ({"effect_scope": "indoor only"}, "column why_not: is empty. Say why"),
    ({"effect_scope": "buiten"}, "column effect_scope: holds 'buiten'. Use one of outdoor"),
    ({"only_surface": "zand"}, "column only_surface: holds 'zand'."),
    ({"name_nl": ""}, "column name_nl: is empty."),
    ({"id": "Mijn Gracht"}, "column id: holds 'Mijn Gracht'. Use small letters"),
]


@pytest.mark.parametrize(("change", "told"), WRONG)
def test_own_row__is_refused_by_row_and_column(
    tmp_path: Path, change: dict[str, str], told: str
) -> None:
    effect = WET | {"intervention": change.get("id", "moat")}

    faults = faults_of(tmp_path, [MOAT | change], [effect])

    assert any(fault.startswith("eigen.csv, row 2") and told in fault for fault in faults), faults


WRONG_EFFECT = [
    ({"effect": "geluk"}, "column effect: holds 'geluk'. Use one of green_m2"),
    ({"mid": "0.3"}, "column high: is 0.2, below mid, which is 0.3."),
    ({"high": "1e6"}, "column high: holds 1e+06, expected 0 to 100 for places."),
    ({"status": ""}, "column status: is empty"),
    ({"grown": "2"}, "column grown: tells half of the growth."),
    ({"becomes": "dab"}, "column becomes: holds 'dab' for places."),
    ({"intervention": "mote"}, "column intervention: names 'mote', which the catalogue lacks."),
    ({"effect": "no2_part"}, "column effect: is no2_part, which can act on zone only"),
]


@pytest.mark.parametrize(("change", "told"), WRONG_EFFECT)
def test_own_effect__is_refused_by_row_and_column(
    tmp_path: Path, change: dict[str, str], told: str
) -> None:
    faults = faults_of(tmp_path, [MOAT], [WET, WET | {"effect": "places"} | change])

    assert any(fault.startswith("effecten.csv, row 3") and told in fault for fault in faults), (
        faults
    )


def test_own_rows__are_refused_all_at_once(tmp_path: Path) -> None:
    rows = [MOAT | {"capex_mid": "x"}, MOAT | {"id": "ditch", "sector": "y", "step": "0"}]

    faults = faults_of(tmp_path, rows, [WET, WET | {"intervention": "ditch", "mid": "z"}])

    places = [fault.split(":")[0] for fault in faults]
    assert places == [
        "eigen.csv, row 2, column capex_mid",
        "eigen.csv, row 3, column step",
        "eigen.csv, row 3, column sector",
        "effecten.csv, row 3, column mid",
    ]


def test_own_row__without_effect_may_not_say_that_it_has_one(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, [MOAT])

    assert "eigen.csv, row 2, column effect_scope: is 'outdoor', but moat has no row" in fault


def test_own_row__keeps_parks_apart_as_far_as_they_cool(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, [{"id": "park", "apart_m": "300"}])

    assert "column apart_m: is less than twice the footprint" in fault


def test_own_row__has_no_edge_without_green(tmp_path: Path) -> None:
    edge = {"effect": "edge_cooling_degc", "footprint_m": "50"}

    (fault,) = faults_of(tmp_path, [MOAT | {"apart_m": "100"}], [WET | edge])

    assert "column effect_scope: has edge cooling without green_m2" in fault


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"naam": "x"}], "eigen.csv, column id: is not there."),
        ([{"id": "play", "capx_mid": "1"}], "eigen.csv, column capx_mid: is not known."),
        ([{"id": "play"}, {"id": "play"}], "eigen.csv, row 3: is the second of play."),
    ],
)
def test_own_file__is_refused_for_its_shape(
    tmp_path: Path, rows: list[dict[str, str]], told: str
) -> None:
    assert any(fault.startswith(told) for fault in faults_of(tmp_path, rows))


REFUSED = ["park_tree", "herb_verge", "facade_insul", "traffic_cut", "noise_barrier"]


@pytest.mark.parametrize("name", REFUSED)
def test_use__refuses_what_changes_no_exposure_with_the_reason(name: str) -> None:
    row = shipped_catalogue().interventions.loc[name]

    with pytest.raises(ConfigError) as caught:
        read_catalogue(InterventionSettings(use=(name,)))

    (fault,) = caught.value.faults
    assert fault.place == "interventions.use"
    assert str(row["why_not"]) in fault.finding
    assert str(row["effect_scope"]) in fault.finding


def test_use__tells_all_that_is_wrong_at_once() -> None:
    settings = InterventionSettings(use=("moat", "play", "play", "sun_shading", "green_roof_ext"))

    with pytest.raises(ConfigError) as caught:
        read_catalogue(settings, has_buildings=False)

    assert len(caught.value.faults) == 4


PRICE = {
    "id": "traffic_cut",
    "capex_low": "100",
    "capex_mid": "200",
    "capex_high": "400",
    "opex_year": "0",
    "cost_status": "assumption",
}


def test_traffic_cut__is_refused_until_the_case_says_what_it_costs(tmp_path: Path) -> None:
    settings = InterventionSettings(use=("traffic_cut",))

    with pytest.raises(ConfigError) as caught:
        read_catalogue(settings)
    table = read_catalogue(settings, built(tmp_path, [PRICE]))

    (fault,) = caught.value.faults
    assert fault.place == "interventions.use"
    assert "its cost is not known" in fault.finding
    assert "Give capex_low, capex_mid, capex_high and opex_year of traffic_cut" in fault.cure
    assert table.loc["traffic_cut", "capital_eur"] == 200.0
    assert table.loc["traffic_cut", ["effect_scope", "why_not"]].tolist() == ["outdoor", ""]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"capex_low": ""}, "column capex_low: is empty, though effect_scope is 'outdoor'."),
        ({"opex_year": ""}, "column opex_year: is empty"),
        ({"ground": "paving"}, "column ground: holds 'paving', which is no street"),
        # 10 % in steps of a hundredth of the street each, and steps of 60 %
        ({"ground_per_unit": "0.01"}, "column ground_per_unit: is 0.01: a unit takes 0.5 %"),
        ({"step": "60"}, "column ground_per_unit: times step is 1.2 of the street, more than"),
    ],
)
def test_traffic_cut__that_cannot_be_is_told_with_its_cure(
    tmp_path: Path, cells: dict[str, str], told: str
) -> None:
    faults = faults_of(tmp_path, [PRICE | cells])

    assert any(f"eigen.csv, row 2, {told}" in fault for fault in faults), faults
