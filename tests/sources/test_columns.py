"""Spellings of columns: those that people meet, and how two that compete are told apart."""

import pytest

from evenground.errors import DataError
from evenground.names import CODE, NAME, RESIDENTS, SES
from evenground.sources.columns import (
    COUNTS,
    KNOWN_NAMES,
    LOW_INCOME_HOUSEHOLDS,
    LOW_INCOME_PERSONS,
    PERCENTS,
    find_columns,
)

from .made import table

PDOK = [
    "buurtcode",
    "aantal_inwoners",
    "percentage_personen_0_tot_15_jaar",
    "percentage_personen_15_tot_25_jaar",
    "percentage_personen_25_tot_45_jaar",
    "percentage_personen_45_tot_65_jaar",
    "percentage_personen_65_jaar_en_ouder",
]
CAMEL = [
    "buurtcode",
    "aantalInwoners",
    "percentagePersonen0Tot15Jaar",
    "percentagePersonen15Tot25Jaar",
    "percentagePersonen25Tot45Jaar",
    "percentagePersonen45Tot65Jaar",
    "percentagePersonen65JaarEnOuder",
]
SHAPEFILE = ["BU_CODE", "AANT_INW"]
SHAPEFILE += ["P_00_14_JR", "P_15_24_JR", "P_25_44_JR", "P_45_64_JR", "P_65_EO_JR"]
KWB = ["gwb_code_10", "a_inw", "a_00_14", "a_15_24", "a_25_44", "a_45_64", "a_65_oo"]
ODATA = [
    "WijkenEnBuurten",
    "AantalInwoners_5",
    "k_0Tot15Jaar_8",
    "k_15Tot25Jaar_9",
    "k_25Tot45Jaar_10",
    "k_45Tot65Jaar_11",
    "k_65JaarOfOuder_12",
]
LONG = [
    "Regiocode (gemeente, wijk, buurt) (code)",
    "Bevolking/Aantal inwoners (aantal)",
    "Bevolking/Leeftijdsgroepen/0 tot 15 jaar (aantal)",
    "Bevolking/Leeftijdsgroepen/15 tot 25 jaar (aantal)",
    "Bevolking/Leeftijdsgroepen/25 tot 45 jaar (aantal)",
    "Bevolking/Leeftijdsgroepen/45 tot 65 jaar (aantal)",
    "Bevolking/Leeftijdsgroepen/65 jaar of ouder (aantal)",
]


@pytest.mark.parametrize(
    ("names", "ages"),
    [
        (PDOK, PERCENTS),
        (CAMEL, PERCENTS),
        (SHAPEFILE, PERCENTS),
        (KWB, COUNTS),
        (ODATA, COUNTS),
        (LONG, COUNTS),
    ],
    ids=["pdok", "wfs", "shapefile", "kwb", "odata", "statline"],
)
def test_find_columns__knows_every_release(names: list[str], ages: tuple[str, ...]) -> None:
    found = find_columns(["gemeentenaam", *reversed(names)], table())

    assert found == dict(zip((CODE, RESIDENTS, *ages), names, strict=True))


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("p_hh_li", LOW_INCOME_HOUSEHOLDS),
        ("percentageHuishoudensMetLaagsteInkomen", LOW_INCOME_HOUSEHOLDS),
        ("k_40HuishoudensMetLaagsteInkomen_73", LOW_INCOME_HOUSEHOLDS),
        ("Inkomen/40% huishoudens met laagste inkomen (%)", LOW_INCOME_HOUSEHOLDS),
        ("p_ink_li", LOW_INCOME_PERSONS),
        ("percentage_personen_met_laag_inkomen", LOW_INCOME_PERSONS),
        ("SES-WOA/Totaalscore/Gemiddelde score (Getal)", SES),
        ("bu_naam", NAME),
    ],
)
def test_find_columns__knows_income_score_and_name(name: str, ours: str) -> None:
    assert find_columns(["buurtcode", name], table())[ours] == name


@pytest.mark.parametrize(
    "name",
    [
        "percentage_huishoudens_met_laag_inkomen",
        "percentage_huishoudens_onder_of_rond_sociaal_minimum",
        "p_hh_lkk",
        "bevolkingsdichtheid_inwoners_per_km2",
        "gemiddelde_huishoudsgrootte",
    ],
)
def test_find_columns__takes_no_other_measure_for_ours(name: str) -> None:
    assert find_columns(["buurtcode", name], table()) == {CODE: "buurtcode"}


def test_find_columns__prefers_the_code_of_cbs() -> None:
    found = find_columns(["Buurtcode", "CBS_Buurtcode", "code", "Buurt"], table())

    assert found == {CODE: "CBS_Buurtcode", NAME: "Buurt"}


@pytest.mark.parametrize(
    ("names", "change", "cure"),
    [
        (["buurtcode", "Buurt_code"], {}, 'such as code = "buurtcode"'),
        (["AantalInwoners_5", "AantalInwoners_6"], {}, 'such as residents = "AantalInwoners_5"'),
        (["buurtcode"], {"columns": {"resident": "x"}}, "Did you mean residents"),
        (["buurtcode", "inw_2024"], {"columns": {"residents": "inw2024"}}, "inw_2024"),
        (["bc"], {"code_column": "bcode"}, "the nearest are bc"),
        ([], {"code_column": "bcode"}, "it has no columns"),
    ],
)
def test_find_columns__refuses_doubt(
    names: list[str], change: dict[str, object], cure: str
) -> None:
    with pytest.raises(DataError, match=r"cijfers\.csv, column") as caught:
        find_columns(names, table(**change))

    assert cure in str(caught.value)


def test_find_columns__lets_the_case_choose() -> None:
    chosen = {"residents": "inw", "percent_65_plus": "oud", "low_income_share": "arm"}
    names = ["mijn", "buurtcode", "inw", "aantal_inwoners", "oud", "a_65_oo", "arm", "p_hh_li"]

    found = find_columns(names, table(columns=chosen, code_column="mijn"))

    assert found == {
        CODE: "mijn",
        RESIDENTS: "inw",
        "percent_65_plus": "oud",
        LOW_INCOME_HOUSEHOLDS: "arm",
    }


@pytest.mark.parametrize("ours", sorted(KNOWN_NAMES))
def test_known_names__belong_to_one_column_each(ours: str) -> None:
    for known in KNOWN_NAMES[ours]:
        found = find_columns(["buurtcode", known] if ours != CODE else [known], table())

        assert found[ours] == known
        assert set(found) == {CODE, ours}
