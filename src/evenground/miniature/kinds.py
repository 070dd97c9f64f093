"""What kinds of neighbourhood a Dutch town has: how they are built, and who lives there.

Figures are typical ones, chosen so that the town looks like a Dutch town; all are assumptions.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class StreetPattern:
    """Local streets of a neighbourhood: two families of lines across each other."""

    spacing_m: float
    cross_m: float
    bend_m: float
    """How far a street swings from a straight line."""
    width_m: float
    flow_veh_day: tuple[int, int]
    surfaces: tuple[str, ...]
    tree_m: float
    """Metres of street, on one side, for each tree."""


@dataclass(frozen=True)
class BuildingPattern:
    """Rows of buildings along the streets of a neighbourhood."""

    length_m: float
    depth_m: float
    gap_m: float
    setback_m: float
    storeys: tuple[int, int]
    """Fewest and most."""
    year: tuple[int, int]
    """First and last in which they were built."""


@dataclass(frozen=True)
class Kind:
    """A kind of neighbourhood."""

    names: tuple[str, ...]
    streets: StreetPattern
    buildings: BuildingPattern
    green_share: float
    """Of the ground between streets and buildings, without crowns of street trees."""
    private_share: float
    public_share: float
    """Of that ground as far as it is bare: paved yards, and paved public space."""
    low_income: float
    """Percentage of households among the 40 % of the country with the lowest incomes."""
    value_keur: float
    """Mean value of a home, in thousand euros."""
    ages: tuple[float, float, float, float, float]
    """Shares from 0, 15, 25, 45 and 65 years."""
    is_inhabited: bool = True


ASPHALT = ("dab", "dab", "sma_nl8")
BRICK = ("brick_herringbone", "brick_herringbone", "brick_other")
MIXED = ("dab", "brick_herringbone", "brick_herringbone")

KINDS = {
    "centre": Kind(
        ("Marktkwartier", "Kerkkwartier", "Havenkwartier", "Vestingbuurt", "Waagbuurt"),
        StreetPattern(54.0, 72.0, 7.0, 5.0, (50, 350), ("brick_other", *BRICK), 40.0),
        BuildingPattern(15.0, 12.0, 0.4, 1.0, (2, 4), (1620, 1910)),
        0.14, 0.45, 0.40, 38.0, 365.0, (0.09, 0.19, 0.39, 0.18, 0.15),
    ),
    "workers": Kind(
        ("Spoorbuurt", "Fabrieksbuurt", "Zeeheldenbuurt", "Indische Buurt", "Stationsbuurt",
         "Oranjebuurt", "Ambachtsbuurt", "Gasthuisbuurt"),
        StreetPattern(50.0, 130.0, 0.0, 5.0, (100, 600), BRICK, 30.0),
        BuildingPattern(44.0, 9.0, 5.0, 1.0, (2, 3), (1885, 1930)),
        0.24, 0.55, 0.25, 50.0, 285.0, (0.16, 0.15, 0.37, 0.20, 0.12),
    ),
    "gentry": Kind(
        ("Singelkwartier", "Statenkwartier", "Schildersbuurt", "Componistenbuurt",
         "Wilhelminapark", "Burgemeesterswijk", "Dichtersbuurt", "Emmakwartier"),
        StreetPattern(70.0, 150.0, 4.0, 6.0, (80, 450), MIXED, 16.0),
        BuildingPattern(30.0, 11.0, 6.0, 4.0, (2, 4), (1890, 1938)),
        0.48, 0.45, 0.30, 31.0, 520.0, (0.16, 0.11, 0.28, 0.27, 0.18),
    ),
    "flats": Kind(
        ("Landenbuurt", "Kruidenbuurt", "Provinciebuurt", "Rivierenbuurt", "Sterrenbuurt",
         "Europawijk", "Planetenbuurt", "Verzetsbuurt", "Eilandenbuurt", "Plantenbuurt"),
        StreetPattern(92.0, 170.0, 0.0, 7.0, (300, 1000), ASPHALT, 18.0),
        BuildingPattern(68.0, 12.0, 26.0, 12.0, (4, 9), (1956, 1974)),
        0.36, 0.10, 0.72, 56.0, 225.0, (0.16, 0.13, 0.28, 0.23, 0.20),
    ),
    "rows": Kind(
        ("Bloemenbuurt", "Bomenbuurt", "Vogelbuurt", "Muziekbuurt", "Vissenbuurt",
         "Vlinderbuurt", "Sportbuurt", "Uitvindersbuurt", "Molenbuurt", "Edelstenenbuurt",
         "Kastelenbuurt", "Hertenbuurt", "Zuivelbuurt", "Korenbuurt", "Ambachtenbuurt"),
        StreetPattern(62.0, 150.0, 3.0, 5.5, (60, 380), MIXED, 20.0),
        BuildingPattern(42.0, 9.0, 9.0, 5.0, (2, 3), (1948, 1972)),
        0.46, 0.40, 0.35, 43.0, 310.0, (0.16, 0.11, 0.25, 0.26, 0.22),
    ),
    "courts": Kind(
        ("De Horsten", "De Meenten", "De Kampen", "De Hagen", "De Brinken", "De Gaarden",
         "De Wierden", "De Esdoorns", "De Marken", "De Hoven",
         "De Dreven", "De Donken", "De Zoom", "De Velden", "De Weren", "De Akkers"),
        StreetPattern(66.0, 115.0, 16.0, 5.5, (50, 260), BRICK, 18.0),
        BuildingPattern(28.0, 9.0, 12.0, 5.0, (2, 3), (1973, 1988)),
        0.58, 0.35, 0.35, 41.0, 345.0, (0.15, 0.12, 0.22, 0.29, 0.22),
    ),
    "villas": Kind(
        ("Boskwartier", "Landgoed", "Eikenlaan", "Zandheuvel", "Berkenrode", "Hoogbosch"),
        StreetPattern(92.0, 200.0, 18.0, 6.0, (50, 250), MIXED, 12.0),
        BuildingPattern(13.0, 11.0, 14.0, 9.0, (2, 2), (1925, 1995)),
        0.72, 0.45, 0.15, 20.0, 760.0, (0.16, 0.11, 0.16, 0.31, 0.26),
    ),
    "new": Kind(
        ("Waterrijk", "Zonneveld", "De Rietlanden", "Weidezoom", "Polderkwartier",
         "Oeverhof", "De Lanen", "Kreekrijk", "Boomgaard", "Het Lint"),
        StreetPattern(58.0, 130.0, 0.0, 5.5, (60, 340), BRICK, 22.0),
        BuildingPattern(36.0, 9.5, 9.0, 3.0, (2, 3), (1997, 2022)),
        0.44, 0.50, 0.30, 34.0, 430.0, (0.25, 0.11, 0.31, 0.24, 0.09),
    ),
    "industry": Kind(
        ("Bedrijventerrein", "Industrieterrein", "Handelspark", "Distripark", "Bedrijvenpark"),
        StreetPattern(190.0, 300.0, 0.0, 8.0, (400, 1200), ASPHALT, 30.0),
        BuildingPattern(64.0, 46.0, 18.0, 14.0, (1, 3), (1965, 2020)),
        0.16, 0.80, 0.10, 40.0, 0.0, (0.16, 0.12, 0.26, 0.26, 0.20), is_inhabited=False,
    ),
    "park": Kind(
        ("Stadspark", "Sportpark"),
        StreetPattern(0.0, 0.0, 0.0, 4.0, (50, 100), BRICK, 0.0),
        BuildingPattern(0.0, 0.0, 0.0, 0.0, (1, 1), (1900, 1900)),
        0.92, 0.0, 0.6, 40.0, 0.0, (0.16, 0.12, 0.26, 0.26, 0.20), is_inhabited=False,
    ),
    "country": Kind(
        ("Buitengebied",),
        StreetPattern(420.0, 0.0, 14.0, 4.5, (50, 200), ASPHALT, 25.0),
        BuildingPattern(16.0, 12.0, 150.0, 10.0, (2, 2), (1880, 2000)),
        0.88, 0.5, 0.1, 25.0, 560.0, (0.14, 0.11, 0.18, 0.32, 0.25),
    ),
}  # fmt: skip
"""By a short name of our own."""
