"""Ways to spoil a run directory: each edits its files as a careless or dishonest hand would."""

import shutil
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import tomli_w
import xarray as xr
from numpy.typing import NDArray

from evenground.outputs.folder import compressed

Float = NDArray[np.float64]
Works = Sequence[tuple[int, float]]


def read_options(run: Path) -> pd.DataFrame:
    """Return the options of a run, with the fixed cost of the case."""
    table = pd.read_csv(run / "options.csv.gz", keep_default_na=False)
    for name, eur in settings(run).get("constraints", {}).get("fixed_eur", {}).items():
        table.loc[table["intervention"] == name, "fixed_eur"] = eur
    return table


def settings(run: Path) -> dict[str, Any]:
    """Return the settings of a run as a plain dict."""
    return tomllib.loads((run / "settings.toml").read_text("utf-8"))


def constrain(run: Path, **constraints: object) -> None:
    """Make the case ask for something else, or with None no more; what it asked besides stays."""
    raw = settings(run)
    asked = {**raw.get("constraints", {}), **constraints}
    raw["constraints"] = {key: value for key, value in asked.items() if value is not None}
    (run / "settings.toml").write_text(tomli_w.dumps(raw), "utf-8")


def with_budget(run: Path, eur: float) -> None:
    """Make the case allow another whole budget."""
    raw = settings(run)
    raw["search"]["budget_eur"] = eur
    (run / "settings.toml").write_text(tomli_w.dumps(raw), "utf-8")


def load(run: Path) -> tuple[xr.Dataset, list[list[tuple[int, float]]]]:
    """Return the front of a run, and each plan as options and steps."""
    front = xr.load_dataset(run / "front.nc", engine="h5netcdf")
    end = np.cumsum(front["active_count"].to_numpy())
    option, steps = (front[name].to_numpy().tolist() for name in ("option", "amount"))
    pairs = list(zip(option, steps, strict=True))
    return front, [pairs[a:b] for a, b in zip([0, *end[:-1]], end, strict=True)]


def save(run: Path, front: xr.Dataset, plans: Sequence[Works]) -> None:
    """Write a front with other plans."""
    steps = np.array([amount for plan in plans for _, amount in plan], np.float64)
    whole = np.isfinite(steps).all() and (steps == np.floor(steps)).all()
    active = {
        "active_count": ("candidate", np.array([len(plan) for plan in plans], np.int32)),
        "option": ("active", np.array([option for plan in plans for option, _ in plan], np.int32)),
        "amount": ("active", steps.astype(np.int16) if whole else steps),
    }
    kept = front.drop_vars(list(active))
    write(run, kept.assign(active))


def write(run: Path, front: xr.Dataset) -> None:
    """Write the front of a run anew."""
    (run / "front.nc").unlink()
    front.to_netcdf(run / "front.nc", engine="h5netcdf", encoding=compressed(front))


def spent(run: Path, works: Works) -> tuple[float, float]:
    """Return the euros to build and the euros per year of what exists of a plan."""
    table = read_options(run)
    known = [(j, n) for j, n in works if 0 <= j < len(table) and np.isfinite(n) and n != 0]
    rows = table.iloc[[j for j, _ in known]]
    steps = np.array([n for _, n in known], np.float64)
    yearly = steps * rows["yearly_eur"] + rows["fixed_eur"] * rows["annuity"]
    return float((steps * rows["capital_eur"] + rows["fixed_eur"]).sum()), float(yearly.sum())


def spare(run: Path) -> int:
    """Return the dearest plan that is no proposal."""
    front, _ = load(run)
    capital = front["capital"].to_numpy().copy()
    capital[pd.read_csv(run / "proposals.csv")["candidate"]] = -1.0
    return int(np.argmax(capital))


def set_plan(run: Path, works: Works, candidate: int | None = None) -> str:
    """Put another plan in the front, with scores of cost that fit it, and return its name."""
    k = spare(run) if candidate is None else candidate
    front, plans = load(run)
    plans[k] = list(works)
    capital, yearly = spent(run, works)
    front["capital"][k] = capital
    front["cost"][k] = yearly
    save(run, front, plans)
    return f"plan {k}"


def only_plan(run: Path, works: Works) -> str:
    """Leave one plan in the front and no proposal, and return its name."""
    front, _ = load(run)
    save(run, front.isel(candidate=[0]), [[]])
    shutil.rmtree(run / "proposals")
    (run / "proposals.csv").write_text("proposal,candidate,name\n", "utf-8")
    return set_plan(run, works, 0)


def rescore(run: Path, name: str, change: Callable[[float], float], candidate: int) -> None:
    """Change one score of one plan."""
    front, _ = load(run)
    front[name][candidate] = change(float(front[name][candidate]))
    write(run, front)


def first_proposal(run: Path) -> str:
    """Return the id of the first proposal."""
    return str(pd.read_csv(run / "proposals.csv")["proposal"].iloc[0])


def place_of(run: Path, file: str) -> Path:
    """Return a file of the first proposal; ``*`` stands for its id."""
    chosen = first_proposal(run)
    return run / "proposals" / chosen / file.replace("*", chosen)


def edit_dutch(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame | None]) -> None:
    """Change a table for a Dutch spreadsheet."""
    table = pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig", keep_default_na=False)
    changed = change(table)
    table = table if changed is None else changed
    table.to_csv(path, sep=";", decimal=",", index=False, encoding="utf-8-sig")


def edit_map(run: Path, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame | None]) -> None:
    """Change the works in the GeoPackage of the first proposal."""
    path = place_of(run, "*.gpkg")
    frame = gpd.read_file(path, layer="maatregelen")
    changed = change(frame)
    frame = frame if changed is None else changed
    frame.to_file(path, layer="maatregelen")
