"""Measures of distribution as a Dutch reader knows them: name, kind, unit and what they say."""

from dataclasses import dataclass
from typing import Literal

PER_1000_NL = "DALY per 1000 inwoners"


@dataclass(frozen=True)
class MeasureName:
    """How a measure is called, and how to read it."""

    name: str
    kind: Literal["absoluut", "relatief"]
    meaning: str
    """One sentence in plain words."""
    unit: str = ""
    """Of the burden; empty where there is none. Of an exposure, that of the exposure."""


MEASURE_NL = {
    "mean": MeasureName(
        "Gemiddelde", "absoluut", "De last van de gemiddelde inwoner.", PER_1000_NL
    ),
    "ede": MeasureName(
        "Gelijk verdeelde last",
        "absoluut",
        "De last die, voor iedereen gelijk, even erg is als de werkelijke verdeling. Stijgt altijd "
        "als iemand slechter af is.",
        PER_1000_NL,
    ),
    "kolm_pollak": MeasureName(
        "Kolm-Pollak-index",
        "absoluut",
        "Gelijk verdeelde last min het gemiddelde. Nul: iedereen draagt even veel.",
        PER_1000_NL,
    ),
    "gini": MeasureName(
        "Gini-index",
        "relatief",
        "Spreiding, arm of rijk. Nul: iedereen gelijk. Bijna 1: een enkeling draagt alles.",
    ),
    "theil_t": MeasureName(
        "Theil T", "relatief", "Spreiding, die precies is te splitsen in binnen en tussen groepen."
    ),
    "theil_l": MeasureName(
        "Theil L",
        "relatief",
        "Als Theil T, met meer gewicht voor wie weinig draagt. Oneindig als iemand niets draagt.",
    ),
    "ge2": MeasureName(
        "GE(2)", "relatief", "Als Theil T, met meer gewicht voor wie het meeste draagt."
    ),
    "p90_p10": MeasureName(
        "P90/P10",
        "relatief",
        "De last waar de zwaarst belaste tiende boven zit, gedeeld door die waar de lichtst "
        "belaste tiende onder zit. Zegt niets over de rest.",
    ),
    "generalised_concentration": MeasureName(
        "Absolute concentratie-index",
        "absoluut",
        "Waar de last ligt. Onder nul: bij buurten met een lage SES.",
        PER_1000_NL,
    ),
    "concentration": MeasureName(
        "Concentratie-index",
        "relatief",
        "De absolute concentratie-index gedeeld door het gemiddelde. Van \N{MINUS SIGN}1 tot 1.",
    ),
    "extended_concentration": MeasureName(
        "Uitgebreide concentratie-index",
        "relatief",
        "Als de concentratie-index, met meer gewicht voor de laagste SES.",
    ),
    "slope_index": MeasureName(
        "Hellingsindex (SII)",
        "absoluut",
        "Verschil in last tussen de hoogste en de laagste SES. Onder nul: de laagste draagt meer.",
        PER_1000_NL,
    ),
    "slope_over_mean": MeasureName(
        "Hellingsindex als deel van het gemiddelde",
        "relatief",
        "De hellingsindex gedeeld door het gemiddelde.",
    ),
    "relative_index": MeasureName(
        "Relatieve index (RII)",
        "relatief",
        "De last bij de laagste SES gedeeld door die bij de hoogste. Boven 1: de laagste draagt "
        "meer.",
    ),
    "erreygers": MeasureName(
        "Index van Erreygers, ernstige hinder",
        "absoluut",
        "Concentratie van het deel van de volwassenen met ernstige hinder door geluid. Onder nul: "
        "bij een lage SES.",
        "deel",
    ),
    "wagstaff": MeasureName(
        "Index van Wagstaff, ernstige hinder",
        "relatief",
        "Als die van Erreygers, gedeeld door wat bij dit gemiddelde het meeste kan zijn.",
    ),
    "group_gap": MeasureName(
        "Groepskloof",
        "absoluut",
        "Gemiddelde last van de gevolgde groep min die van alle anderen. Boven nul: de groep "
        "draagt meer.",
        PER_1000_NL,
    ),
}
"""Every measure, absolute ones beside the relative ones that belong to them."""
