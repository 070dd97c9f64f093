"""What the processes do that are killed in ``test_resume.py``: runs of a hamlet."""

import sys
from pathlib import Path

import tomli_w

from evenground import cli
from evenground.config import RunSettings, UncertaintySettings, read_settings
from evenground.outputs.folder import compressed, whole_folder
from evenground.outputs.manifest import write_manifest
from evenground.pipeline import Way, searched
from evenground.results import build_front


def hamlet_settings(case: Path) -> RunSettings:
    """Return a short search that has every phase, with a checkpoint after every step."""
    settings = read_settings(case)
    short = {
        "evaluations": 120,
        "population": 8,
        "budget_levels": 2,
        "bound_time_s": 0.0,
        "checkpoint_s": 0.0,
    }
    search = settings.search.model_copy(update=short)
    none = UncertaintySettings(draws=0)
    return settings.model_copy(update={"search": search, "uncertainty": none})


def write_short(case: Path, path: Path) -> Path:
    """Write the case of such a search."""
    told = hamlet_settings(case).model_dump(mode="json", exclude_none=True)
    path.write_text(tomli_w.dumps(told), encoding="utf-8")
    return path


def find_front(case: Path, out: Path, *, seed: int | None = None, fresh: bool = False) -> None:
    """Search, and write the front as a run does, with nothing else in its directory."""
    settings = hamlet_settings(case)
    if seed is not None:
        search = settings.search.model_copy(update={"seed": seed})
        settings = settings.model_copy(update={"search": search})
    with (
        searched(settings, case.parent, out, Way(fresh=fresh)) as (_, found, target, _),
        whole_folder(target) as folder,
    ):
        front = build_front(found.archive, settings.search.objectives, found.history)
        front.to_netcdf(folder / "front.nc", engine="h5netcdf", encoding=compressed(front))
        write_manifest(folder, {})


def command(*words: object) -> None:
    """Do what the command does, and say on which file it says what."""
    said = Path(str(words[0]))
    with said.open("a", encoding="utf-8") as stream:
        sys.stdout = sys.stderr = stream
        sys.argv = ["evenground", *map(str, words[1:])]
        cli.main()
