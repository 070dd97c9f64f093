"""What the figures of a case can and cannot show, in Dutch sentences."""

import numpy as np
import pandas as pd

from evenground.objectives import DISTRIBUTION
from evenground.optimise import Found
from evenground.results.assess import GAP, SES_GAP
from evenground.results.measure_names import MEASURE_NL
from evenground.results.numbers import number
from evenground.results.records import Assessment

LITTLE = 0.02
"""Inequality below this share of the mean burden leaves a goal almost nothing to work on."""


def find(today: Assessment, split: pd.DataFrame, found: Found) -> list[str]:
    """Return Dutch sentences on what the figures of this case can and cannot show."""
    out = [*_on_goals(today), *_on_asked(today), *_on_sources(split), *_on_norms(today)]
    if found.is_cut_short:
        out.append(
            "Het zoeken is gestopt door de tijdslimiet. Met meer tijd kunnen er betere plannen "
            "komen."
        )
    return out


def _on_goals(today: Assessment) -> list[str]:
    """Say which fairness goals have almost nothing to work on."""
    out = []
    share = today.measures["gap_share"]
    if share < LITTLE:
        out.append(
            f"De verschillen tussen buurten zijn klein: {number(100.0 * share, 1)} % van de "
            "gemiddelde ziektelast. Het doel \u2018eerlijkst verdeeld\u2019 heeft hier bijna "
            "niets om aan te werken."
        )
    gradient = today.measures["ses_gap_share"]
    if np.isnan(gradient):
        out.append(
            "De SES van de buurten is onbekend. Het doel \u2018kleinste SES-kloof\u2019 "
            "telt niet mee."
        )
    elif gradient <= 0.0:
        out.append(
            "De ziektelast ligt hier niet vaker bij buurten met een lage SES. Het doel "
            "\u2018kleinste SES-kloof\u2019 heeft dus niets om aan te werken."
        )
    elif gradient < LITTLE:
        out.append(
            f"De SES-kloof is klein: {number(100.0 * gradient, 1)} % van de gemiddelde "
            "ziektelast. Het doel \u2018kleinste SES-kloof\u2019 heeft bijna niets om aan te "
            "werken."
        )
    return out


def _on_asked(today: Assessment) -> list[str]:
    """Say which measures that the search lowers are as fair as they can be today."""
    return [
        f"Het doel \u2018{MEASURE_NL[name].name}\u2019 heeft niets om aan te werken: van "
        "oneerlijkheid is volgens deze maat nu geen sprake."
        for name, value in today.scores.items()
        if name in DISTRIBUTION and value == 0.0
    ]


def _on_sources(split: pd.DataFrame) -> list[str]:
    """Say where exposure hardly makes the difference, so that plans can hardly undo it."""
    out = []
    subject = {GAP: "de verschillen tussen buurten", SES_GAP: "de SES-kloof"}
    for row, figures in split.astype(float).iterrows():
        total, part = figures["total"], figures["exposure"]
        if total <= 0.0 or part >= 0.2 * total:
            continue
        what = subject[str(row)]
        share = number(abs(100.0 * part / total))
        if part < 0.0:
            says = f"De blootstelling maakt {what} nu {share} % kleiner, niet groter."
        else:
            says = f"De blootstelling verklaart maar {share} % van {what}."
        out.append(
            f"{says} Dat verschil komt vooral door leeftijd en door gezondheid die al ongelijk "
            "was. Een plan voor de leefomgeving kan daar maar een klein deel van wegnemen."
        )
    return out


def _on_norms(today: Assessment) -> list[str]:
    """Say so where counting exceeded norms tells nobody apart."""
    total = float(today.exceeded.sum())
    share = float(today.exceeded[3:].sum()) / total if total > 0.0 else 0.0
    if share <= 0.95:
        return []
    text = (
        f"Bijna iedereen ({number(100.0 * share, 1)} %) woont boven drie of meer van de vier "
        "normen. Die telling laat dus weinig verschil zien tussen groepen. De stapelingsmaat "
        "doet dat beter."
    )
    return [text]
