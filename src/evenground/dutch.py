"""Numbers, shares and unknowns as a Dutch reader writes them; loads nothing."""

import math

MINUS = "\N{MINUS SIGN}"
SMALLEST = 1e-6
"""Size below which a small number is nothing."""


def number(value: float, decimals: int = 0) -> str:
    """Return a number in Dutch notation, ``onbekend`` where it is missing."""
    if not math.isfinite(value):
        return "onbekend"
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0.0:
        text = text.lstrip("-")
    return text.replace(",", " ").replace(".", ",").replace(" ", ".").replace("-", MINUS)


def compact(value: float) -> str:
    """Return a number with as many decimals, up to three, as it has; two digits of a tiny one."""
    is_tiny = math.isfinite(value) and 0.0 < abs(value) < 1e-3
    text = number(value, 1 - math.floor(math.log10(abs(value))) if is_tiny else 3)
    return text.rstrip("0").rstrip(",") if "," in text else text


def significant(value: float) -> str:
    """Return a number with three digits that say something, and at most two decimals.

    Examples
    --------
    >>> significant(4.4609), significant(17.51), significant(0.288), significant(35469.3)
    ('4,46', '17,5', '0,29', '35.469')
    """
    if not math.isfinite(value) or value == 0.0:
        return number(value)
    return number(value, min(2, max(0, 2 - math.floor(math.log10(abs(value))))))


def fine(value: float) -> str:
    """Return a small number with two digits that say something.

    Examples
    --------
    >>> fine(0.00031964), fine(19.2), fine(-0.0)
    ('0,00032', '19', '0')
    """
    if not math.isfinite(value) or abs(value) < SMALLEST:
        return number(value)
    return number(value, max(0, 1 - math.floor(math.log10(abs(value)))))


def change(value: float, decimals: int = 1) -> str:
    """Return a difference with its sign; one that rounds to nothing has none."""
    text = number(value, decimals)
    is_nothing = not any(digit in text for digit in "123456789")
    return text if is_nothing or text.startswith(MINUS) else f"+{text}"


def percent(after: float, before: float, decimals: int = 1) -> str:
    """Return a relative difference, ``onbekend`` where there was nothing."""
    if not math.isfinite(before) or before == 0.0:
        return "onbekend"
    return f"{change(100.0 * (after - before) / before, decimals)}\N{NO-BREAK SPACE}%"


def euro(value: float) -> str:
    """Return euros without cents."""
    return f"€\N{NO-BREAK SPACE}{number(value)}"


def read_back(text: str) -> float:
    """Return a number that was written in Dutch notation.

    Examples
    --------
    >>> read_back("1.234,5"), read_back(number(-0.25, 2))
    (1234.5, -0.25)
    """
    return float(text.replace(".", "").replace(",", ".").replace(MINUS, "-"))


def in_file(value: float, digits: int = 6) -> str:
    """Return a number as it stands in a Dutch table on disk: nothing where it is missing.

    Whole digits all stay; of a small number ``digits`` stay that say something.

    Examples
    --------
    >>> in_file(232.03480309), in_file(5545200.0), in_file(-0.0000171), in_file(24000.0)
    ('232,035', '5545200', '-0,0000171', '24000')
    """
    if not math.isfinite(value):
        return ""
    size = math.floor(math.log10(abs(value))) if value else 0
    text = f"{value:.{max(0, digits - 1 - size)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace(".", ",")


AGE_NL = {
    "0_15": "0 tot 15 jaar",
    "15_25": "15 tot 25 jaar",
    "25_45": "25 tot 45 jaar",
    "45_65": "45 tot 65 jaar",
    "65_plus": "65 jaar en ouder",
}
"""Age bands in Dutch."""
INCOME_NL = {"low": "laag inkomen", "other": "hoger inkomen", "unknown": "inkomen onbekend"}
"""Incomes of residents in Dutch."""

SINGULAR = {"bomen": "boom", "plekken": "plek", "woningen": "woning"}
"""Units of things that are counted, by their plural."""


def unit_of(amount: float, unit: str) -> str:
    """Return the unit of an amount as it stands behind it: one of a thing is not many.

    Examples
    --------
    >>> unit_of(1.0, "plekken"), unit_of(2.0, "plekken"), unit_of(1.0, "m² weg")
    ('plek', 'plekken', 'm² weg')
    """
    return SINGULAR.get(unit, unit) if number(amount) == "1" else unit


def million(value: float) -> str:
    """Return euros in millions, for sentences."""
    return f"€\N{NO-BREAK SPACE}{number(value / 1e6, 1)} miljoen"
