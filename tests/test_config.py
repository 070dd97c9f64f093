"""Settings: what a case may say, and how a wrong one is answered."""

from pathlib import Path
from typing import Any

import pytest

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


def test_parse_settings__names_the_near_key() -> None:
    raw = minimal()
    raw["search"]["budgt_eur"] = 5.0

    with pytest.raises(ConfigError, match="Did you mean budget_eur"):
        parse_settings(raw, "case.toml")


@pytest.mark.parametrize("budget", [-1.0, float("nan"), float("inf")])
def test_parse_settings__refuses_a_budget_that_is_none(budget: float) -> None:
    raw = minimal()
    raw["search"]["budget_eur"] = budget

    with pytest.raises(ConfigError, match=r"search\.budget_eur.*Correct the value"):
        parse_settings(raw, "case.toml")


def test_parse_settings__collects_every_fault() -> None:
    raw = minimal()
    raw["grid"]["site_m"] = 95
    del raw["search"]["seed"]
    raw["case"]["colour"] = "red"

    with pytest.raises(ConfigError) as caught:
        parse_settings(raw, "case.toml")

    assert len(caught.value.faults) == 3


def test_read_settings__says_which_line_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text("[case\nid = 1", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"is no TOML: .*line 1.*Mend the line"):
        read_settings(path)


def test_read_settings__names_the_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Check the path"):
        read_settings(tmp_path / "absent.toml")
