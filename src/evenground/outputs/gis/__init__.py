"""A proposal as files for a GIS: GeoPackage with styles, maps as GeoTIFF, a list as CSV.

Takes a run and a proposal; writes EPSG:28992. Names from the case are data
and stay plain text.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import shapely
from numpy.typing import NDArray

from evenground.exposure.supplied import Supplied
from evenground.geopackage import frozen_clock
from evenground.names import CODE, GREEN, LAYERS, LIVEABILITY_COLUMNS, NAME, RESIDENTS
from evenground.objectives.cumulative import GES_INSUFFICIENT, GES_NL, insufficient_factors
from evenground.objectives.health import counted_channels, counted_layers
from evenground.outputs.gis.styles import difference_style, score_style, works_style
from evenground.outputs.gis.titles import GES_NAME, embed_titles
from evenground.results import FACTOR_NL, QUALITIES, Assessment, LayerInfo, Proposal, Run
from evenground.results.numbers import FEWEST, compact, number
from evenground.results.sheets import write_table
from evenground.study import Grid

Float = NDArray[np.float64]
LAYER_COLUMN = {
    "heat": "warmte_graden",
    "noise": "geluid_db",
    "no2": "no2_ugm3",
    "pm25": "pm25_ugm3",
    "green": "groen_procent",
    "access": "speelplekken_per_1000",
}
"""Column of each layer, with its unit."""


OFTEN_NL = {"always": "altijd", "sometimes": "soms", "never": "nooit"}
"""How often a site is chosen in the draws of the ensemble."""
LIVEABILITY_NL = (
    "leefbaarometer",
    "leefbaarometer_fysieke_omgeving",
    "leefbaarometer_voorzieningen",
    "leefbaarometer_sociale_samenhang",
    "leefbaarometer_overlast_en_onveiligheid",
    "leefbaarometer_woningvoorraad",
)
"""Columns of the Leefbaarometer as they are written, in the order of ours."""


def write_geopackage(run: Run, proposal: Proposal, path: Path) -> None:
    """Write the works and the neighbourhoods before and after, with embedded QGIS styles."""
    works = _works(run, proposal)
    neighbourhoods = _neighbourhoods(run, proposal)
    about = _about(run, proposal)
    traffic = _traffic(run, proposal)
    with frozen_clock():
        pyogrio.write_dataframe(works, path, layer="maatregelen", driver="GPKG")
        pyogrio.write_dataframe(neighbourhoods, path, layer="buurten", driver="GPKG", append=True)
        if traffic is not None:
            pyogrio.write_dataframe(traffic, path, layer="verkeer", driver="GPKG", append=True)
        pyogrio.write_dataframe(about, path, layer="leesmij", driver="GPKG", append=True)
    difference = neighbourhoods["ziektelast_per_1000_verschil"].to_numpy(float)
    kinds = dict(works[["maatregel", "maatregel_naam"]].to_numpy())
    styles = [
        ("maatregelen", "maatregelen", works_style(kinds), 1),
        ("buurten", "buurten", difference_style("ziektelast_per_1000_verschil", difference), 1),
    ]
    for factor in run.stacking.ges["factor"].unique().tolist():
        name = f"GES-score {FACTOR_NL[factor]} na dit voorstel"
        styles.append(
            ("buurten", name, score_style(f"ges_{GES_NAME.get(factor, factor)}_na", GES_NL), 0)
        )
    if traffic is not None:
        more = difference_style("verschil", traffic["verschil"].to_numpy(float))
        styles.append(("verkeer", "verkeer", more, 1))
    supplied = {s.name: f"{s.title} ({s.settings.unit})" for s in run.supplied}
    with sqlite3.connect(path) as connection:
        _embed_styles(connection, styles)
        embed_titles(connection, supplied)
    connection.close()


def _traffic(run: Run, proposal: Proposal) -> gpd.GeoDataFrame | None:
    """One square for every kind of street on a site whose traffic changes; None without."""
    if run.traffic is None:
        return None
    places, side = run.traffic.of(proposal.id).places, run.study.site_m
    if places.empty:
        return None
    table = pd.DataFrame(
        {
            "soort": places["kind"],
            "buurtcode": places["code"],
            "buurtnaam": places["name"],
            "voertuigkm_nu": places["today_vkm"],
            "eraf": places["left_vkm"],
            "erbij": places["came_vkm"],
            "verschil": places["came_vkm"] - places["left_vkm"],
        }
    )
    x, y = places["x_m"].to_numpy(float), places["y_m"].to_numpy(float)
    squares = shapely.box(x, y, x + side, y + side)
    return gpd.GeoDataFrame(table, geometry=squares, crs=Grid.CRS)


def _works(run: Run, proposal: Proposal) -> gpd.GeoDataFrame:
    """One shape for every site and intervention."""
    works, sites = proposal.works, run.study.sites
    table = _works_table(proposal)
    if run.uncertainty is not None:
        often = run.uncertainty.sites.set_index("site").loc[works["site"]]
        table["gekozen_deel"] = often["chosen"].to_numpy(float)
        table["gekozen"] = often["frequency"].map(OFTEN_NL).to_numpy(str)
    shapes = [shapely.from_wkb(sites.outlines[k]) for k in works["site"]]
    if not sites.are_squares:
        shapes = _all_multiple(shapes)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=Grid.CRS)


def _all_multiple(shapes: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Return polygons as multipolygons, so that a layer holds one kind of shape."""
    return [shapely.multipolygons([s]) if s.geom_type == "Polygon" else s for s in shapes]


