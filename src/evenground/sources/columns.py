"""Names of columns in neighbourhood files, brought to ours by one table.

Covers CBS by PDOK (snake and camel case), shapefiles, Excel (KWB), StatLine
(short names with a number, long headings) and one English translation. Knows
nothing of the values below the names.
"""

import difflib
import re
from collections.abc import Iterable

from evenground.config import TableSettings
from evenground.errors import DataError, Fault, few
from evenground.names import (
    AGE_BANDS,
    AGE_SHARES,
    CODE,
    LIVEABILITY,
    LOW_INCOME_SHARE,
    NAME,
    RESIDENTS,
    SES,
)

WATER = "water"
COUNTS = tuple(f"count_{band}" for band in AGE_BANDS)
PERCENTS = tuple(f"percent_{band}" for band in AGE_BANDS)
LOW_INCOME_HOUSEHOLDS = "low_income_households"
"""Percentage of households among the 40 % of the country with the lowest incomes; preferred."""
LOW_INCOME_PERSONS = "low_income_persons"
"""The same for persons; used for the whole city only where no household has a figure."""

KNOWN_NAMES: dict[str, tuple[str, ...]] = {
    # Amsterdam keeps its own short code under buurtcode or code, beside that of CBS.
    CODE: (
        "CBS_Buurtcode",
        "cbsCode",
        "buurtcode",
        "bu_code",
        "gwb_code_10",
        "gwb_code",
        "Regiocode (gemeente, wijk, buurt) (code)",
        "Regioaanduiding/Codering (code)",
        "Codering",
        "statcode",
        "Area_Code",
        "Encoding",
        "code",
        # Last: StatLine's CSV has names under the heading that its OData has codes under.
        "WijkenEnBuurten",
        "DistrictsAndNeighbourhoods",
    ),
    NAME: (
        "buurtnaam",
        "bu_naam",
        "Buurt",
        "regio",
        "statnaam",
        "naam",
        "Wijken en buurten",
        "District_Type",
    ),
    WATER: ("water",),
    RESIDENTS: (
        "aantal_inwoners",
        "aant_inw",
        "aantal_inw",
        "a_inw",
        "Aantal inwoners (aantal)",
        "Population_Total",
    ),
    "count_0_15": ("k_0Tot15Jaar", "a_00_14", "0 tot 15 jaar (aantal)", "Pop_Age_0_15"),
    "count_15_25": ("k_15Tot25Jaar", "a_15_24", "15 tot 25 jaar (aantal)", "Pop_Age_15_25"),
    "count_25_45": ("k_25Tot45Jaar", "a_25_44", "25 tot 45 jaar (aantal)", "Pop_Age_25_45"),
    "count_45_65": ("k_45Tot65Jaar", "a_45_64", "45 tot 65 jaar (aantal)", "Pop_Age_45_65"),
    "count_65_plus": (
        "k_65JaarOfOuder",
        "a_65_oo",
        "65 jaar of ouder (aantal)",
        "Pop_Age_65_Plus",
    ),
    "percent_0_15": ("percentage_personen_0_tot_15_jaar", "p_00_14_jr", "0 tot 15 jaar (%)"),
    "percent_15_25": ("percentage_personen_15_tot_25_jaar", "p_15_24_jr", "15 tot 25 jaar (%)"),
    "percent_25_45": ("percentage_personen_25_tot_45_jaar", "p_25_44_jr", "25 tot 45 jaar (%)"),
    "percent_45_65": ("percentage_personen_45_tot_65_jaar", "p_45_64_jr", "45 tot 65 jaar (%)"),
    "percent_65_plus": (
        "percentage_personen_65_jaar_en_ouder",
        "p_65_eo_jr",
        "65 jaar of ouder (%)",
    ),
    LOW_INCOME_HOUSEHOLDS: (
        "percentage_huishoudens_met_laagste_inkomen",
        "p_hh_li",
        "k_40HuishoudensMetLaagsteInkomen",
        "40% huishoudens met laagste inkomen (%)",
        "Pct_Lowest_40Pct_Income",
    ),
    LOW_INCOME_PERSONS: (
        "percentage_personen_met_laag_inkomen",
        "p_ink_li",
        "k_40PersonenMetLaagsteInkomen",
        "40% personen met laagste inkomen (%)",
    ),
    SES: (
        "SES_WOA_totaalscore",
        "SES_WOA_totaalscore_2019",
        "ses_woa",
        "SES-WOA/Totaalscore/Gemiddelde score (Getal)",
    ),
    # Short names are those of the open data and the WFS of Leefbaarometer 3.0; the WFS has the
    # deviation from the national mean (afw) and no score.
    LIVEABILITY: ("leefbaarometer", "leefbaarometer_totaalscore", "lbm", "afw"),
    "liveability_physical": ("leefbaarometer_fysieke_omgeving", "fysieke omgeving", "fys"),
    "liveability_services": ("leefbaarometer_voorzieningen", "voorzieningen", "vrz"),
    "liveability_cohesion": ("leefbaarometer_sociale_samenhang", "sociale samenhang", "soc"),
    "liveability_nuisance": (
        "leefbaarometer_overlast_en_onveiligheid",
        "overlast en onveiligheid",
        "onv",
    ),
    "liveability_housing": ("leefbaarometer_woningvoorraad", "won"),
}
"""Our column = its known names, the preferred first. Letter case, underscores and signs do
not count, nor do StatLine's number behind a name or the chapters before a heading."""

