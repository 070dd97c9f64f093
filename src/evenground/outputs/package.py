"""One proposal to take along: its maps, tables and documents in one file, with checksums.

Takes a run directory that is written; the same files give the same bytes.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from evenground import disk

OF_RUN = (
    "beslisstuk.html",
    "beslisstuk.pdf",
    "decision.html",
    "decision.pdf",
    "settings.toml",
    "manifest.json",
)
"""Files of the run that go along, where they are there."""
SUMS = "SHA256SUMS"
README = "LEESMIJ.txt"
NOW = "kaarten_nu"
"""Folder of the maps of today, inside the package."""
TEXT = """\
{title}
Voorstel: {proposal}

Wat zit erin?
- {proposal}.gpkg: GeoPackage voor QGIS, met stijlen: maatregelen en buurten voor en na.
- *_verschil.tif: wat elke laag verandert, per cel (GeoTIFF, EPSG:28992).
- ziektelast_na.tif: ziektelast na het voorstel, DALY per 1000 inwoners per jaar, per buurt.
- {now}/: de kaarten van nu.
- maatregelen.csv: elk werk met zijn plek, hoeveelheid en kosten.
- buurten.csv: ziektelast (DALY per jaar) van elke groep in elke buurt, nu en na het voorstel.
  Alle rijen samen zijn het totaal. Groepen van minder dan 10 personen staan samen in een rij;
  groepen: hoeveel dat er zijn. Personen is leeg bij minder dan 50.
- waarom.csv: wat een miljoen euro op elke plek oplevert (een eerste benadering), hoe vaak die
  plek in de plannen zit, en de beste andere plek voor dezelfde maatregel. winst_andere_plek is in
  de eenheid van sterkst_op.
  De tabellen hebben een puntkomma tussen de kolommen en een decimale komma.
- beslisstuk, decision: het stuk voor de raad, in het Nederlands en het Engels.
- settings.toml, manifest.json: waarmee dit opnieuw gemaakt kan worden.
- {sums}: controlegetallen. Nagaan: sha256sum --check {sums}

Cijfers over minder dan 10 inwoners staan er niet in.
{fictional}
Bronnen
{sources}
"""


def write_packages(folder: Path) -> None:
    """Write the package of every proposal of a run directory beside its folder."""
    for place in sorted(path for path in (folder / "proposals").glob("*") if path.is_dir()):
        disk.write(place.with_suffix(".zip"), partial(_write, pack(folder, place.name)))


def pack(folder: Path, proposal: str, more: Sequence[Path] = ()) -> bytes:
    """Return the package of a proposal as a zip file.

    Parameters
    ----------
    more
        Other files to put in, where they are there.
    """
    entries = {README: _readme(folder, proposal).encode()}
    entries |= {name: path.read_bytes() for name, path in _files(folder, proposal, more).items()}
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}" for name, data in entries.items()]
    entries[SUMS] = "\n".join([*sums, ""]).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(_entry(name), data)
    return stream.getvalue()


def _write(packed: bytes, path: Path) -> None:
    """Write a package."""
    path.write_bytes(packed)


def _files(folder: Path, proposal: str, more: Sequence[Path]) -> dict[str, Path]:
    """Return the files that go along by their name in the package; a link goes nowhere."""
    own = sorted((folder / "proposals" / proposal).glob("*"))
    listed = {path.name: path for path in (*(folder / name for name in OF_RUN), *own, *more)}
    listed |= {f"{NOW}/{path.name}": path for path in sorted((folder / "maps").glob("*.tif"))}
    return {k: path for k, path in listed.items() if path.is_file() and not path.is_symlink()}


def _readme(folder: Path, proposal: str) -> str:
    """Say what is inside and where it comes from."""
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    case, inputs = told["case"], told["inputs"]
    fictional = "\nDeze plaats is verzonnen. Alle cijfers zijn fictief.\n"
    return TEXT.format(
        title=_line(case["title"]),
        proposal=proposal,
        now=NOW,
        sums=SUMS,
        fictional=fictional if case["fictional"] else "",
        sources="\n".join(dict.fromkeys(_source(record) for record in inputs)),
    )


def _source(record: dict[str, Any]) -> str:
    """Return where a file comes from, its year and licence."""
    return _line(f"- {record['source']}, {record['year']}, licentie {record['licence']}")


def _line(text: str) -> str:
    """Return a text of the case on one line."""
    return " ".join(str(text).split())


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an entry without the time of the day."""
    entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
