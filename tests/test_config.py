"""Settings: what a case may say, and how a wrong one is answered."""

from pathlib import Path
from typing import Any

import pytest
import tomli_w

from evenground.config import parse_settings, read_settings
from evenground.errors import ConfigError


def minimal() -> dict[str, Any]:
    origin = {"year": 2024, "source": "test", "licence": "CC0"}
    return {
        "case": {"id": "toy", "title": "Toy"},
        "grid": {"cell_m": 10},
        "neighbourhoods": {"file": "buurten.gpkg", **origin},
        "layers": {"no2": {"file": "no2.tif", "unit": "ug m-3", "quality": "measured", **origin}},
        "search": {"seed": 1, "budget_eur": 1000.0},
    }


def test_parse_settings__fills_the_defaults() -> None:
    settings = parse_settings(minimal(), "case.toml")

    assert settings.grid.site_m == 100
    assert settings.search.objectives[0] == "burden"


WRONG = [
    ("search.budget_eur", -1, "expected greater than or equal to 0"),
    ("search.budget_eur", float("nan"), "expected a finite number"),
    ("search.budget_eur", float("inf"), "expected a finite number"),
    ("search.budget_eur", "5", "found '5'; expected a valid number"),
    ("search.budget_eur", True, "expected a valid number"),
    ("search.budget_eur", 10**400, "expected a valid number"),
    ("search.seed", -1, "expected greater than or equal to 0"),
    ("search.seed", 2**63, "expected less than"),
    ("search.objectives", ["cost"], "at least 2"),
    ("search.time_limit_s", 0, "expected greater than 0"),
    ("grid.cell_m", 0, "expected greater than 0"),
    ("grid.cell_m", 2.5, "expected a valid integer"),
    ("case.id", "../up", "it should match pattern"),
    ("case.id", "toy\n", "it should match pattern"),
    ("neighbourhoods.file", "", "it should have at least 1 character"),
    ("neighbourhoods.source", "", "it should have at least 1 character"),
    ("neighbourhoods.year", 24, "expected greater than or equal to 1900"),
    ("neighbourhoods.municipalities", ["0363"], "it should match pattern"),
    ("neighbourhoods.minimum_matched_share", 90, "expected less than or equal to 1"),
    ("phasing", {"years": [], "budget_eur": [1.0]}, "at least 1 item"),
    ("phasing", {"years": [2026, 2028], "budget_eur": [1.0, 1.0]}, "without gaps"),
    ("phasing", {"years": [2026, 2027], "budget_eur": [1.0]}, "1 amounts for 2 years"),
    ("phasing", {"years": [2026], "budget_eur": [-1.0]}, "greater than or equal to 0"),
    ("layers.no2.unit", "mg m-3", "expected 'ug m-3'"),
    ("layers.no2.allow_gaps", "", "it should have at least 1 character"),
    ("layers.no2.nodata", float("nan"), "expected a finite number"),
    ("layers.no2", 3, "expected a valid dictionary"),
    ("layers", [[[[[[[[[[1]]]]]]]]]], "expected a valid dictionary"),
]


@pytest.mark.parametrize(("key", "value", "told"), WRONG)
def test_parse_settings__refuses_a_value_that_cannot_be(key: str, value: object, told: str) -> None:
    raw = minimal()
    *path, last = key.split(".")
    part = raw
    for name in path:
        part = part[name]
    part[last] = value

    with pytest.raises(ConfigError) as caught:
        parse_settings(raw, "case.toml")

    (fault,) = caught.value.faults
    assert fault.place.startswith(f"case.toml, {key}")
    assert told in fault.finding
    assert fault.cure == "Correct the value."
    assert len(str(fault)) < 400


@pytest.mark.parametrize("kind", [{}, {"kind": "roads"}], ids=["none", "other"])
def test_parse_settings__asks_for_the_kind_of_streets(kind: dict[str, str]) -> None:
    raw = minimal() | {"streets": {"file": "a.gpkg", **kind}}

    with pytest.raises(ConfigError, match=r'streets\.kind.*Set kind = "lines"'):
        parse_settings(raw, "case.toml")


@pytest.mark.parametrize(
    ("path", "key", "near"),
    [
        (("search",), "budgt_eur", "budget_eur"),
        (("neighbourhoods",), "colums", "columns"),
        (("neighbourhoods",), "municipality", "municipalities"),
        (("layers", "no2"), "no_data", "nodata"),
        ((), "neighborhoods", "neighbourhoods"),
    ],
)
def test_parse_settings__names_the_key_that_was_meant(
    path: tuple[str, ...], key: str, near: str
) -> None:
    raw = minimal()
    part = raw
    for name in path:
        part = part[name]
    part[key] = 1

    with pytest.raises(ConfigError, match=f"{key}: this key is not known. Did you mean {near}"):
        parse_settings(raw, "case.toml")


def test_parse_settings__collects_every_fault() -> None:
    raw = minimal()
    raw["grid"]["site_m"] = 95
    del raw["search"]["seed"]
    raw["case"]["colour"] = "red"

    with pytest.raises(ConfigError) as caught:
        parse_settings(raw, "case.toml")

    assert len(caught.value.faults) == 3


HEAD = b'case = {id = "toy", title = "Toy"}\n'


@pytest.mark.parametrize(
    ("content", "cure"),
    [
        (b"[case\nid = 1", "is no TOML: .*line 1.*Mend the line"),
        (HEAD + b'case = {id = "b"}\n', "is no TOML: .*Mend the line"),
        (HEAD + b"x = " + b"[" * 3000, "is no TOML: .*Mend the line"),
        (HEAD + b"x = " + b"{a=" * 3000, "is no TOML: .*Mend the line"),
        (HEAD + b"x = " + b"9" * 5000, "is no TOML: Exceeds the limit"),
        (HEAD + b"a." * 3000 + b"b = 1", "a: this key is not known"),
        (b"title = '\xe9'", "is no UTF-8: .*Save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "is no UTF-8"),
        (b"", "search: this key is missing"),
        (b"#" * 1_000_001, "at most 1000000. Name the case file"),
        (HEAD + b'"\\u001b[31m" = 1', r"\\x1b\[31m: this key is not known"),
    ],
    ids=[
        "open table",
        "twice",
        "deep list",
        "deep table",
        "huge number",
        "deep key",
        "latin-1",
        "png",
        "empty",
        "huge",
        "terminal sign",
    ],
)
def test_read_settings__refuses_what_is_no_case(tmp_path: Path, content: bytes, cure: str) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=cure) as caught:
        read_settings(path)

    assert str(caught.value).isprintable() or "\n" in str(caught.value)


def test_read_settings__takes_the_mark_and_line_ends_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(b"\xef\xbb\xbf" + tomli_w.dumps(minimal()).replace("\n", "\r\n").encode())

    assert read_settings(path).case.id == "toy"


def test_read_settings__names_what_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.toml", tmp_path, Path("a\0b")):
        with pytest.raises(ConfigError, match="Check the path"):
            read_settings(path)
