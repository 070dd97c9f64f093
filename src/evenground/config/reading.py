"""Case files to settings: every fault at once, each with its place, finding and cure."""

import difflib
import reprlib
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from evenground.config.base import Settings
from evenground.config.run import RunSettings
from evenground.config.sweep import SweepSettings
from evenground.errors import ConfigError, Fault, shorten

Kind = TypeVar("Kind", bound=Settings)

MOST_BYTES = 1_000_000
"""Larger case files are refused unread: no case needs so much."""


def read_settings(path: Path) -> RunSettings:
    """Return the settings of a case file; every fault in it is raised at once.

    Raises
    ------
    ConfigError
        If the file is missing, is no TOML, or has keys or values that do not fit.
    """
    return parse_settings(read_toml(path), str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds, unjudged.

    Raises
    ------
    ConfigError
        If the file is missing or is no TOML.
    """
    try:
        return tomllib.loads(_text(path))
    except UnicodeDecodeError as error:
        cure = "Save it as UTF-8."
        raise ConfigError([Fault(str(path), f"is no UTF-8: {error}.", cure)]) from None
    except (ValueError, RecursionError) as error:  # huge numbers are no TOMLDecodeError
        reason = shorten(str(error).rstrip("."))
        cure = "Mend the line it names."
        raise ConfigError([Fault(str(path), f"is no TOML: {reason}.", cure)]) from None


def _text(path: Path) -> str:
    """Return the text of a case file, without the byte-order mark that Windows adds."""
    try:
        if not path.is_file():
            cure = "Check the path of the case file."
            raise ConfigError([Fault(str(path), "no such file.", cure)])
        if (size := path.stat().st_size) > MOST_BYTES:
            finding = f"has {size} bytes, a case file at most {MOST_BYTES}."
            raise ConfigError([Fault(str(path), finding, "Name the case file, not its data.")])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        cure = "Check that the file may be read."
        raise ConfigError([Fault(str(path), f"cannot be read: {error}.", cure)]) from None


def parse_settings(raw: dict[str, Any], place: str) -> RunSettings:
    """Return the settings in a nested dict; ``place`` names it in errors."""
    return _parse(RunSettings, raw, place)


def read_sweep_settings(path: Path) -> SweepSettings:
    """Return what a sweep file asks for; every fault in it is raised at once.

    Raises
    ------
    ConfigError
        If the file is missing, is no TOML, or has keys or values that do not fit.
    """
    return _parse(SweepSettings, read_toml(path), str(path))


def _parse(kind: type[Kind], raw: dict[str, Any], place: str) -> Kind:
    """Return settings of a kind from a nested dict."""
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        raise ConfigError([_fault(place, detail, kind) for detail in error.errors()]) from None


_KIND_FINDING = "this key is missing, or neither lines nor density."
_KIND_CURE = 'Set kind = "lines" for street lines, kind = "density" for metres of street per area.'


def _fault(place: str, detail: Any, kind: type[Settings] = RunSettings) -> Fault:  # noqa: ANN401 - pydantic's own TypedDict is wide
    """One of pydantic's findings in our words."""
    where = [str(part) for part in detail["loc"]]
    key = ".".join(where)
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where[-1], _known_keys(where[:-1], kind), n=1)
        cure = f"Did you mean {near[0]}?" if near else "Remove it, or check its spelling."
        return Fault(f"{place}, {key}", "this key is not known.", cure)
    if detail["type"] == "missing":
        return Fault(f"{place}, {key}", "this key is missing.", "Add it.")
    if detail["type"].startswith("union_tag"):
        return Fault(f"{place}, {key}.kind", _KIND_FINDING, _KIND_CURE)
    # A value may be nested or long without end.
    shown = reprlib.repr(detail["input"])
    found = "" if isinstance(detail["input"], dict) else f"found {shown}; "
    message = str(detail["msg"]).removeprefix("Value error, ")
    message = message.replace("Input should be", "expected").replace("String should", "it should")
    return Fault(f"{place}, {key}", f"{found}{message.rstrip('.')}.", "Correct the value.")


def _known_keys(path: list[str], kind: type[Settings]) -> list[str]:
    """Every key that the settings know at a path, or all keys where the path is not a model."""
    model: Any = kind
    for part in path:
        field = getattr(model, "model_fields", {}).get(part)
        model = getattr(field, "annotation", None)
    if hasattr(model, "model_fields"):
        return list(model.model_fields)
    return sorted({key for cls in _kinds(Settings) for key in cls.model_fields})


def _kinds(base: type[Settings]) -> list[type[Settings]]:
    """Return all settings below a class."""
    below = base.__subclasses__()
    return below + [kind for cls in below for kind in _kinds(cls)]
