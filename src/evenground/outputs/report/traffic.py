"""What the report says of traffic that moves: where it goes, and who gains and loses by it."""

from typing import Any

from evenground.results import Run

MOST_PLACES = 8
"""Most streets and most neighbourhoods that are named for one proposal."""


def tell_displaced(run: Run) -> dict[str, Any] | None:
    """Return everything that the page says of traffic that moves, as plain values."""
    if run.traffic is None:
        return None
    settings = run.settings.interventions
    proposals = []
    for proposal in run.proposals:
        told = run.traffic.of(proposal.id)
        totals = {key: float(value) for key, value in told.totals.iloc[0].drop("plan").items()}
        if totals["kept_out_vkm"] == 0.0:
            continue
        places = told.places[told.places["came_vkm"] > 0.0]
        worse = told.neighbourhoods[told.neighbourhoods["harm_daly"] > 0.0]
        proposals.append(
            {
                "id": proposal.id,
                "name": proposal.name,
                "totals": totals,
                "n_places": len(places),
                "places": places.head(MOST_PLACES).to_dict("records"),
                "n_worse": len(worse),
                "neighbourhoods": worse.head(MOST_PLACES).to_dict("records"),
            }
        )
    return {
        "proposals": proposals,
        "evaporation": 100.0 * settings.evaporation,
        "within_m": settings.parallel_within_m,
        "has_lines": run.settings.streets is not None and run.settings.streets.kind == "lines",
        "site_m": run.study.site_m,
    }
