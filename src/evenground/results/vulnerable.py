"""What a run says of the vulnerability index that a case chose, in Dutch."""

import numpy as np

from evenground.config import RunSettings
from evenground.names import LOW_INCOME_SHARE, RESIDENTS, SES
from evenground.objectives.vulnerability import Vulnerability
from evenground.results.certainty import CHANNEL_NL
from evenground.results.numbers import compact, number
from evenground.study import StudyArea

CAPITAL_NL = {"personal": "persoonlijk", "economic": "economisch", "social": "sociaal"}
COLUMN_NL = {
    LOW_INCOME_SHARE: "deel met een laag inkomen",
    SES: "SES-WOA-score",
    "share_age_0_15": "deel jonger dan 15 jaar",
    "share_age_15_25": "deel van 15 tot 25 jaar",
    "share_age_25_45": "deel van 25 tot 45 jaar",
    "share_age_45_65": "deel van 45 tot 65 jaar",
    "share_age_65_plus": "deel van 65 jaar en ouder",
}
"""Columns of the neighbourhood table in Dutch."""


def _name(name: str, settings: RunSettings) -> str:
    """Return the Dutch name of a column, or that of a supplied factor."""
    brought = settings.factors.get(name)
    title = None if brought is None else brought.title
    return title or COLUMN_NL.get(name, name)


def tell_vulnerability(
    settings: RunSettings, vulnerability: Vulnerability | None, study: StudyArea
) -> tuple[str, ...]:
    """Return sentences on what the index is made of and what it changes; none without one."""
    if vulnerability is None:
        return ()
    chosen = settings.vulnerability
    columns = "; ".join(
        f"{_name(column.name, settings)} ({CAPITAL_NL[column.capital]} kapitaal, "
        f"gewicht {compact(column.weight)}, "
        f"{'hoger' if column.worse == 'higher' else 'lager'} is kwetsbaarder)"
        for column in chosen.columns
    )
    people = np.where(study.neighbourhoods["is_assessed"], study.neighbourhoods[RESIDENTS], 0.0)
    lost = float(people[np.isnan(vulnerability.index)].sum())
    made = (
        f"De kwetsbaarheid van een buurt is gemaakt uit {columns}. De keuze en de gewichten zijn "
        f"een waardeoordeel. Voor {number(lost)} inwoners is zij onbekend."
    )
    said = [made]
    if stronger := {name: times for name, times in chosen.modifiers.items() if times != 1.0}:
        listed = "; ".join(f"{CHANNEL_NL[n]}: {compact(t)} keer" for n, t in stronger.items())
        said.append(
            "Waar mensen het kwetsbaarst zijn, is het effect anders dan elders (aanname): "
            f"{listed}."
        )
    if chosen.in_stacking:
        said.append("Bij stapeling telt de kwetsbaarheid van de buurt in plaats van de SES.")
    return tuple(said)
