"""The files of a run directory, as far as they are needed to check its plans again.

Every fault of every file is collected. Knows nothing of how a run is made.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import xarray as xr
from numpy.typing import NDArray

from evenground.config import RunSettings, read_settings
from evenground.dutch import AGE_NL, INCOME_NL
from evenground.errors import DataError, Fault, FaultyInputError, few
from evenground.names import CODE, LOW_INCOME_SHARE, OPTION

Float = NDArray[np.float64]
T = TypeVar("T")

OPTION_NUMBERS = (
    "option",
    "site",
    "x_m",
    "y_m",
    "step",
    "most",
    "capital_eur",
    "yearly_eur",
    "fixed_eur",
    "annuity",
    "ground",
    "ground_use",
)
OPTION_TEXTS = ("neighbourhood_code", "intervention", "sector")
SCORES = ("burden", "cost", "capital")
"""Scores of the front that can be added up again from files."""
UNREADABLE = (OSError, EOFError, ValueError, KeyError, RuntimeError, zlib.error)
"""What libraries raise of a file that is cut off, edited or of another kind."""


@dataclass(frozen=True)
class Plans:
    """Plans of a front, each with its active options one after another."""

    start: NDArray[np.int64]
    """First active option of each plan, and the end (candidate + 1,)."""
    option: Float
    """As read (active,)."""
    steps: Float
    """As read (active,)."""
    scores: pd.DataFrame
    """:data:`SCORES` of each plan."""

    def __len__(self) -> int:
        return self.start.size - 1

    @classmethod
    def none(cls) -> "Plans":
        """Return a front without plans."""
        scores = pd.DataFrame({name: np.zeros(0) for name in SCORES})
        return cls(np.zeros(1, np.int64), np.zeros(0), np.zeros(0), scores)


@dataclass(frozen=True)
class SiteMap:
    """``sites.tif``: the site of each cell."""

    left: float
    top: float
    cell_m: float
    site: NDArray[np.int64]
    """(y, x); -1 = none."""

    @classmethod
    def none(cls) -> "SiteMap":
        """Return a map without cells."""
        return cls(0.0, 0.0, 1.0, np.zeros((0, 0), np.int64))

    def cells(self) -> tuple[Float, Float, NDArray[np.int64]]:
        """Return the centre and the site of every cell that is of one."""
        row, col = np.nonzero(self.site >= 0)
        x = self.left + (col + 0.5) * self.cell_m
        y = self.top - (row + 0.5) * self.cell_m
        return x.astype(np.float64), y.astype(np.float64), self.site[row, col]

    def at(self, x: Float, y: Float) -> Float:
        """Return the site at points, -1 where there is none."""
        row = np.floor((self.top - y) / self.cell_m).astype(np.int64)
        col = np.floor((x - self.left) / self.cell_m).astype(np.int64)
        n_y, n_x = self.site.shape
        inside = (row >= 0) & (row < n_y) & (col >= 0) & (col < n_x)
        out = np.full(row.size, -1.0)
        out[inside] = self.site[row[inside], col[inside]]
        return out


@dataclass(frozen=True)
class Told:
    """A proposal as its files tell it."""

    id: str
    candidate: int
    works: pd.DataFrame
    """``maatregelen.csv``: site, intervention, amount, capital_eur, yearly_eur."""
    squares: pd.DataFrame
    """The same of the GeoPackage, with each shape and its middle, x_m and y_m."""
    burdens: pd.DataFrame
    """``buurten.csv``: code, age, income, residents, persons, n_group, before, after; unknown is
    NaN. Few persons are told together, with a blank age, and maybe a blank code."""


@dataclass(frozen=True)
class Evidence:
    """All that a run directory says of its plans."""

    folder: Path
    settings: RunSettings
    options: pd.DataFrame
    """:data:`OPTION_NUMBERS` and :data:`OPTION_TEXTS`; the row is the number of the option."""
    capacity: Float
    """Ground there is (ground,)."""
    plans: Plans
    neighbourhoods: pd.DataFrame
    """code, ses_rank, low_income_share, and few_meet: whether those meet it of whom no figures
    are told (yes or no)."""
    locked: pd.DataFrame
    """x_m, y_m, intervention, amount; no row where nothing is locked in."""
    closed: NDArray[np.object_]
    """Polygons in which nothing is built."""
    site_map: "SiteMap"
    """Which site each cell is of; without cells where sites are squares."""
    worse_off: pd.DataFrame
    """plan, code, age, income, loss."""
    proposals: tuple[Told, ...]


class _Desk:
    """Reads files one by one and keeps every fault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []

    def read(self, name: str, reader: Callable[[Path, str], T], blank: T) -> T:
        """Return what a reader makes of a file, or something blank and its fault."""
        path = self.folder / name
        try:
            if not path.is_file():
                raise _refused(name, "no such file in the run directory.")
            return reader(path, name)
        except FaultyInputError as error:
            self.faults += error.faults
        except UNREADABLE as error:
            reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
            self.faults += _refused(name, f"cannot be read: {reason}.").faults
        return blank


