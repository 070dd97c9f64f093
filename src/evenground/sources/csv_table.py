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

    The index is the line of the file, from zero, so that a fault can name its row.

    Raises
    ------
    DataError
        If it is empty, no text, or has rows of different lengths.
    """
    text, remarks = _decode(path.read_bytes(), file)
    separator = _separator(text)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        cure = "Export it again as CSV with quotes around texts."
        raise DataError([Fault(file, f"is no whole CSV: {error}.", cure)]) from None
    rows = [(line, cells) for line, cells in rows if any(cells)]
    if rows and len(rows[-1][1]) == 1 and rows[-1][1][0].startswith(FOOTERS):
        rows = rows[:-1]
    if faults := _shape_faults(rows, file):
        raise DataError(faults)
    lines = [line - 1 for line, _ in rows[1:]]
    return pd.DataFrame([cells for _, cells in rows[1:]], lines, rows[0][1], dtype=str), remarks


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


def _shape_faults(rows: list[tuple[int, list[str]]], file: str) -> list[Fault]:
    """List what is wrong with the shape of a table: no rows, doubled names, cut rows."""
    if len(rows) < 2:
        return [Fault(file, "has no rows below a heading.", "Export the table again.")]
    faults = []
    heading = rows[0][1]
    if twice := sorted({name for name in heading if heading.count(name) > 1}):
        cure = "Give every column its own name."
        faults.append(Fault(file, f"has more than one column {few(twice)}.", cure))
    wrong = [(line, len(cells)) for line, cells in rows if len(cells) != len(heading)]
    if wrong:
        place = f"{file}, row {few(line for line, _ in wrong)}"
        finding = f"has {wrong[0][1]} fields, the heading has {len(heading)}."
        cure = "The file may be cut off, or a text holds the separator: export it again."
        faults.append(Fault(place, finding, cure))
    return faults
