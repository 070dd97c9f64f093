"""Numbers as Dutch readers write them, for the remarks of this stage."""

RASTER_NL = {
    "heat": "warmte",
    "noise": "geluid",
    "no2": "stikstofdioxide",
    "pm25": "fijnstof",
    "green": "groen",
    "ndvi": "groen op de satellietkaart",
}
"""What each raster of a case is of."""


def percent(share: float) -> str:
    """Return a share (0-1) as a percentage; some is never written as none, nor most as all."""
    value = round(100.0 * share, 1)
    if share > 0.0 and value < 0.1:
        return "minder dan 0,1 %"
    if share < 1.0:
        value = min(value, 99.9)
    return f"{value:.1f} %".replace(".", ",")


def count(value: float) -> str:
    """Return a whole number with a point between the thousands."""
    return f"{value:,.0f}".replace(",", ".")


def neighbourhoods_in_words(number: int) -> str:
    """Return a number of neighbourhoods, with the right plural."""
    return f"{count(number)} {'buurt' if number == 1 else 'buurten'}"


def in_words(number: float, one: str, more: str) -> str:
    """Return a number with what is counted, in the singular for one."""
    return f"{count(number)} {one if number == 1 else more}"
