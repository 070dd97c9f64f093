"""Where files of a case may lie, and what their fingerprint says."""

import hashlib
import os
from pathlib import Path

import pytest

from evenground.errors import DataError
from evenground.sources.files import locate, record

from .made import squares, table

OUTSIDE = ["../secret.csv", "sub/../../secret.csv", "/etc/hostname", "/vsicurl/http://x/y.tif"]
OUTSIDE += ["https://example.org/x.tif", "zip://x.zip", "/vsizip/x.zip/y.tif", "..", "sub/../.."]
ABSENT = ["absent.csv", ".", "sub", "cijfers.csv/x", "CIJFERS.csv", "~/cijfers.csv", "NETCDF:x:y"]
UNUSABLE = ["a\0b.csv", "x" * 5000, "\ud800.csv"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "secret.csv").write_text("secret", encoding="utf-8")
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "cijfers.csv").write_text("code;a\n", encoding="utf-8")
    return folder


def test_locate__finds_a_file_however_it_is_named(data: Path) -> None:
    for name in ("cijfers.csv", "./cijfers.csv", "sub/../cijfers.csv"):
        assert locate(data, name) == (data / "cijfers.csv").resolve()


@pytest.mark.parametrize("name", OUTSIDE)
def test_locate__refuses_what_lies_outside(data: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"outside the data folder .* Put it in the data folder"):
        locate(data, name)


@pytest.mark.parametrize("name", ABSENT)
def test_locate__refuses_what_is_no_file(data: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"no such file in .* Check the name"):
        locate(data, name)


@pytest.mark.parametrize("name", UNUSABLE, ids=["nul", "long", "surrogate"])
def test_locate__refuses_what_is_no_name(data: Path, name: str) -> None:
    with pytest.raises(DataError, match="Give the plain name of a file"):
        locate(data, name)


def test_locate__refuses_a_link_out_of_the_folder(data: Path) -> None:
    (data / "link.csv").symlink_to(data.parent / "secret.csv")
    (data / "loop.csv").symlink_to(data / "loop.csv")
    (data / "up").symlink_to(data.parent)

    for name in ("link.csv", "up/secret.csv"):
        with pytest.raises(DataError, match="outside the data folder"):
            locate(data, name)
    with pytest.raises(DataError, match=r"loop\.csv"):
        locate(data, "loop.csv")


def test_locate__refuses_a_pipe(data: Path) -> None:
    os.mkfifo(data / "pipe.csv")

    with pytest.raises(DataError, match="no such file"):
        locate(data, "pipe.csv")


def test_record__tells_the_checksum_and_the_origin(data: Path) -> None:
    settings = table(file="cijfers.csv")

    (made,) = record(data, locate(data, "cijfers.csv"), settings, "table")

    assert made.sha256 == hashlib.sha256(b"code;a\n").hexdigest()
    assert (made.path, made.bytes, made.role) == ("cijfers.csv", 7, "table")
    assert (made.year, made.source, made.licence) == (2024, "test", "CC0")


def test_record__holds_all_parts_of_a_shapefile(data: Path) -> None:
    frame = squares().rename(columns={"aantal_inwoners": "AANT_INW"})
    frame.to_file(data / "sub" / "b.shp")
    (data / "sub" / "other.dbf").write_bytes(b"x")

    made = record(data, locate(data, "sub/b.shp"), table(file="sub/b.shp"), "neighbourhoods")

    assert {file.path for file in made} == {
        f"sub/b.{ending}" for ending in ("shp", "dbf", "shx", "prj", "cpg")
    }


def test_record__refuses_a_part_that_lies_elsewhere(data: Path) -> None:
    squares().rename(columns={"aantal_inwoners": "AANT_INW"}).to_file(data / "b.shp")
    (data / "b.dbf").rename(data.parent / "b.dbf")
    (data / "b.dbf").symlink_to(data.parent / "b.dbf")

    with pytest.raises(DataError, match=r"b\.dbf: lies outside the data folder"):
        record(data, locate(data, "b.shp"), table(file="b.shp"), "neighbourhoods")
