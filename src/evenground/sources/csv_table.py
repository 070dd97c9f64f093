"""CSV files as statistics offices and spreadsheets write them, read as text.

Semicolons or commas, byte-order mark, quotes and padding. No word means
missing here, since Amsterdam has a district called NA. A row that is cut off
is a fault, so that no file is half-read.
"""

import csv
import io
import re
from pathlib import Path

import pandas as pd

from evenground.errors import DataError, Fault, few

SEPARATORS = ";,\t"
FOOTERS = ("Bron", "©", "Source")
"""How the closing line of a StatLine export begins."""


def read_csv(path: Path, file: str) -> tuple[pd.DataFrame, list[str]]:
    """Return a CSV as text without padding, and Dutch remarks.

    Raises
    ------
    DataError
        If it is empty, no text, or has rows of different lengths.
    """
    text, remarks = _decode(path.read_bytes(), file)
    separator = _separator(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        cure = "Export it again as CSV with quotes around texts."
        raise DataError([Fault(file, f"is no whole CSV: {error}.", cure)]) from None
    cells = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if cells and len(cells[-1]) == 1 and cells[-1][0].startswith(FOOTERS):
        cells = cells[:-1]
    if faults := _shape_faults(cells, file):
        raise DataError(faults)
    return pd.DataFrame(cells[1:], columns=cells[0], dtype=str), remarks


def _decode(raw: bytes, file: str) -> tuple[str, list[str]]:
    """Return the text of a file; older spreadsheets write Windows' own alphabet."""
    if b"\x00" in raw:
        cure = "Save it as CSV in UTF-8."
        raise DataError([Fault(file, "is no plain text.", cure)])
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        remark = f"{file} is geen UTF-8 en is gelezen als Windows-1252."
        return raw.decode("cp1252", errors="replace"), [remark]


def _separator(text: str) -> str:
    """Return the separator: the sign seen most in the heading, outside quotes."""
    heading = re.sub(r'"[^"]*"', "", text.lstrip().split("\n", 1)[0])
    return max(SEPARATORS, key=heading.count)


def _shape_faults(cells: list[list[str]], file: str) -> list[Fault]:
    """List what is wrong with the shape of a table: no rows, doubled names, cut rows."""
    if len(cells) < 2:
        return [Fault(file, "has no rows below a heading.", "Export the table again.")]
    faults = []
    heading = cells[0]
    if twice := sorted({name for name in heading if heading.count(name) > 1}):
        cure = "Give every column its own name."
        faults.append(Fault(file, f"has more than one column {few(twice)}.", cure))
    wrong = [k for k, row in enumerate(cells[1:], 1) if len(row) != len(heading)]
    if wrong:
        place = f"{file}, row {few(wrong)}"
        finding = f"has {len(cells[wrong[0]])} fields, the heading has {len(heading)}."
        cure = "The file may be cut off, or a text holds the separator: export it again."
        faults.append(Fault(place, finding, cure))
    return faults