def _refused(place: str, finding: str) -> DataError:
    """Return the error of a file that does not serve."""
    cure = "Copy the whole run directory again, or run the case again."
    return DataError([Fault(place, finding, cure)])


def read_run(folder: Path) -> Evidence:
    """Return what a run directory says of its plans.

    Raises
    ------
    ConfigError
        If its settings cannot be read.
    DataError
        With every file that is missing, cut off or not what it should be.
    """
    if not folder.is_dir():
        cure = "Give the folder of a finished run, such as out/dorp-20260101T120000-1."
        raise DataError([Fault(str(folder), "no such folder.", cure)])
    settings = read_settings(folder / "settings.toml")
    limits = settings.constraints
    desk, nothing = _Desk(folder), pd.DataFrame()
    plans = desk.read("front.nc", read_plans, Plans.none())
    picked = desk.read("proposals.csv", _read_picked, nothing)
    evidence = Evidence(
        folder=folder,
        settings=settings,
        options=desk.read("options.csv.gz", _read_options, nothing),
        capacity=desk.read("ground.csv.gz", _read_ground, np.zeros(0)),
        plans=plans,
        neighbourhoods=desk.read("constraints/neighbourhoods.csv", _read_neighbourhoods, nothing),
        locked=nothing
        if limits.lock is None
        else desk.read("constraints/locked.csv", _read_locked, nothing),
        closed=np.zeros(0, object)
        if limits.exclude is None
        else desk.read("constraints/closed.gpkg", _read_closed, np.zeros(0, object)),
        site_map=SiteMap.none()
        if settings.sites.kind == "squares"
        else desk.read("sites.tif", _read_site_map, SiteMap.none()),
        worse_off=desk.read("distribution/worse_off.csv", _read_worse_off, nothing),
        proposals=_read_proposals(desk, picked),
    )
    if faults := desk.faults or _mismatches(evidence, picked):
        raise DataError(faults)
    return evidence


def _mismatches(evidence: Evidence, picked: pd.DataFrame) -> list[Fault]:
    """List what files that can be read each say differently."""
    faults: list[Fault] = []
    there = sorted(path.name for path in (evidence.folder / "proposals").glob("*") if path.is_dir())
    if odd := sorted(set(there) - set(picked["proposal"])):
        faults += _refused("proposals.csv", f"does not list {few(odd)}.").faults
    n = len(evidence.plans)
    wrong = [told.id for told in evidence.proposals if not 0 <= told.candidate < n]
    if wrong:
        finding = f"{few(wrong)} should be one of the {n} plans of front.nc."
        faults += _refused("proposals.csv", finding).faults
    grounds = evidence.options["ground"].to_numpy(float)
    if grounds.size and grounds.max() >= evidence.capacity.size:
        finding = f"has {evidence.capacity.size} grounds, options name number {grounds.max():.0f}."
        faults += _refused("ground.csv.gz", finding).faults
    return faults


