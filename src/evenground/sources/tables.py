"""Neighbourhood figures with known column names, brought to our columns and units.

Takes a table as read from a file. Sentinels of CBS become missing, never
zero; percentages become shares. Knows nothing of geometry or rasters.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evenground.config import TableSettings
from evenground.errors import DataError, Fault, few
from evenground.names import (
    AGE_SHARES,
    CODE,
    LIVEABILITY_COLUMNS,
    LOW_INCOME_SHARE,
    NAME,
    RESIDENTS,
    SES,
)
from evenground.sources.columns import (
    COUNTS,
    LOW_INCOME_HOUSEHOLDS,
    LOW_INCOME_PERSONS,
    PERCENTS,
    find_columns,
    nearest,
)

CODE_PATTERN = r"BU[0-9]{4}[0-9A-Z]{4}"
HIGHER_PATTERN = r"(NL|LD|PV|CR|GM|WK)[0-9A-Z]*"
"""Codes of the country, parts of it, municipalities and districts, in the same tables."""
SENTINEL = -99990.0
"""CBS writes missing as -99995, -99997 or -99999999: all at or below this."""
SES_RANGE = (-10.0, 10.0)
"""SES-WOA is about 0 for the Dutch mean, with a spread of 1; scores of the Leefbaarometer lie
between -2 and 6."""
SCORES = (SES, *LIVEABILITY_COLUMNS)
"""Scores that may be negative and are no percentages."""
AGE_SUM = (80.0, 120.0)
"""Bounds of the sum of rounded percentages of the age bands."""
INCOMES = (LOW_INCOME_HOUSEHOLDS, LOW_INCOME_PERSONS)


@dataclass(frozen=True)
class Figures:
    """Figures of neighbourhoods, and the names of all columns of their file."""

    table: pd.DataFrame
    """``code`` and those of ``name``, ``residents``, the age shares, the two incomes (as
    shares), ``ses`` and those of the Leefbaarometer that the file holds; RangeIndex."""
    found: tuple[str, ...]


def code_column(frame: pd.DataFrame, settings: TableSettings) -> str:
    """Return the name of the column with neighbourhood codes.

    Raises
    ------
    DataError
        If there is none.
    """
    column = find_columns(frame.columns, settings).get(CODE)
    if column is None:
        near = nearest("buurtcode", frame.columns)
        cure = f"Set code_column to the column with codes such as BU03630000; nearest are {near}."
        raise DataError([Fault(settings.file, "no column with neighbourhood codes.", cure)])
    return column


def keep_neighbourhoods(
    frame: pd.DataFrame, settings: TableSettings
) -> tuple[pd.DataFrame, list[str]]:
    """Drop rows of larger areas, which CBS keeps in the same table, and say it of codeless ones."""
    codes = frame[code_column(frame, settings)].astype("string").str.strip().fillna("")
    is_blank = (codes == "").to_numpy(bool)
    is_higher = codes.str.fullmatch(HIGHER_PATTERN).to_numpy(bool)
    number = int(is_blank.sum())
    what = "1 rij zonder code telt" if number == 1 else f"{number} rijen zonder code tellen"
    remarks = [f"{settings.file}: {what} niet mee."] if number else []
    return frame[~(is_blank | is_higher)], remarks


def to_ours(frame: pd.DataFrame, settings: TableSettings) -> Figures:
    """Bring a table of neighbourhoods to our columns; columns it lacks are left out.

    Raises
    ------
    DataError
        With every fault of the table: no codes, doubled or malformed codes, words where
        numbers belong, negative figures, percentages that cannot be.
    """
    raw_codes = frame[code_column(frame, settings)]
    columns = find_columns(frame.columns, settings)
    codes = raw_codes.astype("string").str.strip().fillna("")
    out = pd.DataFrame({CODE: codes.astype(object)}, index=frame.index)
    faults = code_faults(raw_codes, settings.file)
    if NAME in columns:
        out[NAME] = frame[columns[NAME]].astype("string").str.strip().astype(object)
        faults += _name_faults(out[NAME], f"{settings.file}, column {columns[NAME]}")
    for ours in (RESIDENTS, *COUNTS, *PERCENTS, *INCOMES, *SCORES):
        if ours in columns:
            place = f"{settings.file}, column {columns[ours]}"
            out[ours], wrong = numbers(frame[columns[ours]], codes, place)
            faults += wrong + _range_faults(ours, out[ours], codes, place)
    shares, wrong = age_shares(out, settings.file)
    if faults + wrong:
        raise DataError(faults + wrong)
    for income in INCOMES:
        if income in out:
            out[income] = out[income] / 100.0
    kept = [name for name in (CODE, NAME, RESIDENTS, *INCOMES, *SCORES) if name in out]
    table = pd.concat([out[kept], shares], axis=1).reset_index(drop=True)
    return Figures(table, tuple(str(name) for name in frame.columns))


def _name_faults(names: pd.Series, place: str) -> list[Fault]:
    """List names that no file or page can hold: with a character that ends a text."""
    numbered = zip(names.index.tolist(), names.tolist(), strict=True)
    bad = [f"row {row + 1}" for row, name in numbered if isinstance(name, str) and "\0" in name]
    if not bad:
        return []
    cure = "Take the NUL characters out of the names."
    return [Fault(place, f"holds a NUL character ({few(bad)}).", cure)]


def _range_faults(ours: str, values: pd.Series, codes: pd.Series, place: str) -> list[Fault]:
    """List figures of one of our columns that cannot be."""
    if ours in SCORES:
        return _score_faults(values, codes, place)
    faults = negative_faults(values, codes, place)
    if ours in (RESIDENTS, *COUNTS):
        faults += _part_faults(values, codes, place)
    if ours in INCOMES:
        faults += percent_faults(values, codes, place)
    return faults


def code_faults(codes: pd.Series, file: str) -> list[Fault]:
    """List codes that are numbers, malformed or doubled."""
    place = f"{file}, column {codes.name}"
    if pd.api.types.is_numeric_dtype(codes):
        finding = f"holds numbers ({few(codes)}), expected text."
        cure = "Save codes as text such as BU03630000, with their letters and leading zeros."
        return [Fault(place, finding, cure)]
    text = codes.astype("string").str.strip().fillna("").tolist()
    faults = []
    numbered = zip(codes.index, text, strict=True)
    bad = [f"row {row + 1}: {code!r}" for row, code in numbered if not _is_code(code)]
    if bad:
        cure = "Codes are text such as BU03630000 or BU0363AA01; keep leading zeros."
        faults.append(Fault(place, f"holds what is no neighbourhood code ({few(bad)}).", cure))
    known = pd.Series(text, dtype=object)
    twice = sorted(set(known[known.duplicated()]) - {""})
    if twice:
        cure = "Keep one row for each neighbourhood, of one year."
        faults.append(Fault(f"{place}, {few(twice)}", "stands in more than one row.", cure))
    return faults


def _is_code(text: str) -> bool:
    """Say whether a text is a neighbourhood code of CBS."""
    return re.fullmatch(CODE_PATTERN, text) is not None


def numbers(values: pd.Series, codes: pd.Series, place: str) -> tuple[pd.Series, list[Fault]]:
    """Return a column as numbers and what is none; empty, ``.`` and sentinels are missing."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        text = values
        is_missing = values.isna()
        out = values.astype(float)
    else:
        text = values.astype("string").str.strip()
        is_missing = text.isna() | text.isin(["", "."])
        with_point = text.str.replace(",", ".", regex=False).astype(object)
        out = pd.to_numeric(with_point.mask(is_missing), errors="coerce").astype(float)
    bad = ~is_missing.to_numpy(bool) & ~np.isfinite(out.to_numpy(float))
    out = out.mask(out <= SENTINEL)
    if not bad.any():
        return out, []
    shown = few(f"{code}: {value!r}" for code, value in zip(codes[bad], text[bad], strict=True))
    cure = "Leave unknown numbers empty, and write numbers without thousands separators."
    return out.mask(bad), [Fault(place, f"holds what is no number ({shown}).", cure)]