ALIASES = {LOW_INCOME_SHARE: LOW_INCOME_HOUSEHOLDS} | dict(zip(AGE_SHARES, PERCENTS, strict=True))
"""Further names of our columns that a case may use under ``columns``; all hold percentages."""

_RIVALS = {LOW_INCOME_PERSONS: LOW_INCOME_HOUSEHOLDS} | dict(zip(PERCENTS, COUNTS, strict=True))
"""Column that gives way when the case names the other one."""


def plain(name: str) -> str:
    """Return a name without case, spaces and signs, so that spellings can be compared."""
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("%", "percent"))


def spellings(name: str) -> tuple[str, str, str]:
    """Return the plain forms of a name: whole, without StatLine's number, without chapters."""
    return plain(name), plain(re.sub(r"_\d{1,3}$", "", name)), plain(name.rsplit("/", 1)[-1])


def nearest(name: str, among: Iterable[str]) -> str:
    """Return the names most like one, as text; the first few where none is like it."""
    names = [str(other) for other in among] or ["none: it has no columns"]
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
    return few(close or names)


def find_columns(found: Iterable[object], settings: TableSettings) -> dict[str, str]:
    """Return our columns and the names under which a file holds them.

    Raises
    ------
    DataError
        If the case names a column that is not there, or two columns could be meant.
    """
    names = [str(name) for name in found]
    wanted, faults = _wanted(names, settings)
    chosen: dict[str, str] = {}
    for ours in KNOWN_NAMES:
        if ours in wanted:
            continue
        matches = _matches(ours, names)
        if len(matches) > 1:
            cure = f'Say which under columns, such as {ours} = "{matches[0]}".'
            finding = f"{few(matches)} could all be {ours}."
            faults.append(Fault(f"{settings.file}, columns", finding, cure))
        elif matches:
            chosen[ours] = matches[0]
    if faults:
        raise DataError(faults)
    for ours in wanted:
        chosen.pop(_RIVALS.get(ours, ""), None)
    chosen |= wanted
    if chosen.get(NAME) is not None and chosen.get(NAME) == chosen.get(CODE):
        del chosen[NAME]
    return chosen


def _matches(ours: str, names: list[str]) -> list[str]:
    """Return the columns of a file that go by the best known name of one of ours."""
    for known in KNOWN_NAMES[ours]:
        for form in range(3):
            matches = [name for name in names if spellings(name)[form] == plain(known)]
            if matches:
                return matches
    return []


def _wanted(names: list[str], settings: TableSettings) -> tuple[dict[str, str], list[Fault]]:
    """Return the columns that the case names itself, and what is wrong with them."""
    asked = dict(settings.columns)
    if settings.code_column is not None:
        asked[CODE] = settings.code_column
    faults = []
    for ours, theirs in asked.items():
        if ours not in KNOWN_NAMES and ours not in ALIASES:
            cure = f"Did you mean {nearest(ours, [*KNOWN_NAMES, *ALIASES])}?"
            faults.append(Fault(f"{settings.file}, columns", f"{ours} is no column of ours.", cure))
        elif theirs not in names:
            cure = f"Name a column of the file; the nearest are {nearest(theirs, names)}."
            faults.append(Fault(f"{settings.file}, column {theirs}", "is not there.", cure))
    return {ALIASES.get(ours, ours): theirs for ours, theirs in asked.items()}, faults
