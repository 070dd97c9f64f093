"""HTML to a tagged PDF that a screen reader can follow (PDF/UA), by WeasyPrint.

Nothing is fetched: pictures stand inside the page, and every other address is refused.
WeasyPrint needs Pango, a library of the system; without it there is no PDF, and that is said.
"""

import logging
from pathlib import Path
from types import ModuleType

from evenground import disk

logger = logging.getLogger(__name__)
VARIANT = "pdf/ua-1"
NO_PANGO = (
    "%s is not written: WeasyPrint cannot load Pango. Install it (Debian: apt install "
    "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0), or use the page in HTML."
)


def write_pdf(html: str, path: Path) -> bool:
    """Write a page as PDF/UA, and return whether it could be written.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    weasyprint = _load()
    if weasyprint is None:
        logger.warning(NO_PANGO, path.name)
        return False
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    inside = weasyprint.urls.URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    document = weasyprint.HTML(string=html, base_url=None, url_fetcher=inside)
    made = document.write_pdf(
        pdf_variant=VARIANT, pdf_identifier=path.stem.encode(), custom_metadata=False
    )
    disk.write(path, lambda place: place.write_bytes(made))
    return True


def _load() -> ModuleType | None:
    """Return WeasyPrint; None where the system lacks what it is built on."""
    try:
        import weasyprint  # noqa: PLC0415 - loads libraries of the system
    except OSError:
        return None
    return weasyprint  # type: ignore[no-any-return]
