"""CSV files: separators, alphabets and padding that are read, and shapes that are refused."""

from pathlib import Path

import pytest

from evenground.errors import DataError
from evenground.sources.csv_table import read_csv

READ = [
    ("semicolon", b"code;a\nBU1;2\n"),
    ("comma", b"code,a\nBU1,2\n"),
    ("tab", b"code\ta\nBU1\t2\n"),
    ("byte-order mark", b"\xef\xbb\xbfcode;a\nBU1;2\n"),
    ("windows line ends", b"code;a\r\nBU1;2\r\n"),
    ("old mac line ends", b"code;a\rBU1;2\r"),
    ("quotes and padding", b'"code";"a"\n"BU1       ";"     2"\n'),
    ("blank lines", b"\ncode;a\n\nBU1;2\n;\n"),
    ("statline's closing line", b"code;a\nBU1;2\n\xc2\xa9 CBS, Den Haag\n"),
    ("a source below", b"code;a\nBU1;2\nBron: CBS\n"),
    ("no line end", b"code;a\nBU1;2"),
]
REFUSED = [
    ("empty", b"", "has no rows below a heading"),
    ("blank", b" \n\n", "has no rows below a heading"),
    ("heading only", b"code;a\n", "Export the table again"),
    ("ragged", b"code;a\nBU1;2\nBU2\n\nBU3;4;5\n", "row 3, 5: has 1 fields, the heading has 2"),
    ("cut off", b'code;a\nBU1;2\nBU2;"4', "is no whole CSV"),
    ("two names", b"code;a;a\nBU1;2;3\n", "more than one column a. Give every column its own"),
    ("utf-16", "code;a\nBU1;2\n".encode("utf-16"), "Save it as CSV in UTF-8"),
    ("excel", b"PK\x03\x04\x14\x00\x06\x00", "is no plain text"),
    ("html", b"<!DOCTYPE html>\n<p>a; b</p>\n", "row 2: has 2 fields, the heading has 1"),
    ("endless field", b"code;a\nBU1;" + b"9" * 200_000, "is no whole CSV: field larger"),
]


@pytest.mark.parametrize(("what", "content"), READ, ids=[what for what, _ in READ])
def test_read_csv__takes_what_offices_write(tmp_path: Path, what: str, content: bytes) -> None:
    path = tmp_path / f"{what}.csv"
    path.write_bytes(content)

    table, remarks = read_csv(path, path.name)

    assert table.to_dict("list") == {"code": ["BU1"], "a": ["2"]}
    assert remarks == []


@pytest.mark.parametrize(("what", "content", "told"), REFUSED, ids=[row[0] for row in REFUSED])
def test_read_csv__refuses_what_is_no_table(
    tmp_path: Path, what: str, content: bytes, told: str
) -> None:
    path = tmp_path / "cijfers.csv"
    path.write_bytes(content)

    with pytest.raises(DataError) as caught:
        read_csv(path, path.name)

    assert told in str(caught.value), what
    assert str(caught.value).startswith("cijfers.csv")


def test_read_csv__says_that_a_table_is_in_windows_letters(tmp_path: Path) -> None:
    path = tmp_path / "cijfers.csv"
    path.write_bytes("code;naam\nBU1;Cafébuurt\n".encode("cp1252"))

    table, remarks = read_csv(path, path.name)

    assert table["naam"].tolist() == ["Cafébuurt"]
    assert remarks == ["cijfers.csv is geen UTF-8 en is gelezen als Windows-1252."]


def test_read_csv__takes_no_word_for_missing(tmp_path: Path) -> None:
    path = tmp_path / "cijfers.csv"
    path.write_bytes(b"code;naam\nNA;null\nNaN;.\n")

    table, _ = read_csv(path, path.name)

    assert table.to_numpy().tolist() == [["NA", "null"], ["NaN", "."]]


def test_read_csv__numbers_rows_by_their_last_line(tmp_path: Path) -> None:
    path = tmp_path / "cijfers.csv"
    path.write_bytes(b'code;naam\n\nBU1;"twee\nregels"\nBU2;een\n')

    table, _ = read_csv(path, path.name)

    assert (table.index + 1).tolist() == [4, 5]
