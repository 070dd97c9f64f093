"""What a check is called, and a breach in one line: Dutch and English."""

from dataclasses import dataclass

NAMES = {
    "option": ("bestaande maatregel op een plek", "known option", "options"),
    "amount": ("hoeveelheid per plek", "amount per site", "steps"),
    "least": ("kleinste omvang van een project", "smallest size of a project", "units"),
    "closed": ("plekken waar niets mag", "places where nothing is built", "units"),
    "lock": ("werken die vastliggen", "works that are locked in", "units"),
    "ground": ("ruimte op de grond", "room on the ground", "m2 or m"),
    "spacing": ("onderlinge afstand", "spacing", "m"),
    "budget": ("het hele budget", "the whole budget", "EUR"),
    "line": ("potje", "budget line", "EUR"),
    "spend": ("minimale besteding", "least spend", "EUR"),
    "priority": ("deel voor buurten met voorrang", "share for priority neighbourhoods", "share"),
    "no_harm": ("niemand slechter af", "nobody worse off", "DALY per 1000 residents per year"),
    "capital": ("aanlegkosten zoals opgeteld", "cost to build as added up", "EUR"),
    "cost": ("jaarlijkse kosten zoals opgeteld", "yearly cost as added up", "EUR per year"),
    "burden": ("ziektelast zoals opgeteld", "burden as added up", "DALY per year"),
    "list": ("lijst van maatregelen", "list of works", "units or EUR"),
    "map": ("kaart van maatregelen", "map of works", "units, EUR or m"),
    "worse_off": ("wie er slechter af is", "who is worse off", "groups or DALY per 1000"),
}
"""Dutch and English name and unit of every check."""


@dataclass(frozen=True)
class Breach:
    """One thing that a plan of a run does not respect."""

    plan: str
    """``plan`` and its place in the front from 0, or ``voorstel`` and its id."""
    constraint: str
    """One of :data:`NAMES`."""
    place: str
    """Where: an option, a ground, a budget line, a neighbourhood; empty for the whole plan."""
    found: float
    bound: float

    @property
    def name_nl(self) -> str:
        """Dutch name of the constraint."""
        return NAMES[self.constraint][0]

    @property
    def name_en(self) -> str:
        """English name of the constraint."""
        return NAMES[self.constraint][1]

    def __str__(self) -> str:
        place = f" ({self.place})" if self.place else ""
        return (
            f"{self.plan}: {self.name_nl} / {self.name_en}{place}: "
            f"gevonden / found {self.found:.12g}, grens / bound {self.bound:.12g} "
            f"[{NAMES[self.constraint][2]}]"
        )
