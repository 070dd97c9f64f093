"""The turn of a night: one at a time, freed by any death; who is told, and what starts it."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evenground.config import NightlySettings
from evenground.nightly.lock import turn_of
from evenground.nightly.state import Outcome, last_run, notify, write_state
from evenground.nightly.units import quote, tell_units

from .made import call, make_runs

HOLDER = (
    "import sys, time\n"
    "from pathlib import Path\n"
    "from evenground.nightly.lock import turn_of\n"
    "with turn_of(Path(sys.argv[1])) as mine:\n"
    "    print(mine, flush=True)\n"
    "    time.sleep(60)\n"
)


def test_turn__is_had_by_one_at_a_time(tmp_path: Path) -> None:
    with turn_of(tmp_path / "runs") as first, turn_of(tmp_path / "runs") as second:
        assert (first, second) == (True, False)
    with turn_of(tmp_path / "runs") as third:
        assert third


def test_turn__is_freed_by_the_system_when_its_holder_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with turn_of(tmp_path) as while_held:
            assert not while_held
        holder.kill()
        holder.wait()

    with turn_of(tmp_path) as after:
        assert after


COUNTING = (
    "import atexit, sys\n"
    "from evenground.cli import main\n"
    "heavy = {'numba', 'numpy', 'pandas', 'xarray', 'pymoo', 'rasterio', 'scipy', 'jinja2'}\n"
    "heavy |= {'geopandas', 'evenground.config'}\n"
    "atexit.register(lambda: print('LOADED', sorted(heavy & set(sys.modules))))\n"
    "main()"
)
"""The command, which says at its end what it loaded of what takes long."""


def test_second_turn__ends_within_a_second_with_0_and_says_so(tmp_path: Path) -> None:
    case = tmp_path / "case.toml"
    case.write_text("not read")
    command = [sys.executable, "-c", COUNTING, "nightly", str(case)]
    command += ["--runs", str(tmp_path / "runs")]
    spent_s = []

    with turn_of(tmp_path / "runs"):
        for _ in range(3):
            began = time.monotonic()
            done = subprocess.run(  # noqa: S603 - our own command
                command, capture_output=True, text=True, check=False
            )
            spent_s.append(time.monotonic() - began)

    assert done.returncode == 0, done.stderr
    assert "Al bezig / already running" in done.stdout
    assert "LOADED []" in done.stdout
    # under half a second on a machine of its own; three are given to one that is shared
    assert sorted(spent_s)[1] < 3.0


def test_help__of_nightly_loads_nothing_heavy() -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", COUNTING, "nightly", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "LOADED []" in done.stdout


OUTCOME = Outcome(0, "goed", "stad-20260103T020000-2", is_new=True)


def test_last_run__goes_by_the_state_and_not_by_the_clock(tmp_path: Path) -> None:
    assert last_run(tmp_path, "stad") is None
    make_runs(tmp_path, 6)

    assert last_run(tmp_path, "stad") == tmp_path / "stad-20260105T020000-4"
    # the clock was set back: the newest by name is not that of last night
    write_state(tmp_path, OUTCOME)
    assert last_run(tmp_path, "stad") == tmp_path / "stad-20260103T020000-2"
    assert last_run(tmp_path, "dorp") == tmp_path / "dorp-20260106T020000-5"
    shutil.rmtree(tmp_path / "stad-20260103T020000-2")
    assert last_run(tmp_path, "stad") == tmp_path / "stad-20260105T020000-4"
    (tmp_path / "nightly.json").write_text("{")
    assert last_run(tmp_path, "stad") == tmp_path / "stad-20260105T020000-4"


def told_by(*words: str, seconds: float = 20.0) -> NightlySettings:
    return NightlySettings(command=words, command_timeout_s=seconds)


def test_notify__calls_the_command_with_the_file_and_without_a_shell(tmp_path: Path) -> None:
    path = write_state(tmp_path, OUTCOME)
    program = "import sys; open(sys.argv[1], 'w').write('|'.join(sys.argv[2:]))"
    out = tmp_path / "out"

    said = notify(told_by(sys.executable, "-c", program, str(out), "$HOME; `x`"), path)

    assert said == ""
    assert out.read_text() == f"$HOME; `x`|{path}"
    assert json.loads(path.read_text("utf-8"))["message"] == "goed"
    assert notify(NightlySettings(), path) == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("/absent/program",), "cannot be run: No such file or directory."),
        ((sys.executable, "-c", "import sys; sys.exit('geen post')"), "ended with 1. geen post"),
        ((sys.executable, "-c", "import time; time.sleep(9)"), "took over 0.5 s."),
    ],
    ids=["absent", "failing", "slow"],
)
def test_notify__that_fails_is_told_and_no_more(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    said = notify(told_by(*words, seconds=0.5 if "sleep" in words[-1] else 20.0), tmp_path / "x")

    assert said.startswith("nightly.command: ")
    assert said.endswith(told)


def test_units__are_accepted_by_systemd(tmp_path: Path) -> None:
    check = shutil.which("systemd-analyze")
    if check is None:
        pytest.skip("needs systemd-analyze")
    words = [sys.executable, "nightly", "/srv/my case 100%.toml", "--runs", "/srv/$runs"]
    text = tell_units(words, "stad")
    service, timer = text.split("# /etc/systemd/system/evenground-stad.timer\n")
    (tmp_path / "evenground-stad.service").write_text(service)
    (tmp_path / "evenground-stad.timer").write_text(timer)

    done = subprocess.run(  # noqa: S603 - systemd's own checker
        [check, "verify", str(tmp_path / "evenground-stad.timer"), "evenground-stad.service"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )

    assert done.returncode == 0, done.stderr
    assert "evenground-stad" not in done.stderr


def test_units__quote_what_systemd_and_cron_would_read_otherwise() -> None:
    text = tell_units(["/bin/e", "my 50% case.toml"], "stad", hour=3)

    assert 'ExecStart=/bin/e "my 50%% case.toml"' in text
    assert "OnCalendar=*-*-* 03:00:00" in text
    assert "# 0 3 * * * /bin/e 'my 50\\% case.toml'" in text
    assert quote("") == '""'
    assert quote('a "b" $c') == '"a \\"b\\" $$c"'


def test_command__prints_units_of_a_case(small_case: Path, tmp_path: Path) -> None:
    done = call("nightly", small_case, "--runs", tmp_path, "--time-limit", "2h", "--print-units")

    assert done.returncode == 0, done.stderr
    assert f"nightly {small_case} --runs {tmp_path} --data {small_case.parent}" in done.stdout
    assert "--time-limit 7200" in done.stdout
    assert list(tmp_path.iterdir()) == []
