"""Starts the server: which runs, by which name, and on which port."""

from pathlib import Path

import uvicorn

from evenground.errors import ConfigError, Fault
from evenground.pages.form import NAME
from evenground.web.app import build_app
from evenground.web.ground import BaseMap
from evenground.web.guard import LOOPBACK
from evenground.web.shelf import Shelf


def open_shelf(runs: Path) -> Shelf:
    """Return the runs in a folder, or the one run that a folder is.

    Raises
    ------
    ConfigError
        If there is no such folder.
    """
    if not runs.is_dir():
        cure = "Name the folder in which runs were written."
        raise ConfigError([Fault(str(runs), "is no folder.", cure)])
    runs = runs.resolve()
    return Shelf(runs.parent, runs.name) if (runs / NAME).is_file() else Shelf(runs)


def serve(
    runs: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8350,
    data: Path | None = None,
    theme: Path | None = None,
    names: tuple[str, ...] = (),
    base_map: BaseMap | None = None,
) -> None:
    """Serve the planners' page until it is stopped.

    Parameters
    ----------
    names
        Further names by which the server may be asked, such as that of a proxy before it.
    base_map
        Tiles below the layers of the maps.
    """
    if theme is not None and not theme.is_file():
        raise ConfigError([Fault(str(theme), "is no file.", "Name a style file (CSS).")])
    hosts = tuple(dict.fromkeys((*LOOPBACK, host, *(name.lower() for name in names))))
    app = build_app(open_shelf(runs), data=data, theme=theme, hosts=hosts, base_map=base_map)
    uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)