def negative_faults(values: pd.Series, codes: pd.Series, place: str) -> list[Fault]:
    """List figures below zero that are no sentinel."""
    bad = (values < 0.0).to_numpy(bool)
    if not bad.any():
        return []
    shown = _pairs(codes[bad], values[bad])
    cure = "Correct it, or leave it empty if it is unknown."
    return [Fault(place, f"is negative ({shown}).", cure)]


def _part_faults(values: pd.Series, codes: pd.Series, place: str) -> list[Fault]:
    """List parts of people, which thousands become where a point or comma parts them."""
    bad = (values % 1.0 > 0.0).to_numpy(bool)
    if not bad.any():
        return []
    finding = f"holds parts of people ({_pairs(codes[bad], values[bad])})."
    cure = "Write whole numbers, without a point or comma between the thousands."
    return [Fault(place, finding, cure)]


def _score_faults(values: pd.Series, codes: pd.Series, place: str) -> list[Fault]:
    """List scores that no neighbourhood has, such as another code for missing."""
    low, high = SES_RANGE
    bad = ((values < low) | (values > high)).to_numpy(bool)
    if not bad.any():
        return []
    finding = f"lies outside {low:g} to {high:g} ({_pairs(codes[bad], values[bad])})."
    cure = "Leave unknown scores empty, and bring the score itself, no rank or percentage."
    return [Fault(place, finding, cure)]


