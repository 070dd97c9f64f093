"""What a run answers for: inputs, settings, quality, limits, and how to do it again."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from evenground.names import FEWEST
from evenground.outputs.report.bound import tell_bound
from evenground.results import Run
from evenground.results.certainty import unit_of_setting

Plain = dict[str, Any]


def account_of(run: Run) -> Plain:
    """Return all that the page of accountability says."""
    settings, history = run.settings, run.history
    return {
        "evenground": version("evenground"),
        "seed": settings.search.seed,
        "evaluated": int(history["evaluated"].iloc[-1]),
        "hypervolume": [
            (int(row["evaluated"]), float(row["hypervolume"])) for _, row in history.iterrows()
        ],
        "bound": tell_bound(run),
        "files": [
            {
                "path": record.path,
                "year": str(record.year),
                "source": record.source,
                "licence": record.licence,
                "sha256": record.sha256,
            }
            for record in run.files
        ],
        "settings": list(_flat(settings.model_dump(mode="json", exclude_none=True))),
        "assumptions": [
            (name, float(value), unit_of_setting(key))
            for key, (name, value) in run.assumptions.items()
        ],
        "certainty": [
            {"outcome": c.outcome, "status": c.status, "weakest": list(c.weakest)}
            for c in run.certainty
        ],
        "catalogue": [
            {
                "name": str(row["name_nl"]),
                "unit": str(row["unit_nl"]),
                "cost_status": str(row["cost_status"]),
            }
            for _, row in run.catalogue.iterrows()
        ],
        "remarks": [*settings.case.remarks, *run.remarks],
        "findings": list(run.findings),
        "fewest": FEWEST,
    }


def _flat(values: Any, name: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - nested settings
    """Give every setting by its dotted name."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(values, list) and any(isinstance(value, dict) for value in values):
        for k, value in enumerate(values, start=1):
            yield from _flat(value, f"{name}.{k}")
    else:
        parts = values if isinstance(values, list) else [values]
        yield name, "; ".join(map(_as_written, parts))


def _as_written(value: Any) -> str:  # noqa: ANN401 - as above
    """Return a value as the settings file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
