"""Neighbourhood figures as CBS and its resellers spell them, brought to our columns.

Sentinels become missing, never zero. Knows nothing of geometry or rasters.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from evenground.config import TableSettings
from evenground.errors import DataError, Fault, few
from evenground.names import (
    AGE_BANDS,
    AGE_SHARES,
    CODE,
    LOW_INCOME_SHARE,
    NAME,
    RESIDENTS,
    SES,
)

CODE_PATTERN = re.compile(r"BU\d{4}[0-9A-Z]{4}")
SENTINEL = -99990.0
"""CBS writes missing as -99995, -99997 or -99999999: all at or below this."""

KNOWN_NAMES: dict[str, tuple[str, ...]] = {
    CODE: (
        "buurtcode",
        "bu_code",
        "gwb_code_10",
        "gwb_code",
        "area_code",
        "statcode",
        "CBS_Buurtcode",
        "Regiocode (gemeente, wijk, buurt) (code)",
        "WijkenEnBuurten",
        "code",
    ),
    NAME: ("buurtnaam", "bu_naam", "Buurt", "regio", "District_Type", "statnaam", "naam"),
    "water": ("water",),
    RESIDENTS: ("aantal_inwoners", "aantalInwoners", "AANT_INW", "a_inw", "Population_Total"),
    "count_0_15": ("k_0Tot15Jaar", "a_00_14", "Pop_Age_0_15"),
    "count_15_25": ("k_15Tot25Jaar", "a_15_24", "Pop_Age_15_25"),
    "count_25_45": ("k_25Tot45Jaar", "a_25_44", "Pop_Age_25_45"),
    "count_45_65": ("k_45Tot65Jaar", "a_45_64", "Pop_Age_45_65"),
    "count_65_plus": ("k_65JaarOfOuder", "a_65_oo", "Pop_Age_65_Plus"),
    "percent_0_15": ("percentage_personen_0_tot_15_jaar", "P_00_14_JR"),
    "percent_15_25": ("percentage_personen_15_tot_25_jaar", "P_15_24_JR"),
    "percent_25_45": ("percentage_personen_25_tot_45_jaar", "P_25_44_JR"),
    "percent_45_65": ("percentage_personen_45_tot_65_jaar", "P_45_64_JR"),
    "percent_65_plus": ("percentage_personen_65_jaar_en_ouder", "P_65_EO_JR"),
    LOW_INCOME_SHARE: (
        "percentage_huishoudens_met_laagste_inkomen",
        "p_hh_li",
        "k_40HuishoudensMetLaagsteInkomen",
        "Pct_Lowest_40Pct_Income",
        "percentage_personen_met_laag_inkomen",
        "percentagePersonenMetLaagInkomen",
        "p_ink_li",
    ),
    SES: (
        "SES_WOA_totaalscore_2019",
        "ses_woa",
        "ses_woa_totaalscore",
        "seswoatotaalscore",
        "SES-WOA/Totaalscore/Gemiddelde score (Getal)",
    ),
}
"""Our column = its known names, the preferred first. Letter case, underscores and the
number at the end of StatLine's names do not count."""

PERCENT = (LOW_INCOME_SHARE, *(f"percent_{band}" for band in AGE_BANDS))


def plain(name: str) -> str:
    """Return a column name without case, signs and StatLine's closing number."""
    bare = re.sub(r"[^a-z0-9]+", "_", str(name).lower()).strip("_")
    return re.sub(r"_?\d{1,3}$", "", bare).replace("_", "") or bare


def find_columns(found: Iterable[str], settings: TableSettings) -> dict[str, str]:
    """Return our columns and the names under which a file holds them.

    Raises
    ------
    DataError
        If the settings name a column that the file does not have.
    """
    names = [str(name) for name in found]
    exact = {re.sub(r"[^a-z0-9]+", "", name.lower()): name for name in reversed(names)}
    loose = {plain(name): name for name in reversed(names)}
    chosen: dict[str, str] = {}
    for ours, known in KNOWN_NAMES.items():
        for name in known:
            match = exact.get(re.sub(r"[^a-z0-9]+", "", name.lower())) or loose.get(plain(name))
            if match is not None:
                chosen[ours] = match
                break
    wanted = dict(settings.columns)
    if settings.code_column is not None:
        wanted[CODE] = settings.code_column
    faults = []
    for ours, theirs in wanted.items():
        if ours not in KNOWN_NAMES:
            near = few(difflib.get_close_matches(ours, KNOWN_NAMES, n=3, cutoff=0.3))
            cure = f"Choose from {', '.join(KNOWN_NAMES)}" + (f"; nearest {near}." if near else ".")
            faults.append(Fault(f"{settings.file}, columns", f"{ours} is no column of ours.", cure))
        elif theirs not in names:
            near = few(difflib.get_close_matches(theirs, names, n=3, cutoff=0.3))
            cure = f"Name a column of the file; nearest are {near or few(names)}."
            faults.append(Fault(f"{settings.file}, column {theirs}", "is not there.", cure))
    if faults:
        raise DataError(faults)
    return chosen | wanted


def read_csv(path: Path) -> pd.DataFrame:
    """Return a CSV as text, whatever its separator and padding; no word means missing."""
    text = path.read_text(encoding="utf-8-sig")
    head = text.split("\n", 1)[0]
    separator = ";" if head.count(";") >= head.count(",") else ","
    table = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    table.columns = [str(name).strip() for name in table.columns]
    for name in table.columns:
        table[name] = table[name].str.strip()
    return table


