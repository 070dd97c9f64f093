"""What maps of the ground tell and what is assumed, in Dutch, and where they fall short."""

import numpy as np
import pandas as pd

from evenground.config import SurfaceSettings
from evenground.errors import Fault, few
from evenground.names import CODE, RESIDENTS
from evenground.sources.dutch import count, neighbourhoods_in_words
from evenground.study.ground import Ground
from evenground.study.people import Coverage

DRAWN_SHARE = 0.95
"""Least share of a neighbourhood that surfaces must cover; bridges and tunnels are left out."""


def drawn_faults(
    table: pd.DataFrame, ground: Ground, coverage: Coverage, settings: SurfaceSettings | None
) -> list[Fault]:
    """Fault for surfaces that miss part of the inhabited neighbourhoods, unless that is allowed."""
    if settings is None or ground.drawn is None or settings.allow_gaps is not None:
        return []
    total = np.bincount(coverage.neighbourhood, coverage.share, len(table))
    drawn = np.minimum(coverage.share, ground.drawn.ravel()[coverage.cell])
    share = np.bincount(coverage.neighbourhood, drawn, len(table)) / np.maximum(total, 1e-12)
    bad = (share < DRAWN_SHARE) & (table[RESIDENTS].to_numpy(float) > 0.0)
    if not bad.any():
        return []
    finding = (
        f"cover {100.0 * share[bad].min():.0f} % of one and too little of {int(bad.sum())} "
        f"inhabited neighbourhoods ({few(table.loc[bad, CODE])}), expected {100 * DRAWN_SHARE:g} %."
    )
    cure = (
        "Bring all kinds of object: roads, planted and bare ground, water and buildings; or "
        "say why not in allow_gaps of [surfaces]."
    )
    return [Fault("surfaces", finding, cure)]


def tell_ground(ground: Ground, table: pd.DataFrame, coverage: Coverage) -> tuple[str, ...]:
    """Say in Dutch what surfaces, trees and dwellings were used for, and what is assumed."""
    remarks = []
    if ground.usable_public is not None:
        remarks.append(
            "Hoeveel openbare verharding weg kan, volgt uit de functie van elk vlak in de BGT; het "
            "deel per functie is een aanname."
        )
    if ground.canopy is not None:
        is_added = ground.origin.get("green") == "surfaces"
        use = (
            "kronen boven verharding tellen mee als groen"
            if is_added
            else "het groen zelf komt van de groenkaart"
        )
        remarks.append(
            "Bestaande bomen bezetten plekken langs de straat: nieuwe bomen komen alleen waar nog "
            f"plek is. Bomen tot 10 meter van een straat tellen (aanname); {use}."
        )
    if ground.origin.get("weight") == "dwellings":
        people = table[RESIDENTS].fillna(0.0).to_numpy(float)
        homes = coverage.share * ground.homes.ravel()[coverage.cell]
        none = np.bincount(coverage.neighbourhood, homes, len(table)) <= 0.0
        lost = none & (people > 0.0)
        if lost.any():
            remarks.append(
                f"In {neighbourhoods_in_words(int(lost.sum()))} met {count(people[lost].sum())} "
                "inwoners staat geen woning op de kaart; zij zijn gelijk over de grond verdeeld "
                "(aanname)."
            )
    return tuple(remarks)
