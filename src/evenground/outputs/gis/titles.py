"""What layers and columns of a GeoPackage are called by people, as a GIS shows it.

Takes names of columns; gives a title with its unit, and writes both by the schema extension.
"""

import sqlite3
from collections.abc import Mapping

from evenground.results import FACTOR_NL

LAYER_NL = {
    "maatregelen": "Wat dit voorstel waar bouwt",
    "buurten": "Elke buurt nu, na dit voorstel, en het verschil",
    "verkeer": "Straten waar het door dit voorstel drukker of rustiger wordt",
    "leesmij": "Wat u van dit bestand moet weten",
    "layer_styles": "Stijlen voor QGIS",
}
"""What each layer holds."""
MOMENT_NL = {"voor": "nu", "na": "na dit voorstel", "verschil": "verschil"}
"""Moments by the end of a column."""
BASE_NL = {
    "ziektelast_per_1000": "Ziektelast (DALY per 1000 inwoners per jaar)",
    "warmte_graden": "Warmte in de zomer (°C warmer dan buiten de stad)",
    "geluid_db": "Geluid over het etmaal (Lden, dB)",
    "no2_ugm3": "Stikstofdioxide (NO₂, µg/m³)",
    "pm25_ugm3": "Fijnstof (PM2,5, µg/m³)",
    "groen_procent": "Groen om het huis (%)",
    "speelplekken_per_1000": "Plekken om te spelen (per 1000 inwoners)",
    "stapeling": "Stapeling per inwoner (stad nu = 100)",
    "ges_onvoldoende": "Aantal factoren met een onvoldoende GES-score",
    "mgr_achtig_procent": "Deel van de ziektelast door de omgeving (%, MGR-achtig)",
}
"""Titles of columns that stand there for several moments."""
COLUMN_NL = {
    "id": "Vast nummer van dit werk",
    "plek": "Plek",
    "maatregel": "Maatregel (sleutel)",
    "maatregel_naam": "Maatregel",
    "hoeveelheid": "Hoeveelheid",
    "eenheid": "Eenheid van de hoeveelheid",
    "aanleg_euro": "Aanleg (euro)",
    "jaarlijks_euro": "Per jaar, met onderhoud (euro)",
    "start_euro": "Waarvan voor het starten (euro)",
    "sector": "Sector",
    "eigenaar": "Eigenaar van de grond of de weg",
    "buurtcode": "Buurtcode (CBS)",
    "buurtnaam": "Buurt",
    "jaar": "Jaar van uitvoering",
    "gekozen_deel": "Deel van de trekkingen waarin hier iets is gekozen (0 tot 1)",
    "gekozen": "Hoe vaak hier iets is gekozen",
    "inwoners": "Inwoners",
    "inkomensvijfde": "Inkomensgroep (1 laagste, 5 hoogste, 0 onbekend)",
    "beoordeeld": "Beoordeeld",
    "reden": "Waarom er geen cijfers zijn",
    "kwetsbaarheid": "Kwetsbaarheid (index)",
    "prioritair": "Prioritair: lage SES en lage leefbaarheid",
    "leefbaarometer": "Leefbaarometer",
    "leefbaarometer_fysieke_omgeving": "Leefbaarometer: fysieke omgeving",
    "leefbaarometer_voorzieningen": "Leefbaarometer: voorzieningen",
    "leefbaarometer_sociale_samenhang": "Leefbaarometer: sociale samenhang",
    "leefbaarometer_overlast_en_onveiligheid": "Leefbaarometer: overlast en onveiligheid",
    "leefbaarometer_woningvoorraad": "Leefbaarometer: woningvoorraad",
    "soort": "Soort straat",
    "voertuigkm_nu": "Verkeer nu (voertuigkilometer per dag)",
    "eraf": "Verkeer eraf (voertuigkilometer per dag)",
    "erbij": "Verkeer erbij (voertuigkilometer per dag)",
    "verschil": "Verschil (voertuigkilometer per dag)",
    "onderwerp": "Onderwerp",
    "tekst": "Tekst",
}
"""Titles of all other columns."""
SCHEMA = """
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT,
  title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL,
  constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC,
  max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT,
  extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""
DEFINED = "http://www.geopackage.org/spec121/#extension_schema"


def title_of(column: str, supplied: Mapping[str, str]) -> str:
    """Return the title of a column, with its unit.

    Parameters
    ----------
    supplied
        Title with unit of each supplied factor by its name.
    """
    if column in COLUMN_NL:
        return COLUMN_NL[column]
    is_word = column.endswith("_woord")
    base, _, moment = column.removesuffix("_woord").rpartition("_")
    if column.startswith("factor_"):
        name = column.removeprefix("factor_")
        above = name.removesuffix("_boven_norm")
        return (
            supplied[name]
            if name in supplied
            else f"{supplied[above]}: deel van de inwoners boven de norm (0 tot 1)"
        )
    told = BASE_NL.get(base)
    if told is None:
        factor = base.removeprefix("ges_")
        told = f"GES-score {GES_OF.get(factor, factor)}"
    return f"{told}{' in woorden' if is_word else ''}, {MOMENT_NL[moment]}"


GES_NAME = {"noise": "geluid"}
"""Names of factors in columns of GES scores, where they are not ours."""
GES_OF = {GES_NAME.get(factor, factor): name for factor, name in FACTOR_NL.items()}
"""What GES scores are of, by their name in a column."""


def embed_titles(connection: sqlite3.Connection, supplied: Mapping[str, str]) -> None:
    """Write the titles of all layers and columns into a GeoPackage."""
    connection.executescript(SCHEMA)
    layers = [name for (name,) in connection.execute("SELECT table_name FROM gpkg_contents")]
    for layer in layers:
        told = (LAYER_NL[layer], layer)
        connection.execute("UPDATE gpkg_contents SET description = ? WHERE table_name = ?", told)
        if layer == "layer_styles":
            continue
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({layer})")]
        connection.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) "
            "VALUES (?, ?, ?, ?)",
            [
                (layer, column, column, title_of(column, supplied))
                for column in columns
                if column not in ("fid", "geom")
            ],
        )
    connection.executemany(
        "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
        [(name, DEFINED) for name in ("gpkg_data_columns", "gpkg_data_column_constraints")],
    )
