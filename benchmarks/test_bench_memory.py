"""Peak memory of a large city: read, built, and searched a little, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bars import Bars

SMALL = "4000 4000 10 40 36000 5"
LARGE = "15000 14800 4 180 560000 20"
"""Width, height and cell in metres, neighbourhoods, residents, seconds of search: ten million
cells and some 50 000 options."""


def test_bench_memory(bars: Bars) -> None:
    is_full = os.environ.get("EVENGROUND_BENCH") == "full"
    told = LARGE if is_full else SMALL
    script = Path(__file__).with_name("memory_of_city.py")

    said = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(script), *told.split()], capture_output=True, text=True, check=True
    )

    found = json.loads(said.stdout.splitlines()[-1])
    what = f"{found['cells'] / 1e6:.1f} million cells, {found['options']} options: peak GB"
    sides = f"{found['peak_gb']:.2f} GB searched", f"{found['built_gb']:.2f} GB built"
    bars.add(what, *sides, found["peak_gb"], "<= 8")
    bars.say(
        f"{found['receptors']} receptors, weights {found['weights_gb']:.2f} GB, "
        f"{found['plans']} plans evaluated; seconds to write, build and search {found['seconds']}"
    )
