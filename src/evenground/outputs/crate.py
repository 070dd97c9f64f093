"""The run directory told to archives: RO-Crate 1.1, one file of JSON-LD.

Takes a manifest and the files; invents nothing that is not in them.

References
----------
RO-Crate Metadata Specification 1.1.2 (2021). https://w3id.org/ro/crate/1.1
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evenground import disk
from evenground.runs import CRATE

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "https://w3id.org/ro/crate/1.1"
MEDIA = {
    ".csv": "text/csv",
    ".gpkg": "application/geopackage+sqlite3",
    ".gz": "application/gzip",
    ".html": "text/html",
    ".json": "application/json",
    ".log": "application/x-ndjson",
    ".nc": "application/netcdf",
    ".pdf": "application/pdf",
    ".tif": "image/tiff; application=geotiff",
    ".toml": "application/toml",
    ".zip": "application/zip",
}
"""Kinds of file by their ending."""


def write_crate(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the description of a run directory, of all files that are there."""
    files = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    text = json.dumps(build_crate(manifest, files), indent=2, ensure_ascii=False)
    disk.write_text(folder / CRATE, text)


def build_crate(manifest: Mapping[str, Any], files: Mapping[str, int]) -> dict[str, Any]:
    """Return the JSON-LD of a run.

    Parameters
    ----------
    files
        Bytes of each file, by its path inside the directory.
    """
    case, inputs = manifest["case"], [_input(record) for record in manifest["inputs"]]
    title = f"evenground: {case['title']}"
    fictional = " The place is invented; no figure is real." if case["fictional"] else ""
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": title,
        "description": f"Run {manifest['run']}: plans for a healthier living environment, their "
        f"scores, maps and report.{fictional}",
        "datePublished": manifest["ended"],
        "license": {"@id": "#licence"},
        "hasPart": [{"@id": name} for name in files],
        "mentions": [{"@id": "#run"}],
    }
    return {
        "@context": CONTEXT,
        "@graph": [
            {
                "@id": CRATE,
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": PROFILE},
            },
            root,
            _licence(manifest),
            _software(manifest),
            {
                "@id": "#run",
                "@type": "CreateAction",
                "name": f"Search of {manifest['evaluated']} plans, seed {manifest['seed']}",
                "startTime": manifest["started"],
                "endTime": manifest["ended"],
                "instrument": {"@id": "#evenground"},
                "object": [{"@id": record["@id"]} for record in inputs],
                "result": {"@id": "./"},
            },
            *inputs,
            *(_file(name, size) for name, size in files.items()),
        ],
    }


def _licence(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Say under what a run may be used: that of its inputs."""
    named = sorted({record["licence"] for record in manifest["inputs"]})
    return {
        "@id": "#licence",
        "@type": "CreativeWork",
        "name": "Licences of the inputs",
        "description": "What is derived from an input is bound by the licence of that input. "
        f"Licences of the inputs: {'; '.join(named)}.",
    }


def _software(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Name the program that made a run."""
    known = manifest["commit"]
    return {
        "@id": "#evenground",
        "@type": "SoftwareApplication",
        "name": "evenground",
        "version": manifest["evenground"] + (f" ({known['sha'][:12]})" if known else ""),
    }


def _input(record: Mapping[str, Any]) -> dict[str, Any]:
    """Name an input, which is no part of the directory."""
    return {
        "@id": f"#input-{record['sha256'][:16]}-{record['role']}",
        "@type": "CreativeWork",
        "name": record["path"],
        "description": f"{record['role']}, {record['year']}",
        "identifier": f"sha256:{record['sha256']}",
        "creator": record["source"],
        "license": record["licence"],
    }


def _file(name: str, size: int) -> dict[str, Any]:
    """Describe a file of the directory."""
    entity = {"@id": name, "@type": "File", "name": name, "contentSize": str(size)}
    kind = MEDIA.get(Path(name).suffix)
    return entity | ({"encodingFormat": kind} if kind else {})
