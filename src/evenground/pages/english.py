"""The words of the pages in English, by the Dutch that the templates are written in.

Read from ``templates/english.txt``, one line each. Only what the pages say themselves: what comes
from a run, such as names and reasons, stays Dutch and is marked so.
"""

from importlib.resources import files


def read_english() -> dict[str, str]:
    """Return the English of every Dutch text."""
    text = (files("evenground.pages") / "templates" / "english.txt").read_text(encoding="utf-8")
    pairs = (line.partition("|") for line in text.splitlines())
    return {dutch: english for dutch, _, english in pairs}


ENGLISH = read_english()
"""English by Dutch."""
