"""The command: what it prints, what it writes, and how it says no."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import typer

from evenground import cli

COMMAND = [sys.executable, "-c", "from evenground.cli import main; main()"]
HERE = {key: value for key, value in os.environ.items() if key != "EVENGROUND_DATA"}
"""The surroundings of every call: without a folder of files that belongs to another case."""


def python(code: str, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, env=HERE | more
    )


def call(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    return python(COMMAND[-1], *arguments, **more)


def changed(small_case: Path, tmp_path: Path, *pairs: tuple[str, str]) -> Path:
    """Return a case file elsewhere that differs from that of the small town."""
    text = small_case.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


HEAVY = {
    "numba",
    "numpy",
    "pandas",
    "geopandas",
    "rasterio",
    "pymoo",
    "scipy",
    "xarray",
    "distributed",
}


@pytest.mark.parametrize(
    "words",
    [["--help"], *([name, "--help"] for name in ("run", "check", "verify", "sweep", "serve"))],
    ids=" ".join,
)
def test_help__loads_nothing_heavy(words: list[str]) -> None:
    code = (
        "import atexit, sys\n"
        "from evenground.cli import main\n"
        f"heavy = {HEAVY}\n"
        "atexit.register(lambda: print('LOADED', sorted(heavy & set(sys.modules))))\n"
        "main()"
    )

    done = python(code, *words)

    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout
    assert "LOADED []" in done.stdout


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1800.0),
        ("90s", 90.0),
        ("1h30m", 5400.0),
        ("2h", 7200.0),
        ("1h1m1s", 3661.0),
        ("45", 45.0),
        ("2.5", 2.5),
    ],
)
def test_seconds__reads_times_as_people_write_them(text: str, seconds: float) -> None:
    assert cli._seconds(text) == seconds  # noqa: SLF001 - the parser of one option


@pytest.mark.parametrize(
    "text",
    ["", "0", "0m", "-5", "-5m", "nan", "inf", "1h30", "1d", "30 m", "m", "1m1h", "1e9", "9" * 20],
)
def test_seconds__refuses_other_texts_with_a_cure(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="Write it as 30m, 90s, 1h30m, or in seconds"):
        cli._seconds(text)  # noqa: SLF001 - as above


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "absent.toml"], "absent.toml: no such file. Check the path of the case file."),
        (["check", "absent.toml"], "absent.toml: no such file."),
        (["run", "case.toml", "--time-limit", "1h30"], "Write it as 30m, 90s, 1h30m"),
        (["run", "case.toml", "--seed", "-1"], "--seed"),
        (["run", "case.toml", "--seed", str(2**63)], "--seed"),
        (["run", "--data", "."], "leave --data out to run Voorbeeldstad"),
        (["run", "--out", __file__], "is no folder that can be written in. Choose another one."),
        (["rnu"], "No such command"),
    ],
    ids=["absent", "absent, checked", "time", "seed", "huge seed", "data", "out", "command"],
)
def test_wrong_arguments__end_with_2(words: list[str], told: str) -> None:
    done = call(*words)

    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        ("errors.SearchError('no plan fits the budget.')", 3, "no plan fits the budget.\n"),
        ("errors.DataError([errors.Fault('a.tif', 'is odd.', 'Mend it.')])", 2, "a.tif: is odd."),
        ("ZeroDivisionError('oops')", 5, "Traceback"),
        ("ZeroDivisionError('oops')", 5, "ZeroDivisionError: oops"),
        ("ZeroDivisionError('oops')", 5, "please report it"),
    ],
    ids=["no plan", "input", "ours", "ours, named", "ours, said"],
)
def test_exit_code__tells_whose_turn_it_is(error: str, code: int, told: str) -> None:
    program = (
        "from evenground import cli, errors\n"
        "def fail(path):\n"
        f"    raise {error}\n"
        "cli.read_settings = fail\n"
        "cli.main()"
    )

    done = python(program, "run", "case.toml")

    assert done.returncode == code
    assert told in done.stderr
    assert ("Traceback" in done.stderr) == (code == 5)


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_stop__takes_away_what_is_unfinished_and_ends_with_4(tmp_path: Path, how: str) -> None:
    program = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from evenground import cli\n"
        "from evenground.unfinished import unfinished\n"
        "def stop(path):\n"
        "    Path('half').mkdir()\n"
        "    with unfinished(Path('half')):\n"
        "        Path('half', 'file').touch()\n"
        f"        os.kill(os.getpid(), signal.{how})\n"
        "    raise SystemExit(99)\n"
        "cli.read_settings = stop\n"
        f"os.chdir({str(tmp_path)!r})\n"
        # a parent that ignores it, such as nohup, must not hide what is tested
        f"signal.signal(signal.{how}, signal.SIG_DFL)\n"
        "cli.main()"
    )

    done = python(program, "run", "case.toml")

    assert done.returncode == 4
    assert done.stderr == "Stopped before the end; nothing unfinished is left behind.\n"
    assert not (tmp_path / "half").exists()


def test_stop__ends_also_where_exceptions_are_dropped() -> None:
    program = (
        "import os, signal, time\n"
        "from contextlib import suppress\n"
        "from evenground import cli\n"
        "def deaf(path):\n"
        "    with suppress(BaseException):\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "    time.sleep(60)\n"
        "cli.read_settings = deaf\n"
        "cli.main()"
    )

    done = python(program, "run", "case.toml")

    assert done.returncode == 4


def test_check__accepts_the_small_town_and_tells_what_was_done(small_case: Path) -> None:
    done = call("check", small_case)

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith("- ")
    assert done.stdout.endswith("No faults found.\n")


def test_check__refuses_a_group_by_an_unknown_column_and_names_the_nearest(
    small_case: Path, tmp_path: Path
) -> None:
    group = (
        '[[groups]]\nname = "ouderen"\n'
        'where = [{ column = "share_age_65plus", at_least = 0.2 }]\n\n[search]'
    )
    case = changed(small_case, tmp_path, ("[search]", group))

    done = call("check", case, "--data", small_case.parent)

    assert done.returncode == 2
    assert "groups, ouderen, where: names column share_age_65plus" in done.stderr
    assert "Did you mean share_age_65_plus" in done.stderr
    assert "1 fault found." in done.stderr


def test_data__is_found_by_option_by_environment_or_beside_the_case(
    small_case: Path, tmp_path: Path
) -> None:
    case, folder = changed(small_case, tmp_path), small_case.parent

    beside = call("check", case)
    by_option = call("check", case, "--data", folder, EVENGROUND_DATA=str(tmp_path))
    by_environment = call("check", case, EVENGROUND_DATA=str(folder))
    absent = call("check", case, "--data", tmp_path / "absent")

    assert (beside.returncode, by_option.returncode, by_environment.returncode) == (2, 0, 0)
    assert "no such file in" in beside.stderr
    assert absent.stderr.endswith("by --data or EVENGROUND_DATA.\n1 fault found.\n")


def test_check__lists_every_fault_beside_all_remarks(small_case: Path, tmp_path: Path) -> None:
    pairs = [(f'"{name}"', f'"absent_{name}"') for name in ("no2.tif", "noise.tif")]
    case = changed(small_case, tmp_path, *pairs)
    text = case.read_text(encoding="utf-8")
    case.write_text(f'{text}\n[interventions]\nuse = ["fountain"]\n', encoding="utf-8")

    done = call("check", case, "--data", small_case.parent)

    assert done.returncode == 2
    faults = done.stderr.splitlines()
    assert {line.split()[0].strip(":") for line in faults[:-1]} == {
        "absent_no2.tif",
        "absent_noise.tif",
        "interventions.use",
    }
    assert faults[-1] == "3 faults found."
    assert "gekoppeld" in done.stdout
    assert "No faults" not in done.stdout


def test_run__refuses_what_check_refuses_and_writes_nothing(
    small_case: Path, tmp_path: Path
) -> None:
    town = tmp_path / "town"
    town.mkdir()
    for path in small_case.parent.iterdir():
        if path.is_file():
            (town / path.name).write_bytes(path.read_bytes())
    with rasterio.open(town / "no2.tif", "r+") as target:
        target.write(np.full(target.shape, 900.0), 1)

    checked = call("check", town / small_case.name)
    ran = call("run", town / small_case.name, "--out", tmp_path / "out")

    assert (checked.returncode, ran.returncode) == (2, 2)
    assert "lie outside 0 to 100 ug m-3 (900 in" in ran.stderr
    assert ran.stderr.splitlines() == checked.stderr.splitlines()[:-1]
    assert not (tmp_path / "out").exists()


def test_run__refuses_an_unknown_key_with_2(small_case: Path, tmp_path: Path) -> None:
    case = changed(small_case, tmp_path, ("budget_eur", "budgt_eur"))

    done = call("run", case, "--data", small_case.parent, "--out", tmp_path / "out")

    assert done.returncode == 2
    assert "budget_eur" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_run__writes_all_that_a_planner_opens(small_case: Path, tmp_path: Path) -> None:
    done = call("run", small_case, "--out", tmp_path / "out", "--time-limit", "5s")

    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "out").iterdir()
    for name in (
        "front.nc",
        "report.html",
        "beslisstuk.pdf",
        "decision.html",
        "settings.toml",
        "manifest.json",
        "distribution/measures.csv",
    ):
        assert (folder / name).stat().st_size > 0
    assert len(list((folder / "proposals").glob("*/*.gpkg"))) >= 4
    *_, report_line, paper_line, pages_line = done.stdout.splitlines()
    assert report_line == f"Het verslag: {folder / 'report.html'}"
    assert paper_line == f"Het beslisstuk: {folder / 'beslisstuk.pdf'}"
    assert pages_line.startswith("Alles in de browser: ")
    assert pages_line.endswith(f" serve {folder.parent}")
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert "verzonnen" in report
    # letters of a picture may spell the word by chance, but not what follows it in an address
    assert "://" not in report


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_run__that_is_killed_leaves_no_run(
    small_case: Path, tmp_path: Path, how: signal.Signals
) -> None:
    out = tmp_path / "out"
    command = [*COMMAND, "run", str(small_case), "--out", str(out), "--time-limit", "1m"]
    with subprocess.Popen(command, env=HERE, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        ends = time.monotonic() + 120.0
        while not any(out.glob(".*")):  # it has not begun: Python itself is being stopped
            assert time.monotonic() < ends
            time.sleep(0.1)
        time.sleep(2)
        process.send_signal(how)
        code = process.wait(timeout=60)

    left = [path for path in out.glob("*") if not path.name.startswith(".")] if out.exists() else []
    assert left == []
    assert code == (-how if how == signal.SIGKILL else 4)


def test_check__refuses_a_function_of_another_exposure(small_case: Path, tmp_path: Path) -> None:
    case = tmp_path / "functions.toml"
    chosen = '\n[health.functions]\npm25_mort = "no2_mort_who"\n'
    case.write_text(small_case.read_text("utf-8") + chosen, encoding="utf-8")

    done = call("check", case, "--data", small_case.parent)

    assert done.returncode == 2
    assert "health.functions.pm25_mort: no2_mort_who is of another exposure" in done.stderr


def test_check__judges_the_names_of_the_vulnerability_index(
    small_case: Path, tmp_path: Path
) -> None:
    case = tmp_path / "vulnerable.toml"
    chosen = (
        "\n[vulnerability]\n"
        'columns = [{ name = "low_income", capital = "economic", worse = "higher" }]\n'
        "modifiers = { pm25_mrt = 1.2 }\n"
    )
    case.write_text(small_case.read_text("utf-8") + chosen, encoding="utf-8")

    done = call("check", case, "--data", small_case.parent)

    assert done.returncode == 2
    assert "vulnerability.columns.low_income: is no figure of a neighbourhood." in done.stderr
    assert "Did you mean low_income_share" in done.stderr
    assert "vulnerability.modifiers.pm25_mrt: this run has no such response." in done.stderr
    assert "2 faults found" in done.stderr


def test_workflow__of_the_manual_asks_what_the_command_knows() -> None:
    manual = (Path(__file__).parents[1] / "docs" / "index.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n# Snakefile\n(.*?)```", manual, re.DOTALL)
    lines = re.findall(r'shell: "(.*)"', block)
    values = {
        "{input}": "case.toml",
        "{output}": "out/folder",
        "{params.data}": "data",
        "{threads}": "4",
        "{wildcards.seed}": "7",
        "{wildcards.name}": "name",
    }

    asked = []
    for line in lines:
        for name, value in values.items():
            line = line.replace(name, value)  # noqa: PLW2901 - filled in as Snakemake does
        assert "{" not in line
        words = shlex.split(line)
        words = words[words.index("evenground") + 1 :]
        command: Any = typer.main.get_command(cli.app)
        context = None
        while True:
            context = command.make_context("evenground", words, parent=context)
            if not hasattr(command, "commands"):
                break
            _, command, words = command.resolve_command(
                context,
                [*context._protected_args, *context.args],  # noqa: SLF001 - as it invokes them
            )
        asked.append(context.params)

    run, sweep = asked
    assert (run["case"], run["out"], run["seed"]) == (Path("case.toml"), Path("out/folder"), 7)
    assert run["data"] == sweep["data"] == Path("data")
    assert (sweep["sweep"], sweep["out"]) == (Path("case.toml"), Path("out/name"))
    assert sweep["workers"] == 4
    # what a sweep leaves is what the rule expects of it
    assert 'output: "out/{name}/summary/index.html"' in block
