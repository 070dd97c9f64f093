"""What the decision document tells of a run, part by part, in the words of one language.

Takes a run; gives plain values for the template, every number already in words.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground.names import CODE, NAME
from evenground.outputs.report.decision.figures import gains_chart, maps_of
from evenground.outputs.report.decision.words import Words
from evenground.outputs.report.figures import works_map
from evenground.outputs.report.people import FIFTHS, burdens_now, gains, per_1000, residents, shown
from evenground.outputs.report.proposals import worked_out
from evenground.results import TOLERANCE, Proposal, Run
from evenground.results.assess import OWNERS, SECTORS
from evenground.results.certainty import STATUS_NL
from evenground.results.numbers import FEWEST

Float = NDArray[np.float64]
NAMED = 6
"""Most neighbourhoods that are named in one sentence."""
LABEL_OF = {name: label for label, name in FIFTHS.items()}
"""Number of each fifth of the residents by income, by its name in Dutch."""
STATUS_KEY = {dutch: key for key, dutch in STATUS_NL.items()}
WEAKEST = {"Ziektelast, verschillen en stapeling": "weakest_burden", "Kosten": "weakest_cost"}
"""Outcomes of which the weakest number is told, by their name in a run."""
SURE_DECIMALS = {"burden": 0, "gap": 3, "ses_gap": 3, "stacking": 1, "capital": 1}
"""Outcomes of which the margin is told, with their decimals."""
BOUND_OF = {"ses_gradient": "ses_gap"}
"""Measures whose bound goes by the name of the goal."""
BOUND_DECIMALS = {"burden": 1, "access": 1, "stacking": 1}
"""Decimals beside a bound; of others three."""
ENDS = ("central", "low", "high")
"""What is told of a margin."""
ENGLISH_PAYER = {dutch: english for english, dutch in {**SECTORS, **OWNERS}.items()}
"""Sectors and owners as the catalogue has them, by their name in a run."""
DECIMALS = {"burden": 0, "inequality": 2, "gap": 3, "ses_gap": 3, "stacking": 1, "access": 1}


def tell(run: Run, words: Words) -> dict[str, Any]:
    """Return everything that the document shows, as plain values."""
    chosen = worked_out(run.proposals)
    told = {
        "w": words,
        "lang": words.lang,
        "title": words("doc.title", case=run.settings.case.title),
        "fictional": run.settings.case.fictional,
        "question": _question(run, words),
        "others": [_other(run, proposal, words) for proposal in run.proposals],
        "weakest": _weakest(run, words),
        "bound": _bound(run, words),
        "files": [(f.path, str(f.year), f.source, f.licence) for f in run.files],
        "seed": str(run.settings.search.seed),
        "terms": [
            words.pair(f"glossary.{key}") for key in words.texts["glossary"] if key != "head"
        ],
    }
    if chosen is None:
        return told | {"chosen": None, "places": _places(run, None, words)}
    return told | {
        "chosen": _proposal(run, chosen, words),
        "maps": _maps(run, chosen, words),
        "people": _people(run, chosen, words),
        "payers": {by: _payers(chosen, by, words) for by in ("sector", "owner")},
        "sure": _sure(run, chosen, words),
        "places": _places(run, chosen, words),
    }


def _question(run: Run, words: Words) -> list[str]:
    """Return the sentences on the question, the budget and how things are now."""
    people, settings = residents(run), run.settings
    total = float(people.sum())
    fifths = burdens_now(run)
    said = [
        words("question.ask", budget=words.million(settings.search.budget_eur),
              year=str(settings.case.price_year)),
        words("question.goal"),
        words("question.who", people=words.number(total),
              places=words.number(int((people > 0.0).sum())),
              evaluated=words.number(int(run.history["evaluated"].iloc[-1])),
              kept=words.number(run.front.sizes["candidate"]),
              proposals=words.number(len(run.proposals))),
        words("question.now", daly=words.number(run.today.scores["burden"]),
              rate=words.number(run.today.measures["level"], 1)),
    ]  # fmt: skip
    if len(fifths) >= 5:  # the fifths of which the income is known
        low, high = (words.number(fifths[k]["burden"], 1) for k in (0, 4))
        said.append(words("question.fifths", low=low, high=high))
    table = run.study.neighbourhoods
    out = table[~table["is_assessed"] & (table["residents"] > 0.0)]
    if len(out):
        people_out = _people_number(float(out["residents"].sum()), words)
        said.append(words("question.out", n=words.number(len(out)), people=people_out))
    return said


def _proposal(run: Run, proposal: Proposal, words: Words) -> dict[str, Any]:
    """Return what the page of the proposal says."""
    scores = proposal.assessment.scores
    intro = "proposal.intro_all" if proposal.helps_all else "proposal.intro_some"
    names = {str(key): _kind(run, str(key), words) for key in run.catalogue.index}
    picture = works_map(
        run.study, proposal.works, names,
        words=(words("proposal.places_map"), words("proposal.places_unit")),
    )  # fmt: skip
    return {
        "name": _name(proposal, words),
        "said": [
            words(intro, name=_name(proposal, words)),
            words("proposal.cost", capital=words.million(scores["capital"]),
                  yearly=words.million(scores["cost"])),
        ],
        "rows": _rows(run, proposal, words),
        "works": _works(run, proposal, words),
        "map": (picture, words("proposal.places_alt")),
    }  # fmt: skip


def _rows(run: Run, proposal: Proposal, words: Words) -> list[tuple[str, ...]]:
    """Return each measure: name, unit, now, after and change."""
    now = {**run.today.scores, **run.today.measures}
    then = {**proposal.assessment.scores, **proposal.assessment.measures}
    factor = {"stacking": 100.0 / max(now["stacking"], 1e-300), "access": 100.0}
    rows: list[tuple[str, ...]] = []
    for key, decimals in DECIMALS.items():
        before, after = (factor.get(key, 1.0) * side[key] for side in (now, then))
        name, unit = words.pair(f"measures.{key}")
        figures = (words.number(before, decimals), words.number(after, decimals))
        rows.append((name, unit, *figures, words.percent(after, before)))
    return rows


def _works(run: Run, proposal: Proposal, words: Words) -> list[tuple[str, ...]]:
    """Return what is built: name, amount with unit, euros to build and per year; dearest first."""
    sums = ["amount", "capital_eur", "yearly_eur"]
    table = proposal.works.groupby("intervention", sort=False)[sums].sum()
    table = table.sort_values("capital_eur", ascending=False, kind="stable")
    rows = []
    for key, row in table.iterrows():
        unit = run.catalogue.loc[str(key)]["unit_nl" if words.lang == "nl" else "unit"]
        amount = f"{words.number(float(row['amount']))} {str(unit).replace('_', ' ')}"
        money = (words.euro(float(row[name])) for name in sums[1:])
        rows.append((_kind(run, str(key), words), amount, *money))
    return rows


def _maps(run: Run, proposal: Proposal, words: Words) -> list[tuple[str, str]]:
    """Return the maps before, after and of the difference."""
    sides = (run.today, proposal.assessment)
    now, after = (shown(run, per_1000(run, side)) for side in sides)
    return maps_of(run.study, now, after, words)


def _people(run: Run, proposal: Proposal, words: Words) -> dict[str, Any]:
    """Return who gains and who does not."""
    change = per_1000(run, proposal.assessment) - per_1000(run, run.today)
    known = np.nan_to_num(change)
    better, worse = int((known < -TOLERANCE).sum()), int((known > TOLERANCE).sum())
    said = [words("people.worse" if worse else "people.better",
                  n=words.number(better), worse=words.number(worse))]  # fmt: skip
    many = residents(run) >= FEWEST
    order = [k for k in np.argsort(known, kind="stable").tolist() if many[k]]
    for key, index in (
        ("most", [k for k in order if known[k] < -TOLERANCE][:NAMED]),
        ("named_worse", [k for k in order[::-1] if known[k] > TOLERANCE][:NAMED]),
    ):
        if index:
            said.append(words(f"people.{key}", names=_named(run, index, known, words)))
    fifths = gains(run, proposal.assessment, change)
    names = [words(f"people.fifth_{LABEL_OF[row['name']]}") for row in fifths]
    chart = gains_chart(names, np.array([-row["change"] for row in fifths]), words)
    rows = [
        (
            name,
            words.change(row["change"], 3),
            words.percent(row["after"], row["before"]),
            words.percent(row["stacking"][1], row["stacking"][0]),
            _people_number(row["better"], words),
            _people_number(row["worse"], words),
        )
        for name, row in zip(names, fifths, strict=True)
    ]
    return {"said": said, "chart": (chart, words("people.chart_alt")), "rows": rows}


def _payers(proposal: Proposal, by: str, words: Words) -> list[tuple[str, str, str]]:
    """Return euros by sector or owner, to build and per year; dearest first."""
    table = proposal.works.groupby(by)[["capital_eur", "yearly_eur"]].sum()
    table = table.sort_values("capital_eur", ascending=False, kind="stable")
    return [
        (
            _payer(str(name), words),
            words.euro(float(row["capital_eur"])),
            words.euro(float(row["yearly_eur"])),
        )
        for name, row in table.iterrows()
    ]


def _payer(name: str, words: Words) -> str:
    """Return who pays, by the name that a run gives; in English as the catalogue has it."""
    if words.lang == "nl":
        return name
    return " or ".join(ENGLISH_PAYER.get(part, part) for part in name.split(" of "))


def _sure(run: Run, proposal: Proposal, words: Words) -> dict[str, Any] | None:
    """Return the margins of the proposal; None where nothing was drawn."""
    if run.uncertainty is None:
        return None
    table = run.uncertainty.intervals
    table = table[(table["plan"] == proposal.id) & (table["kind"] == "change")]
    rows: list[tuple[str, ...]] = []
    for outcome, row in table.set_index("outcome").iterrows():
        if str(outcome) not in SURE_DECIMALS:
            continue
        money = outcome == "capital"
        factor = {"stacking": 100.0 / max(run.today.scores["stacking"], 1e-300), "capital": 1e-6}
        figures = (factor.get(str(outcome), 1.0) * float(row[end]) for end in ENDS)
        decimals, how = SURE_DECIMALS[str(outcome)], words.number if money else words.change
        told = [how(x, decimals) for x in figures]
        share = "" if money else words("sure.share", p=words.number(100.0 * row["share_lower"]))
        name, unit = words.pair(f"sure.of_{outcome}")
        rows.append((name, unit, *told, share))
    return {"said": words("sure.text", n=words.number(run.uncertainty.n_draw)), "rows": rows}


def _weakest(run: Run, words: Words) -> list[tuple[str, str]]:
    """Return the status of the weakest number behind each outcome."""
    return [
        (words(f"sure.{WEAKEST[found.outcome]}"), words(f"sure.status_{STATUS_KEY[found.status]}"))
        for found in run.certainty
        if found.outcome in WEAKEST
    ]


def _bound(run: Run, words: Words) -> list[tuple[str, ...]]:
    """Return for each goal with a bound: now, best found, bound, and what is left at most."""
    if run.bound is None:
        return []
    rows = []
    for goal, table in run.bound.table.groupby("objective", sort=False):
        known = table[table["lower_bound"].notna()]
        if known.empty or str(goal) not in words.texts["outcomes"]:
            continue
        whole = known.iloc[-1]
        name, unit = words.pair(f"measures.{BOUND_OF.get(str(goal), str(goal))}")
        factor = {"access": 100.0, "stacking": 100.0 / max(float(whole["today"]), 1e-300)}
        figures = (
            factor.get(str(goal), 1.0) * float(whole[key])
            for key in ("today", "best_found", "lower_bound")
        )
        left = f"{words.number(100.0 * float(whole['gap']), 1)} %"
        told = (words.number(x, BOUND_DECIMALS.get(str(goal), 3)) for x in figures)
        rows.append((name, unit, *told, left))
    return rows


def _other(run: Run, proposal: Proposal, words: Words) -> tuple[str, ...]:
    """Return a proposal beside the others: what it costs and what it changes."""
    now = {**run.today.scores, **run.today.measures}
    then = {**proposal.assessment.scores, **proposal.assessment.measures}
    change = np.nan_to_num(per_1000(run, proposal.assessment) - per_1000(run, run.today))
    return (
        _name(proposal, words),
        words.million(then["capital"]),
        *(words.percent(then[key], now[key]) for key in ("burden", "gap", "ses_gap", "stacking")),
        words.number(int((change < -TOLERANCE).sum())),
        words.number(int((change > TOLERANCE).sum())),
    )


def _places(run: Run, proposal: Proposal | None, words: Words) -> list[tuple[str, ...]]:
    """Return every neighbourhood: name, code, residents, now, after and change."""
    now = shown(run, per_1000(run, run.today))
    after = now if proposal is None else shown(run, per_1000(run, proposal.assessment))
    table, people = run.study.neighbourhoods, residents(run)
    order = np.argsort(-np.nan_to_num(now, nan=-1.0), kind="stable")
    return [
        (
            str(table[NAME].iloc[k]),
            str(table[CODE].iloc[k]),
            _people_number(float(people[k]), words),
            *(
                (
                    words.number(now[k], 2),
                    words.number(after[k], 2),
                    words.change(after[k] - now[k], 3),
                )
                if np.isfinite(now[k])
                else (words("doc.hidden"),) * 3
            ),
        )
        for k in order.tolist()
        if people[k] > 0.0
    ]


def _named(run: Run, index: list[int], change: Float, words: Words) -> str:
    """Name some neighbourhoods with their change."""
    names = run.study.neighbourhoods[NAME].to_numpy(str)
    return ", ".join(f"{names[k]} ({words.change(change[k], 2)})" for k in index)


def _people_number(value: float, words: Words) -> str:
    """Return a number of residents; a small one is not told exactly."""
    is_small = np.isfinite(value) and 0 < round(value) < FEWEST
    return words("doc.few_people", n=str(FEWEST)) if is_small else words.number(value)


def _name(proposal: Proposal, words: Words) -> str:
    """Return the name of a proposal."""
    return words.or_else(f"others.{proposal.id}", proposal.name)


def _kind(run: Run, key: str, words: Words) -> str:
    """Return the short name of an intervention; in Dutch where it has no other."""
    row = run.catalogue.loc[key]
    english = row.get("name_en", "")
    is_dutch = words.lang == "nl" or not isinstance(english, str) or not english
    return str(row["name_nl"] if is_dutch else english).split(":", maxsplit=1)[0]
