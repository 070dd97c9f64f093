"""Tonight beside last night: what changed, and what moved the numbers.

Last night's proposals are scored again, by tonight's files with last night's settings and
then with tonight's. The first step is what the data did, the second what the settings did,
and what is left between them and tonight's proposals is the search.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground.config import read_settings
from evenground.constraints import middles, neighbourhood_of
from evenground.errors import EvengroundError
from evenground.names import CODE, NAME
from evenground.optimise import SCORES
from evenground.outputs.manifest import resolved, versions
from evenground.pipeline import Mapped, Model, build_model, map_onto, read_earlier, score
from evenground.results import Run
from evenground.results.changes import Changes, InputChange, Moved, Place, SettingChange
from evenground.runs import (
    SETTINGS,
    Difference,
    differences,
    flat,
    read_manifest,
    read_resolved,
)
from evenground.runs.compare import PROGRAM
from evenground.sources import FileRecord

Float = NDArray[np.float64]
Scores = Mapping[str, Float | None]
"""Scores (score,) by id of the proposal; None where they are not known."""
NOT_OF_SCORES = ("search.", "uncertainty.", "phasing.", "case.title", "case.remarks")
"""Settings that change no score of a given plan."""
UNTOLD = ("search.time_limit_s",)
"""A night's own time, which no two nights share."""
NEW_DUTCH, GONE_DUTCH, SAME_DUTCH = "nieuw", "niet meer gebruikt", "ongewijzigd"


def compare_nights(name: str, last: Path | None, data: Path, model: Model, result: Run) -> Changes:
    """Return what changed between a run of last night and that of tonight."""
    files = model.sources.files
    if last is None:
        fresh = tuple(InputChange(record.path, "new", NEW_DUTCH) for record in files)
        return Changes(name, "", fresh, (), (), (), (), (), 0, 0, ())
    told, remarks = read_manifest(last), list[str]()
    settings = tuple(
        part
        for part in differences(
            flat(read_resolved(last)), flat(tomllib.loads(resolved(model.settings)))
        )
        if part.name not in UNTOLD
    )
    program = _program(told)
    inputs = tuple(tell_inputs(told.get("inputs", ()), files))
    mapped = map_onto(read_earlier(last), model)
    picked = {str(part["id"]): int(part["candidate"]) for part in told.get("proposals", ())}
    same_data = all(part.change == "same" for part in inputs)
    bearing = [part for part in settings if not part.name.startswith(NOT_OF_SCORES)]
    moved = _moved(
        told,
        _scores_of(model, mapped, picked),
        _in_between(last, data, picked, remarks) if bearing else None,
        result,
        is_program=same_data and bool(program) and not bearing,
    )
    if program and not same_data:
        remarks.append(
            "Het programma is ook veranderd. Wat daardoor komt, is niet te scheiden van de data."
        )
    then, now = _places_then(mapped, picked, model), _places_now(model, result)
    return Changes(
        run=name,
        last=last.name,
        inputs=inputs,
        settings=_as_text(settings),
        program=_as_text(program),
        moved=tuple(moved),
        entered=tuple(now[key] for key in now if key not in then),
        left=tuple(then[key] for key in then if key not in now),
        kept=len(set(then) & set(now)),
        lost_works=sum(mapped.lost(candidate) for candidate in picked.values()),
        remarks=tuple(remarks),
    )


def tell_inputs(
    then: Iterable[Mapping[str, Any]], now: Iterable[FileRecord]
) -> Iterable[InputChange]:
    """Say of each input whether its content is that of last night, by its checksum."""
    old = {str(record["path"]): record for record in then}
    current = {record.path: record for record in now}
    for path, record in current.items():
        if path not in old:
            yield InputChange(path, "new", NEW_DUTCH)
        elif old[path]["sha256"] == record.sha256:
            yield InputChange(path, "same", SAME_DUTCH)
        else:
            before = old[path]
            words = [f"inhoud gewijzigd ({before['bytes']} bytes, nu {record.bytes})"]
            for key, word in (("year", "jaar"), ("source", "bron"), ("licence", "licentie")):
                if before[key] != getattr(record, key):
                    words.append(f"{word} was {before[key]}, is nu {getattr(record, key)}")
            yield InputChange(path, "changed", "; ".join(words))
    for path in old:
        if path not in current:
            yield InputChange(path, "gone", GONE_DUTCH)


def _program(told: Mapping[str, Any]) -> tuple[Difference, ...]:
    """List what of the program is otherwise than in a manifest."""
    now = versions()
    return differences(*({key: one.get(key) for key in PROGRAM} for one in (dict(told), now)))


def _as_text(parts: Iterable[Difference]) -> tuple[SettingChange, ...]:
    """Return differences as text."""
    return tuple(SettingChange(part.name, str(part.first), str(part.second)) for part in parts)


def _scores_of(model: Model, mapped: Mapped, picked: Mapping[str, int]) -> Scores:
    """Score today and last night's proposals by a model."""
    today, _ = model.problem.scores(model.problem.empty[None, :])
    again = score(model, mapped, list(picked.values()))
    return {"today": today[0], **dict(zip(picked, again, strict=True))}