def _works_table(proposal: Proposal) -> pd.DataFrame:
    """List what is built, under Dutch names; squares have none."""
    works = proposal.works
    table = pd.DataFrame(
        {
            "id": [
                f"{proposal.id}-{site}-{kind}"
                for site, kind in zip(works["site"], works["intervention"], strict=True)
            ],
            "maatregel": works["intervention"],
            "maatregel_naam": works["intervention_name"],
            "hoeveelheid": works["amount"],
            "eenheid": works["unit"],
            "aanleg_euro": works["capital_eur"],
            "jaarlijks_euro": works["yearly_eur"],
            "start_euro": works["fixed_eur"],
            "sector": works["sector"],
            "eigenaar": works["owner"],
            "buurtcode": works["neighbourhood_code"],
            "buurtnaam": works["neighbourhood_name"],
        }
    )
    if not (works["fixed_eur"] > 0.0).any():
        table = table.drop(columns="start_euro")
    if (works["site_name"] != "").any():
        table.insert(1, "plek", works["site_name"])
    if "year" in works:
        later = works["year"].astype(str).where(works["year"].notna(), "later")
        table["id"] += "-" + later
        table["jaar"] = works["year"]
    return table


def _neighbourhoods(run: Run, proposal: Proposal) -> gpd.GeoDataFrame:
    """Every neighbourhood before, after and the difference; small numbers are left empty."""
    study = run.study
    table = study.neighbourhoods
    people = table[RESIDENTS].to_numpy(float)
    is_small = (people > 0.0) & (people < FEWEST)
    shown = table["is_assessed"].to_numpy(bool) & ~is_small
    columns: dict[str, object] = {
        "buurtcode": table[CODE].astype(str),
        "buurtnaam": table[NAME].astype(str),
        "inwoners": np.where(is_small, np.nan, people),
        "inkomensvijfde": np.where(is_small, 0, table["income_fifth"]),
        "beoordeeld": np.where(table["is_assessed"], "ja", "nee"),
        "reden": np.where(is_small, f"minder dan {FEWEST} inwoners", table["why_not"]),
    }
    now, then = (_per_1000(plan, people) for plan in (run.today, proposal.assessment))
    pairs: list[tuple[str, Float, Float]] = [("ziektelast_per_1000", now, then)]
    for k, layer in enumerate(LAYERS):
        factor = 100.0 if layer == GREEN else 1.0
        before, after = run.today.exposure[k], proposal.assessment.exposure[k]
        pairs.append((LAYER_COLUMN[layer], factor * before, factor * after))
    pairs.append(("stapeling", *_stacked(run, proposal)))
    for name, before, after in pairs:
        for moment, value in (("voor", before), ("na", after), ("verschil", after - before)):
            columns[f"{name}_{moment}"] = np.where(shown, value, np.nan)
    if run.vulnerability is not None:
        columns["kwetsbaarheid"] = np.where(shown, run.vulnerability.index, np.nan)
    for part in run.supplied:
        columns[f"factor_{part.name}"] = np.where(shown, part.mean, np.nan)
        if part.settings.norm is not None:
            columns[f"factor_{part.name}_boven_norm"] = np.where(shown, part.beyond, np.nan)
    columns |= _stacking(run, proposal, shown)
    shapes = _all_multiple(shapely.from_wkb(list(study.outlines)))
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=Grid.CRS)