def read_plans(path: Path, name: str) -> Plans:
    """Return the plans of a front."""
    with xr.open_dataset(path, engine="h5netcdf") as front:
        needed = (*SCORES, "active_count", OPTION, "amount")
        if lost := [part for part in needed if part not in front]:
            raise _refused(name, f"has no {few(lost)}.")
        count = front["active_count"].to_numpy().astype(np.int64)
        option = front[OPTION].to_numpy().astype(np.float64)
        steps = front["amount"].to_numpy().astype(np.float64)
        scores = pd.DataFrame({part: front[part].to_numpy().astype(float) for part in SCORES})
    if count.size != len(scores) or (count < 0).any() or count.sum() != option.size:
        finding = f"counts {count.sum()} active options in its plans and holds {option.size}."
        raise _refused(name, finding)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return Plans(start, option, steps, scores)


def _table(
    path: Path, name: str, numbers: Sequence[str], texts: Sequence[str], *, dutch: bool = False
) -> pd.DataFrame:
    """Return some columns of a CSV; empty numbers are NaN, other texts in their place a fault."""
    sep, encoding = (";", "utf-8-sig") if dutch else (",", "utf-8")
    raw = pd.read_csv(path, sep=sep, encoding=encoding, dtype=str, keep_default_na=False)
    if lost := [column for column in (*numbers, *texts) if column not in raw]:
        raise _refused(name, f"has no column {few(lost)}.")
    out = pd.DataFrame(raw[list(texts)]).copy()
    for column in numbers:
        text = raw[column].str.replace(",", ".", regex=False) if dutch else raw[column]
        value = pd.to_numeric(text.mask(text == ""), errors="coerce").astype(float)
        if (odd := value.isna() & (text != "")).any():
            raise _refused(name, f"column {column} holds {few(raw[column][odd])}, no number.")
        out[column] = value
    return out


def _known(table: pd.DataFrame, name: str, numbers: Sequence[str]) -> pd.DataFrame:
    """Return a table unchanged if every number in it is known."""
    for column in numbers:
        if not np.isfinite(table[column].to_numpy(float)).all():
            raise _refused(name, f"column {column} has empty cells.")
    return table


def _read_options(path: Path, name: str) -> pd.DataFrame:
    """Return the options; the row is the number of the option."""
    table = _known(_table(path, name, OPTION_NUMBERS, OPTION_TEXTS), name, OPTION_NUMBERS)
    if not np.array_equal(table["option"], np.arange(len(table))):
        raise _refused(name, f"its {len(table)} options are not numbered from 0 one by one.")
    return table


def _read_ground(path: Path, name: str) -> Float:
    """Return the ground there is (ground,)."""
    columns = ("ground", "capacity")
    table = _known(_table(path, name, columns, ()), name, columns)
    if not np.array_equal(table["ground"], np.arange(len(table))):
        raise _refused(name, f"its {len(table)} grounds are not numbered from 0 one by one.")
    return table["capacity"].to_numpy(float)


def _read_neighbourhoods(path: Path, name: str) -> pd.DataFrame:
    """Return what chooses the neighbourhoods with priority; unknown is NaN."""
    return _table(path, name, ("ses_rank", LOW_INCOME_SHARE), (CODE, "few_meet"))


def _read_locked(path: Path, name: str) -> pd.DataFrame:
    """Return the works that are locked in."""
    numbers = ("x_m", "y_m", "amount")
    return _known(_table(path, name, numbers, ("intervention",)), name, numbers)


def _read_closed(path: Path, _name: str) -> NDArray[np.object_]:
    """Return the polygons in which nothing is built."""
    return np.asarray(gpd.read_file(path).geometry.to_numpy(), object)


def _read_site_map(path: Path, name: str) -> SiteMap:
    """Return the site of each cell."""
    with rasterio.open(path) as source:
        cell_m, left, top = source.transform.a, source.transform.c, source.transform.f
        site = source.read(1)
    if not (cell_m > 0.0 and site.dtype == np.int32):
        raise _refused(name, f"holds {site.dtype} in cells of {cell_m:g} m, expected int32.")
    return SiteMap(float(left), float(top), float(cell_m), site.astype(np.int64))


