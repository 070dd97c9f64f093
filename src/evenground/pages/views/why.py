"""Why here: each place of a proposal, its gain per euro, and what would take its place."""

from collections.abc import Callable

from evenground.dutch import fine, number, read_back, significant
from evenground.pages.book import Book, Plain
from evenground.pages.query import Query, is_ticked, number_of

AT_FIRST = 50
"""Places that are listed at first, dearest first."""
OF_NL = {
    "burden": ("Ziektelast", "DALY per jaar"),
    "inequality": ("Gelijk verdeelde last", "DALY per miljoen inwoners"),
    "ses_gradient": ("SES-kloof", "DALY per miljoen inwoners"),
    "stacking": ("Stapeling", "% van nu"),
    "access": ("Tekort aan speelplekken", "procentpunt"),
}
"""Name and unit of each goal of which the gain is told."""
COLUMN_NL = {
    "burden": "ziektelast_daly_per_jaar",
    "inequality": "gelijk_verdeelde_last_daly_per_miljoen_inwoners",
    "ses_gradient": "ses_kloof_daly_per_miljoen_inwoners",
    "stacking": "stapeling_procent_van_nu",
    "access": "tekort_aan_speelplekken_procentpunt",
}
"""Column of each gain in the table on disk."""
EDGE = "rand van het gebied"


def context(book: Book, query: Query, name: str) -> Plain:
    """Return what the page shows; ``plek`` and ``maatregel`` in the address choose a place."""
    proposal = book.proposal[name]
    works = proposal["works"]
    wanted = number_of(query, "plek")
    kind = query.get("maatregel", "")
    at = next(
        (
            k
            for k, site in enumerate(works["site"])
            if site == wanted and kind in ("", book["kinds"][works["kind"][k]]["key"])
        ),
        None,
    )
    n = len(works["site"])
    listed = range(n if is_ticked(query, "alle") else min(n, AT_FIRST))
    return {
        "p": proposal,
        "goals": [OF_NL[key] for key in book["why_of"]],
        "rows": [row_of(book, works, k) for k in listed],
        "n_rows": n,
        "card": None if at is None else row_of(book, works, at),
    }


def factors(book: Book) -> list[float]:
    """Return what the gain of each goal is multiplied by to be in its unit on the page."""
    now = book["today"].get("stacking") or 1.0
    # one place does little to a whole city: per 1000 residents it would be zeros
    scale = {"inequality": 1e3, "ses_gradient": 1e3, "stacking": 100.0 / now, "access": 100.0}
    return [scale.get(key, 1.0) for key in book["why_of"]]


def told_places(book: Book, name: str) -> Plain:
    """Return the places of a proposal as columns under Dutch names, in the digits of the page.

    Gains are per million euros. A lead over a place where nothing is gained has no number.
    """
    proposal = book.proposal[name]
    works = proposal["works"]
    rows = [row_of(book, works, k) for k in range(len(works["site"]))]
    here = [r["place"] or {"code": "", "name": EDGE} for r in rows]
    told: Plain = {
        "id": [f"{name}-{r['site']}-{r['kind']['key']}" for r in rows],
        "plek": [r["label"] for r in rows],
        "maatregel": [r["kind"]["key"] for r in rows],
        "maatregel_naam": [r["kind"]["name"] for r in rows],
        "hoeveelheid": [r["amount"] for r in rows],
        "eenheid": [r["kind"]["unit"] for r in rows],
        "aanleg_euro": [r["capital"] for r in rows],
        "jaarlijks_euro": [r["yearly"] for r in rows],
        "buurtcode": [b["code"] for b in here],
        "buurtnaam": [b["name"] for b in here],
        "gekozen_in_procent_van_plannen": [_printed(r["chosen"], percents) for r in rows],
    }
    for k, key in enumerate(book["why_of"]):
        told[f"winst_{COLUMN_NL[key]}"] = [_printed(r["gains"][k], fine) for r in rows]
    rival = [r["rival"] or {"code": "", "name": EDGE if r["has_rival"] else ""} for r in rows]
    return told | {
        "sterkst_op": [r["best"][0] if r["has_rival"] and r["best"] else "" for r in rows],
        "andere_plek": [r["rival_label"] if r["has_rival"] else "" for r in rows],
        "andere_buurtcode": [b["code"] for b in rival],
        "andere_buurtnaam": [b["name"] for b in rival],
        "winst_andere_plek": [_printed(r["rival_gain"], fine) for r in rows],
        "keer_zo_veel_als_daar": [_printed(r["lead"], significant) for r in rows],
    }


def percents(share: float) -> str:
    """Return a share in whole per cents, as the page prints it."""
    return number(100.0 * share)


def _printed(value: float | None, how: Callable[[float], str]) -> float:
    """Return a number as a page prints it, so that table and page say the same."""
    return float("nan") if value is None else read_back(how(value))


def row_of(book: Book, works: Plain, k: int) -> Plain:
    """Return all that is said of one place."""
    kind, place = book["kinds"][works["kind"][k]], works["place"][k]
    places, best = book["neighbourhoods"], works["best"][k]
    rival = works["rival"][k]
    factor = factors(book)
    return {
        "site": works["site"][k],
        "label": book.site_label(works["site"][k]),
        "is_named": book.is_named(works["site"][k]),
        "kind": kind,
        "amount": works["amount"][k],
        "capital": works["capital"][k],
        "yearly": works["yearly"][k],
        "place": places[place] if place >= 0 else None,
        "chosen": works["chosen"][k],
        "gains": [
            None if gain[k] is None else factor[j] * gain[k] + 0.0
            for j, gain in enumerate(works["gain"])
        ],
        "best": OF_NL[book["why_of"][best]] if best >= 0 else None,
        "lead": works["lead"][k],
        "is_alone": works["is_alone"][k],
        "rival": places[rival] if rival >= 0 else None,
        "has_rival": works["rival_site"][k] >= 0,
        "rival_label": book.site_label(works["rival_site"][k]),
        "rival_is_named": book.is_named(works["rival_site"][k]),
        "rival_gain": None
        if works["rival_gain"][k] is None or best < 0
        else factor[best] * works["rival_gain"][k],
    }