def numbers(values: pd.Series) -> pd.Series:
    """Return a column as numbers; empty, ``.`` and CBS sentinels are missing."""
    if pd.api.types.is_numeric_dtype(values):
        out = values.astype(float)
    else:
        text = values.astype("string").str.strip().str.replace(",", ".", regex=False)
        text = text.where(~text.isin(["", ".", "x", "-"]), None)
        out = pd.to_numeric(text, errors="raise").astype(float)
    return out.mask(out <= SENTINEL)


def to_ours(frame: pd.DataFrame, settings: TableSettings) -> pd.DataFrame:
    """Bring a table of neighbourhoods to our columns; columns it lacks are left out.

    Raises
    ------
    DataError
        With every fault of the table: no codes, doubled or malformed codes, words where
        numbers belong, negative counts, ages that add up to something else than all.
    """
    columns = find_columns(frame.columns, settings)
    if CODE not in columns:
        cure = f"Set code_column to the column with codes such as BU03630000; found {few(frame.columns, 8)}."  # noqa: E501 - one sentence
        raise DataError([Fault(settings.file, "no column with neighbourhood codes.", cure)])
    out = pd.DataFrame(index=frame.index)
    out[CODE] = frame[columns[CODE]].astype("string").str.strip()
    faults = _code_faults(out[CODE], settings.file)
    if NAME in columns:
        out[NAME] = frame[columns[NAME]].astype("string").str.strip()
    for ours, theirs in columns.items():
        if ours in (CODE, NAME, "water"):
            continue
        try:
            out[ours] = numbers(frame[theirs])
        except (ValueError, TypeError):
            cure = "Leave unknown numbers empty."
            place = f"{settings.file}, column {theirs}"
            faults.append(Fault(place, "holds words where numbers belong.", cure))
            continue
        if ours != SES and (out[ours] < 0).any():
            bad = out.loc[out[ours] < 0, CODE]
            place = f"{settings.file}, column {theirs}, {few(bad)}"
            cure = "Correct it, or leave it empty if it is unknown."
            faults.append(Fault(place, "is negative.", cure))
    shares, age_faults = _age_shares(out, settings.file)
    if faults + age_faults:
        raise DataError(faults + age_faults)
    if LOW_INCOME_SHARE in out:
        out[LOW_INCOME_SHARE] = out[LOW_INCOME_SHARE] / 100.0
    kept = [name for name in (CODE, NAME, RESIDENTS, LOW_INCOME_SHARE, SES) if name in out]
    return pd.concat([out[kept], shares], axis=1)


def _code_faults(codes: pd.Series, file: str) -> list[Fault]:
    """Doubled and malformed codes."""
    faults = []
    text = codes.fillna("").astype(str)
    bad = text[[CODE_PATTERN.fullmatch(code) is None for code in text]]
    if len(bad):
        rows = few(f"row {row}: {code!r}" for row, code in bad.items())
        cure = "Codes are text such as BU03630000 or BU0363AA01; keep leading zeros."
        faults.append(Fault(f"{file}, {rows}", "is no neighbourhood code.", cure))
    twice = sorted(set(text[text.duplicated()]))
    if twice:
        cure = "Keep one row for each neighbourhood."
        faults.append(Fault(f"{file}, {few(twice)}", "stands in more than one row.", cure))
    return faults


def _age_shares(table: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Shares of the age bands, from counts or else percentages; missing where not all known."""
    for kind in ("count", "percent"):
        names = [f"{kind}_{band}" for band in AGE_BANDS]
        if all(name in table for name in names) and table[names].notna().any(axis=None):
            values = table[names]
            total = values.sum(axis=1, skipna=False)
            faults = []
            wrong = (total < 80.0) | (total > 120.0)
            wrong &= total > 0.0
            if kind == "percent" and wrong.any():
                place = f"{file}, {few(table.loc[wrong, CODE])}"
                cure = "Percentages of the age bands belong near 100."
                finding = f"ages add up to {few(total[wrong].round())}."
                faults = [Fault(place, finding, cure)]
            share = values.div(total.where(total > 0.0), axis=0)
            share.columns = list(AGE_SHARES)
            return share, faults
    return pd.DataFrame(index=table.index), []


def keep_neighbourhoods(table: pd.DataFrame, settings: TableSettings) -> pd.DataFrame:
    """Drop rows of municipalities and districts, which CBS keeps in the same table."""
    columns = find_columns(table.columns, settings)
    if CODE not in columns:
        return table
    codes = table[columns[CODE]].astype(str).str.strip()
    is_higher = codes.str.match(r"^(GM\d{4}|WK\d{4}|NL)")
    return table[~is_higher].reset_index(drop=True)


def join(base: pd.DataFrame, other: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Join a further table by code; also return the share of residents that was found."""
    extra = base[[CODE]].merge(other, on=CODE, how="left", validate="1:1")
    out = base.copy()
    for name in extra.columns.drop(CODE):
        if name == NAME:
            continue
        column = extra[name].set_axis(base.index)
        out[name] = column.where(column.notna(), out[name]) if name in out else column
    people = base[RESIDENTS].fillna(0.0).to_numpy(float)
    matched = base[CODE].isin(other[CODE]).to_numpy()
    return out, float(people[matched].sum() / max(people.sum(), 1e-300))


def complete(table: pd.DataFrame, columns: Mapping[str, type] | None = None) -> pd.DataFrame:
    """Add our columns that no table brought, as missing."""
    out = table.copy()
    for name in (RESIDENTS, *AGE_SHARES, LOW_INCOME_SHARE, SES, *(columns or {})):
        if name not in out:
            out[name] = np.nan
    if NAME not in out:
        out[NAME] = out[CODE]
    return out