def _read_worse_off(path: Path, name: str) -> pd.DataFrame:
    """Return who the run says is worse off; of few persons the loss is not told."""
    table = _table(path, name, ("loss",), ("plan", CODE, "age", "income"))
    _known(table[table["age"] != ""], name, ("loss",))
    return table


def _read_picked(path: Path, name: str) -> pd.DataFrame:
    """Return the proposals and their place in the front."""
    table = _known(_table(path, name, ("candidate",), ("proposal",)), name, ("candidate",))
    if (odd := table["candidate"] % 1.0 != 0.0).any():
        raise _refused(name, f"candidate holds {few(table['candidate'][odd])}, no whole number.")
    return table


def _read_proposals(desk: _Desk, picked: pd.DataFrame) -> tuple[Told, ...]:
    """Return every proposal that the run lists."""
    out = []
    for row in picked.to_dict("records"):
        chosen, place = str(row["proposal"]), f"proposals/{row['proposal']}"
        works, squares, burdens = (
            desk.read(f"{place}/{file}", partial(reader, proposal=chosen), pd.DataFrame())
            for file, reader in (
                ("maatregelen.csv", _read_works),
                (f"{chosen}.gpkg", _read_squares),
                ("buurten.csv", _read_burdens),
            )
        )
        out.append(Told(chosen, int(row["candidate"]), works, squares, burdens))
    return tuple(out)


WORKS = {
    "maatregel": "intervention",
    "hoeveelheid": "amount",
    "aanleg_euro": "capital_eur",
    "jaarlijks_euro": "yearly_eur",
}
"""Dutch columns of works, and ours."""


def _read_works(path: Path, name: str, proposal: str) -> pd.DataFrame:
    """Return the list of works of a proposal."""
    numbers = ("hoeveelheid", "aanleg_euro", "jaarlijks_euro")
    table = _table(path, name, numbers, ("id", "maatregel"), dutch=True)
    return _with_site(_known(table, name, numbers), name, proposal)


def _read_squares(path: Path, name: str, proposal: str) -> pd.DataFrame:
    """Return the works of the map of a proposal, with each shape and its middle."""
    frame = gpd.read_file(path, layer="maatregelen")
    if lost := [column for column in ("id", *WORKS) if column not in frame]:
        raise _refused(name, f"layer maatregelen has no column {few(lost)}.")
    middle = frame.geometry.centroid
    table = pd.DataFrame(frame[["id", *WORKS]]).assign(x_m=middle.x, y_m=middle.y)
    table["shape"] = frame.geometry.to_numpy()
    numbers = ("hoeveelheid", "aanleg_euro", "jaarlijks_euro", "x_m", "y_m")
    return _with_site(_known(table, name, numbers), name, proposal)


def _with_site(table: pd.DataFrame, name: str, proposal: str) -> pd.DataFrame:
    """Return works under our names, with the site that their id tells."""
    parts = table["id"].astype(str).str.extract(rf"^'?{re.escape(proposal)}-([0-9]+)-")[0]
    if parts.isna().any():
        raise _refused(name, f"id holds {few(table['id'][parts.isna()])}, expected a site.")
    return table.rename(columns=WORKS).assign(site=parts.astype(float))


BURDENS = {
    "buurtcode": "code",
    "leeftijd": "age",
    "inkomen": "income",
    "inwoners": "residents",
    "personen": "persons",
    "groepen": "n_group",
    "ziektelast_voor": "before",
    "ziektelast_na": "after",
}
"""Dutch columns of burdens, and ours."""


def _read_burdens(path: Path, name: str, proposal: str) -> pd.DataFrame:  # noqa: ARG001 - all files of a proposal are read alike
    """Return who bears what today and under a proposal; few persons are told together."""
    texts, numbers = list(BURDENS)[:3], list(BURDENS)[3:]
    table = _known(_table(path, name, numbers, texts, dutch=True), name, numbers[2:])
    for column, names in (("leeftijd", AGE_NL), ("inkomen", INCOME_NL)):
        table[column] = table[column].replace({told: code for code, told in names.items()})
    return table.rename(columns=BURDENS)