def percent_faults(values: pd.Series, codes: pd.Series, place: str) -> list[Fault]:
    """List percentages above 100, and shares that pose as percentages."""
    bad = (values > 100.0).to_numpy(bool)
    if bad.any():
        finding = f"is above 100 per cent ({_pairs(codes[bad], values[bad])})."
        return [Fault(place, finding, "Bring percentages of households or persons, not counts.")]
    highest = values.max()
    if 0.0 < highest <= 1.0:
        finding = f"is {highest:g} at most, expected percentages."
        return [Fault(place, finding, "Multiply the shares by 100.")]
    return []


def _pairs(codes: pd.Series, values: pd.Series) -> str:
    """Return codes with their values as text, the first five."""
    return few(f"{code}: {value:g}" for code, value in zip(codes, values, strict=True))


def age_shares(table: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Return shares of the age bands that sum to one, from counts or else percentages.

    A neighbourhood with one unknown band, or with none in any, keeps all unknown.
    """
    whole = [names for names in (COUNTS, PERCENTS) if set(names) <= set(table.columns)]
    some = [name for name in (*COUNTS, *PERCENTS) if name in table]
    if not whole:
        return pd.DataFrame(index=table.index), _lacking_bands(some, file)
    names = next((names for names in whole if table[list(names)].notna().any(axis=None)), whole[0])
    values = table[list(names)]
    total = values.sum(axis=1, skipna=False)
    off = (total > 0.0) & ((total < AGE_SUM[0]) | (total > AGE_SUM[1]))
    faults = []
    if names == PERCENTS:
        inhabited = table[RESIDENTS] > 0.0 if RESIDENTS in table else total > 0.0
        faults = _age_sum_faults(table.loc[off & inhabited, CODE], total[off & inhabited], file)
        total = total.mask(off)
    shares = values.div(total.where(total > 0.0), axis=0)
    shares.columns = pd.Index(AGE_SHARES)
    return shares, faults


def _lacking_bands(some: list[str], file: str) -> list[Fault]:
    """Fault for a file with some age bands but not all."""
    if not some:
        return []
    lacking = min(
        ([name for name in names if name not in some] for names in (COUNTS, PERCENTS)), key=len
    )
    cure = "Add them, or name them under columns."
    return [Fault(f"{file}, columns", f"has ages, but not {few(lacking)}.", cure)]


def _age_sum_faults(codes: pd.Series, total: pd.Series, file: str) -> list[Fault]:
    """Fault for inhabited neighbourhoods whose percentages cannot be of all residents."""
    if not len(codes):
        return []
    cure = "Percentages of the five age bands belong near 100; leave unknown ones empty."
    finding = f"ages add up to something else than 100 per cent ({_pairs(codes, total)})."
    return [Fault(f"{file}, ages", finding, cure)]


def join(base: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Join a further table by code, one to one; it wins where both have a value."""
    extra = base[[CODE]].merge(other, on=CODE, how="left", validate="1:1")
    out = base.copy()
    for name in extra.columns.drop(CODE):
        new = extra[name].set_axis(base.index)
        if name not in out:
            out[name] = new
        elif name != NAME:
            out[name] = new.where(new.notna(), out[name])
    return out


def complete(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Choose the income and add our columns that no file brought, as missing; with remarks."""
    out = table.copy()
    for name in (*INCOMES, RESIDENTS, *AGE_SHARES, *SCORES):
        if name not in out:
            out[name] = np.nan
    remarks = []
    chosen = LOW_INCOME_HOUSEHOLDS
    if out[chosen].isna().all() and out[LOW_INCOME_PERSONS].notna().any():
        chosen = LOW_INCOME_PERSONS
        remarks = ["Laag inkomen is geteld in personen, want over huishoudens is niets bekend."]
    out[LOW_INCOME_SHARE] = out[chosen]
    out[NAME] = out[NAME].fillna(out[CODE]) if NAME in out else out[CODE]
    return out, remarks
