"""What the BAG says of buildings and dwellings: which are there, and which are homes."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from evenground.errors import Fault, few
from evenground.sources.dutch import in_words
from evenground.sources.surfaces import columns_of, is_filled, spell

Flags = NDArray[np.bool_]

STATUS_NAMES = ("status", "pandstatus", "pand_status", "verblijfsobjectstatus", "bag_status")
END_NAMES = (
    "eindgeldigheid",
    "eind_geldigheid",
    "einddatum",
    "eindgeldig",
    "einddatumtijdvakgeldigheid",
)
"""When a version of an object ended; empty for the one that holds today."""
USE_NAMES = ("gebruiksdoel", "gebruiksdoelen", "gebruiksdoelverblijfsobject", "gebruiksdo")
ID_NAMES = ("identificatie", "identifica", "bag_id", "pand_id", "vbo_id")
HOME = "woonfunctie"
STANDING: Mapping[str, bool] = {
    "pand in gebruik": True,
    "pand in gebruik niet ingemeten": True,
    "pand buiten gebruik": True,
    "verbouwing pand": True,
    "sloopvergunning verleend": True,
    "bouw gestart": False,
    "bouwvergunning verleend": False,
    "niet gerealiseerd pand": False,
    "pand gesloopt": False,
    "pand ten onrechte opgevoerd": False,
    "verblijfsobject in gebruik": True,
    "verblijfsobject in gebruik niet ingemeten": True,
    "verblijfsobject buiten gebruik": True,
    "verbouwing verblijfsobject": True,
    "verblijfsobject gevormd": False,
    "niet gerealiseerd verblijfsobject": False,
    "verblijfsobject ingetrokken": False,
    "verblijfsobject ten onrechte opgevoerd": False,
}
"""Status = whether what has it stands today."""


def standing(
    frame: gpd.GeoDataFrame, file: str, what: tuple[str, str]
) -> tuple[Flags, list[Fault], list[str]]:
    """Say which objects stand today by their status and end; all do where neither is told.

    Parameters
    ----------
    what
        What they are called in Dutch, one and more.
    """
    keep = np.ones(len(frame), bool)
    for ended in columns_of(frame, END_NAMES):
        keep &= ~is_filled(frame[ended])
    column = next(iter(columns_of(frame, STATUS_NAMES)), None)
    if column is None:
        return keep, [], _left_out(keep, file, what)
    is_told = is_filled(frame[column])
    status = frame[column].map(spell)
    odd = status[is_told & ~status.isin(STANDING).to_numpy(bool)].value_counts()
    if len(odd):
        shown = few(f"{name!r}: {number}" for name, number in odd.items())
        cure = f"Use those of the BAG: {', '.join(STANDING)}; or leave the column out."
        finding = f"holds statuses that are not known ({shown})."
        return keep, [Fault(f"{file}, column {column}", finding, cure)], []
    keep &= np.where(is_told, status.map(STANDING).eq(other=True), True).astype(bool)  # noqa: FBT003
    return keep, [], _left_out(keep, file, what)


def _left_out(keep: Flags, file: str, what: tuple[str, str]) -> list[str]:
    """Say in Dutch how many objects do not stand."""
    gone = int((~keep).sum())
    why = "want vervallen, gesloopt, ingetrokken of nog niet gebouwd"
    return [f"{file}: niet meegeteld, {why}: {in_words(gone, *what)}."] if gone else []


def homes(frame: gpd.GeoDataFrame, file: str) -> tuple[Flags, list[str]]:
    """Say which objects are homes by their use; all are where no use is told."""
    column = next(iter(columns_of(frame, USE_NAMES)), None)
    if column is None:
        remark = f"{file} noemt geen gebruiksdoel: alle objecten tellen als woning (aanname)."
        return np.ones(len(frame), bool), [remark]
    text = frame[column].astype("string").fillna("").str.lower()
    is_home = text.str.contains(HOME, regex=False).to_numpy(bool)
    other = int((~is_home).sum())
    if other == 0:
        return is_home, []
    objects = in_words(other, "object", "objecten")
    return is_home, [f"{file}: niet meegeteld, want zonder woonfunctie: {objects}."]