def _stacked(run: Run, proposal: Proposal) -> tuple[Float, Float]:
    """Return stacking per resident today and then (neighbourhood,); the city today is 100."""
    people = run.study.group_residents.sum(axis=0)
    city = run.today.stacking.sum() / max(float(people.sum()), 1e-300)
    with np.errstate(invalid="ignore", divide="ignore"):
        now, then = (
            np.asarray(100.0 * plan.stacking / people / city)
            for plan in (run.today, proposal.assessment)
        )
    return now, then


def _stacking(run: Run, proposal: Proposal, shown: NDArray[np.bool_]) -> dict[str, object]:
    """GES scores before and after, the MGR-like share, the Leefbaarometer and priority."""
    columns: dict[str, object] = {}
    ges = run.stacking.ges
    for moment, plan in (("voor", "today"), ("na", proposal.id)):
        scores = []
        for factor in ges["factor"].unique().tolist():
            own = ges[(ges["plan"] == plan) & (ges["factor"] == factor)]
            scores.append(np.where(shown, own["score"].to_numpy(float), np.nan))
            columns[f"ges_{GES_NAME.get(factor, factor)}_{moment}"] = scores[-1]
            words = [GES_NL[int(k)] if np.isfinite(k) else "" for k in scores[-1]]
            columns[f"ges_{GES_NAME.get(factor, factor)}_{moment}_woord"] = words
        count = insufficient_factors(np.stack(scores, axis=-1))
        columns[f"ges_onvoldoende_{moment}"] = np.where(shown, count, np.nan)
    table = run.stacking.neighbourhoods
    columns["mgr_achtig_procent_voor"] = np.where(shown, table["mgr_like"], np.nan)
    if run.stacking.has_liveability:
        columns["prioritair"] = np.where(table["is_priority"] & shown, "ja", "nee")
        for name, dutch in zip(LIVEABILITY_COLUMNS, LIVEABILITY_NL, strict=True):
            columns[dutch] = np.where(shown, table[name], np.nan)
    return columns


