"""Compiled loops that are kept on disk, from processes of their own."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = [pytest.mark.jit, pytest.mark.slow]

SCRIPT = """
import logging
logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
import numpy as np
from evenground.kernels import sum_amounts
from evenground.kernels.compiled import STORE
out = np.empty(2)
sum_amounts(np.array([[3, 0], [1, 2]], np.int16), np.ones(2), np.array([0.5, 0.25]), out)
print(out.tolist(), sum_amounts.stats.cache_hits.total(), STORE.folder is not None)
"""
SUMS = "[3.5, 3.75]"
TWINS = """
import logging
logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
from evenground.kernels.compiled import compiled
@compiled()
def double(value): return 2.0 * value
@compiled()
def triple(value): return 3.0 * value
print(double(5.0), triple(5.0), double.stats.cache_hits.total(), triple.stats.cache_hits.total())
"""
"""Two loops of the same types: a file of one would do for the other."""
BOTH = "10.0 15.0"


def run(folder: Path, script: str = SCRIPT) -> tuple[str, list[str]]:
    """Return what a fresh process says, and its warnings."""
    environment = os.environ | {"EVENGROUND_CACHE_DIR": str(folder)}
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script],
        check=True,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip(), done.stderr.splitlines()


def files(folder: Path) -> list[Path]:
    """Return the loops that are kept."""
    return sorted(folder.glob("kernels-*/*"))


def test_cache__is_read_by_the_next_process_and_by_nobody_else(tmp_path: Path) -> None:
    first, second = run(tmp_path), run(tmp_path)

    assert first == (f"{SUMS} 0 True", [])
    assert second == (f"{SUMS} 1 True", [])
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize(
    "harm", ["cut short", "emptied", "one bit", "garbage", "foreign", "other version"]
)
def test_cache__that_cannot_be_read_is_made_anew_with_one_warning(
    tmp_path: Path, harm: str
) -> None:
    run(tmp_path)
    (kept,) = files(tmp_path)
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    whole = bytes(content)
    other = b"a file of something else, whole by its own checksum"
    # As written by another version of the loops, in a folder that was renamed.
    make, told = kept.parent.name.removeprefix("kernels-").encode(), kept.read_bytes()[32:]
    assert told.startswith(make)
    older = b"0" * len(make) + told[len(make) :]
    harmed = {
        "cut short": whole[:1000],
        "emptied": b"",
        "one bit": whole,
        "garbage": np.random.default_rng(1).bytes(5000),
        "foreign": hashlib.sha256(other).digest() + other,
        "other version": hashlib.sha256(older).digest() + older,
    }
    kept.write_bytes(harmed[harm])

    after, again = run(tmp_path), run(tmp_path)

    assert after[0] == f"{SUMS} 0 True"
    assert len(after[1]) == 1
    assert "compiled again" in after[1][0]
    assert again == (f"{SUMS} 1 True", [])


def test_cache__of_another_loop_under_the_name_of_this_one_is_made_anew(tmp_path: Path) -> None:
    assert run(tmp_path, TWINS) == (f"{BOTH} 0 0", [])
    double, triple = files(tmp_path)
    whole = double.read_bytes()
    double.write_bytes(triple.read_bytes())

    after, again = run(tmp_path, TWINS), run(tmp_path, TWINS)

    # The other loop is read as before.
    assert after[0] == f"{BOTH} 0 1"
    assert len(after[1]) == 1
    assert "double" in after[1][0]
    assert "holds something else" in after[1][0]
    assert again == (f"{BOTH} 1 1", [])
    assert len(double.read_bytes()) == pytest.approx(len(whole), rel=0.1)


def test_cache__warns_once_of_many_files_that_cannot_be_read(tmp_path: Path) -> None:
    run(tmp_path, TWINS)
    for kept in files(tmp_path):
        kept.write_bytes(kept.read_bytes()[:-1])

    after, again = run(tmp_path, TWINS), run(tmp_path, TWINS)

    assert after[0] == f"{BOTH} 0 0"
    assert len(after[1]) == 1
    assert again == (f"{BOTH} 1 1", [])


def test_cache__does_without_a_folder_and_says_so_once(tmp_path: Path) -> None:
    # A file stands where the folder should be: nobody can write there, whoever runs this.
    (tmp_path / "taken").write_text("no folder")

    found = run(tmp_path / "taken")

    assert found[0] == f"{SUMS} 0 False"
    assert len(found[1]) == 1
    assert "every run compiles" in found[1][0]


def test_cache__trusts_no_folder_in_which_others_may_write(tmp_path: Path) -> None:
    run(tmp_path)
    (folder,) = tmp_path.iterdir()
    folder.chmod(0o777)

    found = run(tmp_path)

    assert found[0] == f"{SUMS} 0 False"
    assert "others may write" in found[1][0]
