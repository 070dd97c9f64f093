"""Numbers, shares and unknowns as a Dutch reader writes them."""

import math

MINUS = "\N{MINUS SIGN}"


def number(value: float, decimals: int = 0) -> str:
    """Return a number in Dutch notation, ``onbekend`` where it is missing."""
    if not math.isfinite(value):
        return "onbekend"
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0.0:
        text = text.lstrip("-")
    return text.replace(",", " ").replace(".", ",").replace(" ", ".").replace("-", MINUS)


def change(value: float, decimals: int = 1) -> str:
    """Return a difference with its sign."""
    text = number(value, decimals)
    return text if text.startswith(MINUS) or not math.isfinite(value) else f"+{text}"


def percent(after: float, before: float, decimals: int = 1) -> str:
    """Return a relative difference, ``onbekend`` where there was nothing."""
    if not math.isfinite(before) or before == 0.0:
        return "onbekend"
    return f"{change(100.0 * (after - before) / before, decimals)} %"


def euro(value: float) -> str:
    """Return euros without cents."""
    return f"€ {number(value)}"
