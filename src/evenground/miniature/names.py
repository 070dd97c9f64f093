"""Dutch names for what an invented town has; none refers to a place that exists.

Knows nothing of shapes.
"""

from collections.abc import Sequence

import numpy as np

STEMS = (
    "Linden", "Kastanje", "Molen", "Kerk", "School", "Dorps", "Weide", "Berken", "Merel",
    "Lijster", "Vink", "Reiger", "Tulpen", "Rozen", "Klaver", "Anjer", "Beuken", "Iepen",
    "Esdoorn", "Wilgen", "Populieren", "Haag", "Hof", "Tuin", "Akker", "Veld", "Bos", "Heide",
    "Duin", "Zand", "Klei", "Water", "Sluis", "Brug", "Haven", "Kade", "Poort", "Wal", "Markt",
    "Kruis", "Smids", "Bakkers", "Wevers", "Kuipers", "Mandenmakers", "Schippers", "Vissers",
    "Jagers", "Herders", "Zonne", "Maan", "Sterren", "Noorder", "Zuider", "Ooster", "Wester",
    "Prinsen", "Konings", "Graven", "Ridder",
)  # fmt: skip
ENDS = ("straat", "laan", "weg", "pad", "hof", "dreef", "plantsoen")
ADDED = ("", "Korte ", "Lange ", "Oude ", "Nieuwe ", "Eerste ", "Tweede ", "Derde ", "Kleine ")
WINDS = ("Oost", "Noordoost", "Noord", "Noordwest", "West", "Zuidwest", "Zuid", "Zuidoost")


def street_names(count: int, rng: np.random.Generator) -> list[str]:
    """Names of local streets, each once."""
    plain = [stem + end for end in ENDS for stem in STEMS]
    shuffled = [plain[k] for k in rng.permutation(len(plain))]
    names = [f"{before}{name}" for before in ADDED for name in shuffled]
    more = [f"{names[k % len(names)]} {k // len(names) + 1}" for k in range(len(names), count)]
    return (names + more)[:count]


def wind(dx: float, dy: float) -> str:
    """Direction in which something lies, as a word."""
    return WINDS[round(float(np.arctan2(dy, dx)) / (np.pi / 4.0)) % 8]


def neighbourhood_names(choices: Sequence[Sequence[str]], winds: Sequence[str]) -> list[str]:
    """Names of neighbourhoods, each once, out of those that suit their kind."""
    chosen: dict[str, None] = {}
    for names, where in zip(choices, winds, strict=True):
        with_wind = [f"{name} {where}" for name in names]
        # A kind with one name only is a direction, such as the country in the north.
        options = with_wind if len(names) == 1 else [*names, *with_wind]
        options += [f"{with_wind[0]} {k}" for k in range(2, len(choices) + 2)]
        chosen[next(name for name in options if name not in chosen)] = None
    return list(chosen)
