"""One proposal to take along: its files, the report, the choices and a list of checksums."""

import hashlib
import io
import zipfile
from pathlib import Path

from evenground.web.choices import FILE

OF_RUN = ("report.html", "beslisstuk.pdf", "decision.pdf", "settings.toml", "manifest.json", FILE)


def files_of(folder: Path, proposal: str) -> list[Path]:
    """Return the files that go along, in order; a link goes nowhere."""
    own = sorted((folder / "proposals" / proposal).glob("*"))
    listed = [*(folder / name for name in OF_RUN), *own]
    return [path for path in listed if path.is_file() and not path.is_symlink()]


def pack(folder: Path, proposal: str) -> bytes:
    """Return a zip with SHA256SUMS; the same files give the same bytes."""
    stream, sums = io.BytesIO(), []
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files_of(folder, proposal):
            data = path.read_bytes()
            sums.append(f"{hashlib.sha256(data).hexdigest()}  {path.name}")
            archive.writestr(_entry(path.name), data)
        archive.writestr(_entry("SHA256SUMS"), "\n".join([*sums, ""]))
    return stream.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an entry without the time of the day."""
    entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
