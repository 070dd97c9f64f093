"""One date in GeoPackages, so that the same content is the same bytes.

GDAL writes the time of the day into every file; a town that is generated twice and
a proposal that is written twice must not differ by it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pyogrio


@contextmanager
def frozen_clock() -> Iterator[None]:
    """Let GeoPackages that are written meanwhile carry one date; then the clock runs again."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2024-01-01T00:00:00Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