def _in_between(last: Path, data: Path, picked: Mapping[str, int], remarks: list[str]) -> Scores:
    """Score last night's proposals by tonight's files and last night's settings.

    Nothing is known where the two do not fit; a remark then says so.
    """
    try:
        before = build_model(read_settings(last / SETTINGS), data)
        return _scores_of(before, map_onto(read_earlier(last), before), picked)
    except EvengroundError as error:
        remarks.append(
            "De instellingen van de vorige nacht passen niet bij de data van nu. Wat de data en "
            f"wat de instellingen deden, is niet te scheiden ({str(error).splitlines()[0]})."
        )
        return dict.fromkeys(("today", *picked))


def _moved(
    told: Mapping[str, Any],
    rescored: Scores,
    between: Scores | None,
    result: Run,
    *,
    is_program: bool,
) -> Iterable[Moved]:
    """Give every score of today and of each proposal of either night, and what moved it."""
    then = {"today": told.get("today", {})}
    then |= {str(part["id"]): part["scores"] for part in told.get("proposals", ())}
    now = {"today": result.today.scores}
    now |= {part.id: part.assessment.scores for part in result.proposals}
    for plan in dict.fromkeys([*then, *now]):
        again = rescored.get(plan)
        # without other settings, the step between is the last one
        middle = again if between is None else between.get(plan)
        for k, name in enumerate(SCORES):
            yield tell_move(
                (plan, name),
                then.get(plan, {}).get(name),
                None if middle is None else float(middle[k]),
                None if again is None else float(again[k]),
                now.get(plan, {}).get(name),
                is_program=is_program,
            )


def tell_move(
    what: tuple[str, str],
    then: float | None,
    middle: float | None,
    again: float | None,
    now: float | None,
    /,
    *,
    is_program: bool,
) -> Moved:
    """Return what moved a score of a proposal.

    Parameters
    ----------
    what
        Id of the proposal, and the score.
    then, middle, again
        The score of last night's plan as written, by tonight's data, and by tonight's data and
        settings.
    now
        The score of tonight's plan.
    is_program
        Neither data nor settings are otherwise, and the program is.
    """
    search = None if again is None or now is None else now - again
    data = settings = program = together = None
    if then is not None and again is not None:
        if middle is None:
            together = again - then
        else:
            data, settings, program = middle - then, again - middle, 0.0
    if is_program and data is not None:
        data, program = 0.0, data
    return Moved(*what, then, data, settings, program, together, search, now)


Key = tuple[int, int, str]
"""Middle of a site in decimetres, and what is built."""


def _places_then(mapped: Mapped, picked: Mapping[str, int], model: Model) -> dict[Key, Place]:
    """Return the places of last night's proposals."""
    earlier, found = mapped.earlier, dict[Key, list[str]]()
    codes: dict[Key, str] = {}
    columns = [earlier.options[name].to_numpy() for name in ("x", "y", "intervention", "code")]
    for name, candidate in picked.items():
        for j in earlier.option[earlier.start[candidate] : earlier.start[candidate + 1]]:
            x, y, kind, code = (column[j] for column in columns)
            key = (int(x), int(y), str(kind))
            codes[key] = str(code)
            found.setdefault(key, []).append(name)
    return _named(found, codes, model)


def _places_now(model: Model, result: Run) -> dict[Key, Place]:
    """Return the places of tonight's proposals."""
    options, study = model.options, model.study
    x, y = middles(options, study)
    kinds = options.interventions.index.to_numpy(str)[options.intervention]
    here = neighbourhood_of(options, study)
    names = study.neighbourhoods[CODE].to_numpy(str)
    found, codes = dict[Key, list[str]](), dict[Key, str]()
    for proposal in result.proposals:
        for j in np.flatnonzero(proposal.plan).tolist():
            key = (round(10.0 * x[j]), round(10.0 * y[j]), str(kinds[j]))
            codes[key] = str(names[here[j]]) if here[j] >= 0 else ""
            found.setdefault(key, []).append(proposal.id)
    return _named(found, codes, model)


def _named(
    found: Mapping[Key, list[str]], codes: Mapping[Key, str], model: Model
) -> dict[Key, Place]:
    """Return places under the names that planners know, those of most proposals first."""
    table = model.study.neighbourhoods
    names = dict(zip(table[CODE].astype(str), table[NAME].astype(str), strict=True))
    kinds = model.options.interventions["name_nl"].astype(str).to_dict()
    ordered = sorted(found, key=lambda key: (-len(set(found[key])), key))
    return {
        key: Place(
            intervention=kinds.get(key[2], key[2]),
            neighbourhood=names.get(codes[key], codes[key]),
            x_m=key[0] / 10.0,
            y_m=key[1] / 10.0,
            proposals=tuple(dict.fromkeys(found[key])),
        )
        for key in ordered
    }
