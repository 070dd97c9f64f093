"""Files of a case, read and checked: the only place that knows how others write data.

Takes the case file and a folder. What comes out is labelled, in EPSG:28992 and
in our units; what was done to it is said in Dutch. Knows nothing of the grid,
of exposure or of health.
"""

from evenground.sources.case import Sources, Verdict, check_sources, read_sources
from evenground.sources.catalogue import Catalogue, shipped_catalogue
from evenground.sources.factors import Factor, read_factors
from evenground.sources.files import FileRecord
from evenground.sources.themes import THEMES, Theme

__all__ = [
    "THEMES",
    "Catalogue",
    "Factor",
    "FileRecord",
    "Sources",
    "Theme",
    "Verdict",
    "check_sources",
    "read_factors",
    "read_sources",
    "shipped_catalogue",
]
