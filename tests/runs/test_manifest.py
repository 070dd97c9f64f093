"""What a run says it was made of: manifest, checksums, and the description for archives."""

import getpass
import hashlib
import json
import platform
import re
import shutil
import subprocess
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from evenground.config import RunSettings
from evenground.optimise import SCORES
from evenground.outputs.crate import build_crate
from evenground.outputs.manifest import commit, known, machine, versions

SHA = re.compile(r"[0-9a-f]{64}")


@pytest.fixture(scope="session")
def manifest(small_run: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((small_run / "manifest.json").read_text("utf-8"))
    return told


def test_manifest__names_every_input_with_its_fingerprint(
    manifest: dict[str, Any], small_case: Path
) -> None:
    inputs = manifest["inputs"]

    assert len(inputs) > 5
    for record in inputs:
        data = (small_case.parent / record["path"]).read_bytes()
        assert record["sha256"] == hashlib.sha256(data).hexdigest()
        assert record["bytes"] == len(data)
        assert record["year"] > 2000
        assert record["licence"]
        assert not Path(record["path"]).is_absolute()


def test_manifest__holds_settings_seed_state_and_scores(
    manifest: dict[str, Any], small_run: Path, short_settings: RunSettings
) -> None:
    settings = (small_run / "settings.toml").read_bytes()

    assert manifest["format"] == 2
    assert manifest["run"] == small_run.name
    assert manifest["case"]["id"] == short_settings.case.id
    assert manifest["settings_sha256"] == hashlib.sha256(settings).hexdigest()
    assert manifest["seed"] == short_settings.search.seed
    assert (manifest["state"], manifest["exit_code"]) == ("done", 0)
    assert (manifest["is_default"], manifest["warm_start"]) == (False, None)
    with xr.open_dataset(small_run / "front.nc", engine="h5netcdf") as front:
        assert manifest["plans"] == front.sizes["candidate"]
        for proposal in manifest["proposals"]:
            told = front.isel(candidate=proposal["candidate"])
            assert proposal["scores"]["burden"] == pytest.approx(float(told["burden"]), rel=1e-12)
    assert set(manifest["today"]) >= set(SCORES)


def test_manifest__times_every_stage_and_ends_after_it_began(manifest: dict[str, Any]) -> None:
    began, ended = (datetime.fromisoformat(manifest[key]) for key in ("started", "ended"))
    spent = sum(manifest["seconds"].values())

    assert set(manifest["seconds"]) == {"model", "search", "proposals", "outputs"}
    assert (began.tzname(), ended.tzname()) == ("UTC", "UTC")
    assert abs((ended - began).total_seconds() - spent) < 2.0


def test_manifest__names_versions_and_machine_and_nobody(
    manifest: dict[str, Any], small_run: Path
) -> None:
    text = (small_run / "manifest.json").read_text("utf-8")

    assert manifest["python"] == platform.python_version()
    assert manifest["libraries"]["numpy"] == version("numpy")
    assert SHA.fullmatch(manifest["environment_sha256"])
    assert set(manifest["machine"]) == {"system", "cpu", "cores", "memory_gb"}
    assert manifest["machine"]["cores"] >= 1
    assert manifest["machine"]["memory_gb"] > 0.1
    assert platform.node() not in text
    assert f"/{getpass.getuser()}/" not in text
    assert str(small_run.parent) not in text
    assert str(Path.home()) + "/" not in text


def test_versions__know_the_lock_of_a_source_tree() -> None:
    lock = Path(__file__).parents[2] / "requirements.lock"

    assert versions()["lock_sha256"] == hashlib.sha256(lock.read_bytes()).hexdigest()


def test_commit__is_that_of_the_tree_and_tells_of_changes(tmp_path: Path) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("needs git")

    def ask(*words: str) -> str:
        return subprocess.run(  # noqa: S603 - git with words of our own
            [git, "-C", str(tmp_path), *words], capture_output=True, text=True, check=True
        ).stdout

    ask("init", "-q")
    (tmp_path / "file").write_text("one")
    ask("add", "file")
    ask("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "first")
    head = ask("rev-parse", "HEAD").strip()

    assert commit(tmp_path) == {"sha": head, "is_clean": True}
    (tmp_path / "file").write_text("two")
    assert commit(tmp_path) == {"sha": head, "is_clean": False}


def test_commit__is_unknown_without_a_tree_or_without_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert commit(tmp_path) is None

    (tmp_path / ".git").mkdir()
    assert commit(tmp_path) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit(tmp_path) is None


def test_machine__is_told_also_where_the_system_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError

    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr("os.sysconf", refuse)

    told = machine()

    assert told["cpu"]
    assert told["memory_gb"] is None


def test_known__writes_null_for_what_is_unknown() -> None:
    told = known({"a": [float("nan"), 1.5], "b": (float("inf"),), "c": "nan", "d": 3})

    assert told == {"a": [None, 1.5], "b": [None], "c": "nan", "d": 3}


def test_checksums__hold_every_other_file_as_sha256sum_reads_them(small_run: Path) -> None:
    lines = (small_run / "checksums.sha256").read_text("utf-8").splitlines()
    told = dict(reversed(line.split("  ", 1)) for line in lines)
    there = {
        path.relative_to(small_run).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in small_run.rglob("*")
        if path.is_file() and path.name != "checksums.sha256"
    }

    assert told == there
    assert "manifest.json" in told


def test_crate__has_what_the_profile_asks_for(small_run: Path) -> None:
    crate = json.loads((small_run / "ro-crate-metadata.json").read_text("utf-8"))
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    about, root = entities["ro-crate-metadata.json"], entities["./"]

    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    assert len(entities) == len(crate["@graph"])
    assert about["@type"] == "CreativeWork"
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert about["about"] == {"@id": "./"}
    assert root["@type"] == "Dataset"
    assert {"name", "description", "datePublished", "license"} <= set(root)
    assert datetime.fromisoformat(root["datePublished"]).tzinfo is not None
    assert "no figure is real" in root["description"]


def test_crate__refers_to_nothing_that_is_not_in_it(small_run: Path) -> None:
    crate = json.loads((small_run / "ro-crate-metadata.json").read_text("utf-8"))
    names = {entity["@id"] for entity in crate["@graph"]}

    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            if set(value) == {"@id"}:
                return [value["@id"]]
            return [name for part in value.values() for name in references(part)]
        return (
            [name for part in value for name in references(part)] if isinstance(value, list) else []
        )

    asked = set(references(crate["@graph"])) - {"https://w3id.org/ro/crate/1.1"}
    parts = {entity["@id"] for entity in crate["@graph"] if entity["@type"] == "File"}
    there = {
        path.relative_to(small_run).as_posix() for path in small_run.rglob("*") if path.is_file()
    }
    assert asked <= names
    assert parts == there - {"ro-crate-metadata.json", "checksums.sha256"}
    assert all((small_run / part).is_file() for part in parts)


def test_crate__names_the_commit_and_every_licence(manifest: dict[str, Any]) -> None:
    first, second = dict(manifest["inputs"][0]), dict(manifest["inputs"][1])
    first["licence"], second["licence"] = "CC BY 4.0", "CC0"
    told = {**manifest, "inputs": [first, second], "commit": {"sha": "a" * 40, "is_clean": True}}

    entities = {entity["@id"]: entity for entity in build_crate(told, {})["@graph"]}

    assert entities["#evenground"]["version"].endswith(" (aaaaaaaaaaaa)")
    assert entities["#licence"]["description"].endswith("CC BY 4.0; CC0.")
