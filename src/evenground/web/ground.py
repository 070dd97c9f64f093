"""A base map below the layers, from a tile service that whoever serves the pages names.

Off unless it is named. Browsers of readers then ask that service, and no other, for pictures.
Tiles lie as in the Dutch tiling of EPSG:28992: 256 pixels a side, from the upper left corner,
3440.64 metres a pixel at level 0 and half of that at each next level.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from evenground.errors import ConfigError, Fault
from evenground.pages.press import as_json

NAME = "ondergrond.js"
"""The script that says to pages which base map there is."""
PARTS = (r"\{zz?\}", r"\{x\}", r"\{y\}")
"""Level (in two digits: zz), column and row of a tile."""
PLAIN = re.compile(r"[A-Za-z0-9._~:/?&=%+@-]*")
"""Letters that an address may have besides its parts; none of them ends a rule for browsers."""
LOOPBACK = ("127.0.0.1", "localhost")
MOST = 200
"""Most letters of a credit."""


@dataclass(frozen=True)
class BaseMap:
    """A tile service and whom to thank for it."""

    address: str
    """Of a tile, with ``{z}`` or ``{zz}``, ``{x}`` and ``{y}``."""
    credit: str

    @property
    def origin(self) -> str:
        """Scheme, name and port: all that a browser may ask besides these pages."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"


def read_base_map(address: str | None, credit: str | None) -> BaseMap | None:
    """Return the base map that is named; None where none is.

    Raises
    ------
    ConfigError
        If the address is not that of tiles, or nobody is thanked.

    Examples
    --------
    >>> read_base_map("https://tegels.example.nl/rd/{z}/{x}/{y}.png", "Gemeente").origin
    'https://tegels.example.nl'
    """
    if address is None and credit is None:
        return None
    where, faults = "serve --base-map", []
    rest = address or ""
    for part in PARTS:
        found = re.findall(part, rest)
        if len(found) != 1:
            text = f"found {len(found)} of {part.replace(chr(92), '')} in {address!r}, expected one"
            faults.append(Fault(where, f"{text}.", "Write {z}, {x} and {y} where a tile differs."))
        rest = re.sub(part, "0", rest)
    if not _is_address(rest) or "{" in (address or "").partition("//")[2].partition("/")[0]:
        cure = "Give an https address in plain letters, without name and password."
        faults.append(Fault(where, f"{address!r} is no address of a service.", cure))
    if not credit or not credit.strip() or len(credit) > MOST:
        cure = f"Name the source of the map in 1 to {MOST} letters, as its licence asks."
        faults.append(Fault("serve --base-map-credit", f"found {credit!r}.", cure))
    if faults:
        raise ConfigError(faults)
    return BaseMap(address or "", (credit or "").strip())


def _is_address(text: str) -> bool:
    """Say whether a text is an address that may be asked; unsafely only on this machine."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    is_plain = PLAIN.fullmatch(text) is not None and "@" not in parts.netloc
    return is_safe and is_plain and bool(host) and port != 0


def script_of(base_map: BaseMap | None) -> str:
    """Return the script that sets which base map pages show."""
    told = None if base_map is None else {"address": base_map.address, "credit": base_map.credit}
    return f"window.EVENGROUND_BASE={as_json(told)};\n"
