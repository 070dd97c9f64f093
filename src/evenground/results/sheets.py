"""Tables that a Dutch spreadsheet opens: semicolons, commas for decimals, no cell that reckons."""

from pathlib import Path

import pandas as pd

from evenground.dutch import in_file

FORMULA_STARTS = ("=", "+", "-", "@")
"""How a text begins that a spreadsheet reckons."""
CENTS = 12
"""Digits in which euros keep their cents."""
DIGITS = 6
"""Digits of other numbers."""


def write_table(table: pd.DataFrame, path: Path, exact: tuple[str, ...] = ()) -> None:
    """Write a table as CSV for a Dutch spreadsheet; no cell can act as a formula.

    Columns of euros are written to the cent, others in the digits that say something.

    Parameters
    ----------
    exact
        Columns that are reckoned with again, and keep twelve digits.
    """
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].astype(str)
    safe = no_formulas(safe)
    for name in map(str, safe.select_dtypes("float")):
        is_money = name.endswith("_euro")
        told = safe[name].round(2) if is_money else safe[name]
        digits = CENTS if is_money or name in exact else DIGITS
        safe[name] = [in_file(value, digits) for value in told]
    safe.to_csv(path, sep=";", index=False, encoding="utf-8-sig")


def no_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts a spreadsheet neither reckons nor breaks into rows.

    A text that begins as a formula gets an apostrophe, and a line break becomes a space.
    """
    safe = table.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = safe[name].map(_as_text)
    return safe


def _as_text(cell: object) -> object:
    """Return a cell as it can be written; what is no text stays as it is."""
    if not isinstance(cell, str):
        return cell
    line = " ".join(cell.splitlines()) if cell else cell
    return f"'{line}" if line.lstrip().startswith(FORMULA_STARTS) or line[:1] == "\t" else line