def _per_1000(assessment: Assessment, people: NDArray[np.float64]) -> NDArray[np.float64]:
    """DALY per 1000 residents per year (neighbourhood,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1000.0 * assessment.burden.sum(axis=(0, 1)) / people)


def _about(run: Run, proposal: Proposal) -> pd.DataFrame:
    """List what the reader of the file must know, as key and value."""
    case, health = run.settings.case, run.settings.health
    counted = [i.title for i in run.layers if i.name in counted_layers(health)]
    counted += ["te weinig lopen"] if "walk_mort" in counted_channels(health) else []
    rows = [
        ("plaats", case.title),
        ("verzonnen", "ja" if case.fictional else "nee"),
        ("voorstel", proposal.name),
        ("waarom", proposal.reason),
        *(("ook_bijna_het_beste_als", name) for name in proposal.also),
        ("alles_beter_niemand_slechter", "ja" if proposal.helps_all else "nee"),
        ("budget_euro", number(run.settings.search.budget_eur)),
        ("prijspeil", str(case.price_year)),
        ("let_op", "Cijfers vergelijken plannen; zij voorspellen niets over een mens of straat."),
        ("opgeteld", ", ".join(counted)),
        ("ziektelast", "DALY (verloren gezonde jaren) per 1000 inwoners per jaar"),
        ("verschil", "na min voor; een min is beter, behalve bij groen en speelplekken"),
        (
            "verkeer",
            "voertuigkilometer per dag in een vak, met wat verkeersmaatregelen eraf en erbij doen",
        ),
        ("ges", "GES-score van de GGD, 0 (zeer goed) tot 8; nooit optellen over factoren"),
        ("ges_onvoldoende", f"aantal factoren met een GES-score van {GES_INSUFFICIENT} of meer"),
        ("stapeling", "per inwoner; het gemiddelde van de stad nu is 100"),
        ("leeg", f"onbekend, of minder dan {FEWEST} inwoners"),
        *(("zwakste_getal", f"{c.outcome}: {c.status}") for c in run.certainty),
        *(("opmerking", text) for text in (*case.remarks, *run.remarks)),
        *((f"laag_{i.name}", f"{i.title}: {_quality(i)}. {i.method}") for i in run.layers),
        *((f"factor_{s.name}", _supplied(s, fictional=case.fictional)) for s in run.supplied),
        *(("bron", f"{f.path} ({f.year}): {f.source}. Licentie: {f.licence}") for f in run.files),
    ]
    return pd.DataFrame(rows, columns=["onderwerp", "tekst"])


def _supplied(part: Supplied, *, fictional: bool) -> str:
    """Say what a supplied factor is, and how good it is."""
    chosen = part.settings
    quality = QUALITIES["fictional" if fictional else chosen.quality]
    norm = "" if chosen.norm is None else f" Norm: {compact(chosen.norm)} ({chosen.norm_source})."
    return (
        f"{part.title} ({chosen.unit}): {quality}, {chosen.year}. Aangeleverd; gemiddelde van de "
        f"inwoners, telt niet mee in de ziektelast.{norm}"
    )


def _quality(info: LayerInfo) -> str:
    """How a layer was made, and of which year where that is known."""
    return f"{info.quality}, {info.year}" if info.year else info.quality


def _embed_styles(connection: sqlite3.Connection, styles: list[tuple[str, str, str, int]]) -> None:
    """Write QGIS styles into the file: layer, name, QML, and 1 for the default of the layer."""
    connection.execute(
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
        "f_table_catalog TEXT, f_table_schema TEXT, f_table_name TEXT, "
        "f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, "
        "useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT, update_time DATETIME)"
    )
    connection.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner) "
        "VALUES ('', '', ?, 'geom', ?, ?, '', ?, '', '')",
        styles,
    )
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
        "last_change, srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles', '', "
        "'2024-01-01T00:00:00.000Z', 0)"
    )


def write_map(path: Path, values: NDArray[np.float32], grid: Grid, tags: dict[str, str]) -> None:
    """Write a Cloud Optimised GeoTIFF (y, x); NaN is missing."""
    profile = {
        "driver": "COG",
        "height": grid.shape[0],
        "width": grid.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": grid.CRS,
        "transform": grid.transform,
        "nodata": np.nan,
        "compress": "deflate",
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(np.asarray(values, np.float32), 1)
        target.update_tags(**tags)


def write_works_csv(proposal: Proposal, path: Path) -> None:
    """Write what is built as CSV for a Dutch spreadsheet."""
    write_table(_works_table(proposal), path, exact=("hoeveelheid",))
