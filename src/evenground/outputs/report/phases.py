"""What the report says of what is built when, and of the price of building on earlier years."""

from typing import Any

from evenground.outputs.report.figures import years_chart
from evenground.results import Phase, Proposal, Run, lost_by_nesting

MOST_KINDS = 3
"""Most interventions that are named for one year, the dearest first."""


def tell_phases(run: Run) -> dict[str, Any] | None:
    """Return everything that the page says of the years, as plain values."""
    phased = [proposal for proposal in run.proposals if proposal.phases]
    if not phased:
        return None
    now = run.today.scores
    years = [phase.year for phase in phased[0].phases]
    lines = [
        (
            proposal.name,
            [now["burden"] - phase.scores["burden"] for phase in proposal.phases],
            [now["burden"] - phase.afresh["burden"] for phase in proposal.phases],
        )
        for proposal in phased
    ]
    return {
        "budgets": [(phase.year, phase.budget_eur) for phase in phased[0].phases],
        "chart": years_chart(years, lines),
        "proposals": [_describe(run, proposal) for proposal in phased],
    }


def _describe(run: Run, proposal: Proposal) -> dict[str, Any]:
    """List the years of one proposal."""
    works = proposal.works
    later = works[works["year"].isna()]
    before = [0.0, *(phase.scores["capital"] for phase in proposal.phases)]
    pairs = zip(proposal.phases, before, strict=False)
    return {
        "id": proposal.id,
        "name": proposal.name,
        "rows": [_row(run, proposal, phase, spent) for phase, spent in pairs],
        "later_eur": float(later["capital_eur"].sum()),
        "lost_daly": lost_by_nesting(proposal),
    }


def _row(run: Run, proposal: Proposal, phase: Phase, spent_eur: float) -> dict[str, Any]:
    """Tell one year: what it costs and builds, what it brings, and what nesting loses."""
    now = run.today.scores
    works = proposal.works[proposal.works["year"].eq(phase.year).fillna(value=False)]
    euros = works.groupby("intervention_name")["capital_eur"].sum()
    kinds = euros.sort_values(ascending=False, kind="stable").index.tolist()
    names = [str(name).split(":")[0] for name in kinds]
    more = len(names) - MOST_KINDS
    return {
        "year": phase.year,
        "budget": phase.budget_eur,
        "built": phase.scores["capital"] - spent_eur,
        "kinds": ", ".join(names[:MOST_KINDS]) + (f" en {more} andere" if more > 0 else ""),
        "burden": phase.scores["burden"] - now["burden"],
        "safe": phase.harms_nobody,
        "price_aim": 100.0 * phase.aim_price,
        "price": phase.price("burden"),
        "price_ede": phase.price("inequality"),
        "price_stacking": 100.0 * phase.price("stacking") / max(now["stacking"], 1e-300),
    }
