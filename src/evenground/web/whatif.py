"""What if: a proposal with other amounts, computed by the worker; state stands in the question.

A change is an option with its steps; ``wijzig`` holds them as ``12:3,40:0``.
"""

import csv
import gzip
import io
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from evenground.dutch import change, number
from evenground.pages.book import Book, differences
from evenground.pages.query import choice_of, number_of
from evenground.web.bench import Desk

Plain = dict[str, Any]
Query = Mapping[str, str]

MOST_CHANGES = 20_000
NAMED = 12
"""Neighbourhoods that are named as moving most."""
_CHANGE = re.compile(r"(\d{1,8}):(\d{1,5})")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First signs by which a spreadsheet takes a text for a formula."""
HEAD = ("maatregel", "hoeveelheid", "eenheid", "x_m", "y_m", "buurtcode", "buurtnaam", "optie")


def read_changes(text: str) -> dict[int, int]:
    """Return changes by option; what is no change is left out."""
    found = {}
    for part in text.split(",")[:MOST_CHANGES]:
        if match := _CHANGE.fullmatch(part):
            found[int(match[1])] = int(match[2])
    return found


def write_changes(changes: Mapping[int, int]) -> str:
    """Return changes as text, by option."""
    return ",".join(f"{option}:{steps}" for option, steps in sorted(changes.items()))


@lru_cache(maxsize=2)
def read_options(folder: Path) -> tuple[dict[str, str], ...]:
    """Return every option of a run as the run wrote it, in order."""
    with gzip.open(folder / "options.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@lru_cache(maxsize=2)
def _options_at(folder: Path) -> dict[tuple[str, str], list[int]]:
    """Return the options of each neighbourhood and intervention."""
    found: dict[tuple[str, str], list[int]] = {}
    for k, row in enumerate(read_options(folder)):
        found.setdefault((row["neighbourhood_code"], row["intervention"]), []).append(k)
    return found


def context(book: Book, folder: Path, desk: Desk, query: Query) -> Plain:
    """Return what the page shows before anything is computed."""
    first = next(iter(book.proposal))
    wanted = query.get("voorstel", "")
    proposal = book.proposal[wanted if wanted in book.proposal else first]
    changes = read_changes(query.get("wijzig", ""))
    state, fault = desk.state(folder)
    place = query.get("buurt", "")
    place = place if place in book.place else _busiest(book, proposal)
    kinds = {kind["key"]: kind for kind in book["kinds"]}
    kind = kinds.get(query.get("maatregel", ""), kinds[proposal["kinds"][0]["key"]])
    return {
        "p": proposal,
        "changes": write_changes(changes),
        "state": state,
        "fault": fault,
        "place": place,
        "place_name": book["neighbourhoods"][book.place[place]]["name"],
        "kind": kind,
        "rows": _rows(book, folder, proposal, changes, (place, kind["key"])),
        "outcome": None,
        "n_changed": len(changes),
        "map": None,
        "moved": [],
        "budgets": _asked_budgets(desk, folder, query),
        "within": None,
    }


def _asked_budgets(desk: Desk, folder: Path, query: Query) -> list[Plain]:
    """Return the budgets with the limits that were asked, or else those of the run."""
    is_asked = query.get("actie") == "budget"
    return [
        line | {"field": f"grens_{k}", "asked": number_of(query, f"grens_{k}")}
        if is_asked
        else line | {"field": f"grens_{k}", "asked": line["limit"]}
        for k, line in enumerate(desk.budgets(folder))
    ]


def direct(book: Book, folder: Path, desk: Desk, query: Query) -> Plain:
    """Return the scores of a changed plan as texts by key, for a table that follows what is typed.

    Each score has its value, and what it differs from the proposal.
    """
    first = next(iter(book.proposal))
    proposal = book.proposal[choice_of(query, "voorstel", book.proposal, first)]
    options, changes = read_options(folder), read_changes(query.get("wijzig", ""))
    for key in query:
        name, _, option = key.partition("_")
        amount = number_of(query, key)
        if name == "n" and option.isdecimal() and int(option) < len(options) and amount is not None:
            changes[int(option)] = _steps(options[int(option)], amount)
    question = {
        "ask": "outcome",
        "proposal": proposal["id"],
        "changes": {str(key): value for key, value in changes.items()},
    }
    answer = desk.ask(folder, question)
    if "fault" in answer:
        return {"fault": answer["fault"]}
    outcome, before = answer["outcome"], proposal["values"]
    rows = {}
    for score in book["scores"]:
        now = outcome["values"][score["key"]]
        how = number if score["kind"] == "million" else change
        apart = change(now - before[score["key"]], score["decimals"] + 2)
        rows[score["key"]] = [how(now, score["decimals"]), apart]
    for key in ("better", "worse"):
        rows[key] = [str(outcome[key]), change(outcome[key] - proposal[key], 0)]
    return {"rows": rows, "broken": outcome["broken"], "changed": len(answer["changes"])}


def _steps(option: Mapping[str, str], amount: float) -> int:
    """Return the steps of an amount, within what fits."""
    return min(max(round(amount / float(option["step"])), 0), int(option["most"]))


def compute(book: Book, folder: Path, desk: Desk, query: Query) -> Plain:
    """Return what the page shows once the changed plan is computed."""
    shown = context(book, folder, desk, query)
    changes = read_changes(shown["changes"])
    options = read_options(folder)
    for row in shown["rows"]:
        amount = number_of(query, f"n_{row['option']}")
        if amount is not None:
            steps = _steps(options[row["option"]], amount)
            if steps != row["steps"]:
                changes[row["option"]] = steps
    question: Plain = {
        "ask": "outcome",
        "proposal": shown["p"]["id"],
        "changes": {str(key): value for key, value in changes.items()},
    }
    if query.get("actie") == "verschuif":
        euros = number_of(query, "euro")
        if euros is None or not 0.0 < euros <= 1e12:
            return shown | {"fault": "Vul in hoeveel euro wordt verschoven."}
        move = {"euros": euros, "source": query.get("van", ""), "target": query.get("naar", "")}
        question["move"] = move
    if query.get("actie") == "budget":
        asked = {line["name"]: line["asked"] for line in shown["budgets"]}
        question |= {"ask": "budgets", "limits": asked}
    answer = desk.ask(folder, question)
    if "fault" in answer:
        return shown | {"fault": answer["fault"], "state": desk.state(folder)[0]}
    changes = {int(key): steps for key, steps in answer["changes"].items()}
    outcome = answer["outcome"]
    after = outcome["after"]["burden"]
    where = (shown["place"], shown["kind"]["key"])
    return shown | {
        "changes": write_changes(changes),
        "rows": _rows(book, folder, shown["p"], changes, where),
        "outcome": outcome,
        "n_changed": len(changes),
        "map": book.difference_map("burden", after),
        "moved": _moved(book, shown["p"], after),
        "within": _told(answer.get("budgets")),
    }


def _told(within: Plain | None) -> Plain | None:
    """Return what fits in other budgets, with the changes that lead to the nearest plan."""
    if within is None or within["nearest"] is None:
        return within
    nearest = within["nearest"]
    changes = {int(key): steps for key, steps in nearest["changes"].items()}
    return within | {"nearest": nearest | {"changes": write_changes(changes)}}


def save(book: Book, folder: Path, desk: Desk, query: Query) -> str | None:
    """Return the changed plan as a list for a Dutch spreadsheet; None where it cannot be made."""
    shown = context(book, folder, desk, query)
    changes = {str(k): steps for k, steps in read_changes(shown["changes"]).items()}
    question = {"ask": "works", "proposal": shown["p"]["id"], "changes": changes}
    answer = desk.ask(folder, question)
    if "works" not in answer:
        return None
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\n")
    writer.writerow(HEAD)
    for row in answer["works"]:
        writer.writerow([_cell(value) for value in row])
    return stream.getvalue()


def _cell(value: str | float) -> str:
    """Return a cell; a number with a comma, and no text that acts as a formula."""
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", ",")
    return f"'{value}" if value.startswith(_FORMULA) else value


def _busiest(book: Book, proposal: Plain) -> str:
    """Return the code of the neighbourhood in which a proposal spends most."""
    sums: dict[int, float] = {}
    works = proposal["works"]
    for place, euros in zip(works["place"], works["capital"], strict=True):
        sums[place] = sums.get(place, 0.0) + (euros or 0.0)
    known = {place: euros for place, euros in sums.items() if place >= 0} or {0: 0.0}
    return str(book["neighbourhoods"][max(known, key=lambda place: known[place])]["code"])


def _rows(
    book: Book, folder: Path, proposal: Plain, changes: Mapping[int, int], where: tuple[str, str]
) -> list[Plain]:
    """Return the options of one intervention in one neighbourhood, with what stands there."""
    works = proposal["works"]
    there = {
        (site, book["kinds"][kind]["key"]): amount
        for site, kind, amount in zip(works["site"], works["kind"], works["amount"], strict=True)
    }
    out = []
    options = read_options(folder)
    for k in _options_at(folder).get(where, []):
        row = options[k]
        step, site = float(row["step"]), int(row["site"])
        at_first = there.get((site, where[1]), 0.0)
        steps = changes.get(k, round(at_first / step))
        out.append(
            {
                "option": k,
                "label": book.site_label(site),
                "steps": steps,
                "at_first": at_first,
                "amount": steps * step,
                "most": int(row["most"]) * step,
                "price": float(row["capital_eur"]) / step,
            }
        )
    return out


def _moved(book: Book, proposal: Plain, after: list[float | None]) -> list[tuple[str, float]]:
    """Return the neighbourhoods whose burden differs most from that under the proposal."""
    moved = differences(proposal["after"]["burden"], after)
    rows = [
        (book["neighbourhoods"][k]["name"], value)
        for k, value in enumerate(moved)
        if value is not None and abs(value) >= 1e-4
    ]
    return sorted(rows, key=lambda row: -abs(row[1]))[:NAMED]
