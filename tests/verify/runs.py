"""Run directories of the small town that several tests verify: plain, and with every constraint."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from evenground.config import RunSettings, UncertaintySettings, parse_settings
from evenground.pipeline import Model, run

ABOUT = {"year": 2024, "source": "verzonnen", "licence": "EUPL-1.2"}
LINES = (
    {"name": "groen", "eur": 400_000.0, "pays_for": ["green"], "at_least_eur": 50_000.0},
    {"name": "straten", "eur": 200_000.0, "pays_for": ["mobility"]},
    {"name": "spelen", "eur": 60_000.0, "pays_for": ["play"]},
    {"name": "wijken", "eur": 120_000.0, "pays_for": ["play", "street_tree", "speed30"]},
    {"name": "klimaat", "eur": 150_000.0, "pays_for": ["tile_removal", "pocket_park"]},
)
"""Five budget lines, of which three overlap with others."""


def search_less(settings: RunSettings, **changes: object) -> RunSettings:
    """Return settings with a short search and no ensemble."""
    search = settings.search.model_copy(update={"evaluations": 400, "population": 40, **changes})
    off = UncertaintySettings(draws=0)
    return settings.model_copy(update={"search": search, "uncertainty": off})


def limited(settings: RunSettings, constraints: dict[str, object], **search: object) -> RunSettings:
    """Return settings with constraints, as a case file gives them."""
    raw = search_less(settings, **search).model_dump(exclude_none=True)
    return parse_settings({**raw, "constraints": constraints}, "case.toml")


def write_places(model: Model, folder: Path) -> dict[str, object]:
    """Write a closed polygon and a locked work of the small town, and return their settings."""
    options, study = model.options, model.study
    names = options.interventions.index.to_numpy(str)[options.intervention]
    x = study.grid.left + (options.site_col + 0.5) * study.site_m
    y = study.grid.top - (options.site_row + 0.5) * study.site_m
    corner = shapely.box(
        study.grid.left, study.grid.top - 450.0, study.grid.left + 450.0, study.grid.top
    )
    gpd.GeoDataFrame(geometry=[corner], crs="EPSG:28992").to_file(folder / "dicht.gpkg")
    trees = np.flatnonzero((names == "street_tree") & (options.most >= 4))
    open_trees = trees[~shapely.intersects_xy(corner, x[trees], y[trees])]
    held = open_trees[[0, -1]]
    works = gpd.GeoDataFrame(
        {"maatregel": ["street_tree", "street_tree"], "hoeveelheid": [3.0, 2.0]},
        geometry=shapely.points(x[held], y[held]),
        crs="EPSG:28992",
    )
    works.to_file(folder / "vast.gpkg")
    return {
        "exclude": {"file": "dicht.gpkg", **ABOUT},
        "lock": {"file": "vast.gpkg", **ABOUT},
    }


def rich(model: Model, folder: Path) -> RunSettings:
    """Return settings with every constraint at once; files go beside those of the town."""
    codes = model.study.neighbourhoods["code"].astype(str)
    return limited(
        model.settings,
        {
            **write_places(model, folder),
            "budgets": [dict(line) for line in LINES],
            "fixed_eur": {"street_tree": 1_500.0, "pocket_park": 10_000.0, "speed30": 4_000.0},
            "least": {"street_tree": 2.0, "tile_removal": 100.0},
            "spacing_m": {"pocket_park": 250.0, "play": 400.0},
            "exclude_codes": [codes.iloc[-1]],
            "priority": {"at_least": 0.4, "of": "spend", "ses_rank_at_most": 0.5},
        },
        budget_eur=700_000.0,
        no_harm=True,
        no_harm_tolerance=0.01,
    )


def make_run(settings: RunSettings, data: Path, out: Path) -> Path:
    """Run a case and return its run directory."""
    return run(settings, data, out)[0]


def pooled(settings: RunSettings) -> RunSettings:
    """Return settings with lines that pay for each other, and a share of the gain."""
    return limited(
        settings,
        {
            "budgets": [dict(line) for line in LINES],
            "pooling": True,
            "priority": {"at_least": 0.5, "of": "gain", "ses_rank_at_most": 0.6},
        },
        budget_eur=1_200_000.0,
    )
