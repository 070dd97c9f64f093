"""The addresses of the planners' page, and what answers each; every answer is made elsewhere."""

import re
from collections.abc import AsyncIterator, Container, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from evenground.errors import DataError
from evenground.outputs.package import pack
from evenground.pages.book import Book
from evenground.pages.data import script_of
from evenground.pages.export import ASSETS
from evenground.pages.press import NAMED, PAGES, Asked, Language, render, show
from evenground.web import choices, ground, overview, whatif
from evenground.web.bench import Desk
from evenground.web.ground import BaseMap
from evenground.web.guard import LOOPBACK, Guard
from evenground.web.kept import Kept
from evenground.web.ogc import add_features
from evenground.web.shelf import Shelf

MEDIA = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "html": "text/html",
    "csv": "text/csv",
    "gpkg": "application/geopackage+sqlite3",
    "tif": "image/tiff",
}
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""Of the report, which holds its style and pictures itself; it has no scripts."""
FILE = re.compile(
    r"(report|beslisstuk|decision)\.html|proposals/[a-z_]{1,40}/[a-z0-9_]{1,40}\.(csv|gpkg|tif)"
)
"""Files of a run that may be taken."""
FIELDS = 40_000
"""Most fields of a form."""
SAID = {
    400: "Deze vraag is niet te begrijpen.",
    404: "Deze pagina bestaat niet.",
    405: "Dit kan hier niet.",
    422: "Deze vraag is niet te begrijpen.",
}


@dataclass(frozen=True)
class ServedSite:
    """Where pages lie on a server."""

    run: str = ""

    is_live = True

    def link(self, page: str, lang: Language, name: str, query: Mapping[str, object]) -> str:
        """Return the address of a page."""
        asked = {key: value for key, value in query.items() if value not in ("", None)}
        asked |= {"lang": lang} if lang != "nl" else {}
        tail = f"?{urlencode(asked)}" if asked else ""
        if page in ("overzicht", "fout"):
            return f"/{tail}"
        if page == "toegankelijkheid":
            return f"/toegankelijkheid{tail}"
        own = f"/run/{quote(self.run, safe='')}"
        named = quote(name, safe="")
        if page == "afwegingen":
            return f"{own}{tail}"
        if page in ("waarom", "pakket"):
            return f"{own}/voorstel/{named}/{page}{tail}"
        return f"{own}/{page}/{named}{tail}" if page in NAMED else f"{own}/{page}{tail}"

    def asset(self, name: str, lang: Language) -> str:  # noqa: ARG002 - the same in every language
        """Return the address of a script or style."""
        is_ours = name in ASSETS or name == ground.NAME
        return f"/static/{name}" if is_ours else f"/run/{self.run}/data/{name}"

    def file(self, name: str, lang: Language) -> str:  # noqa: ARG002 - the same in every language
        """Return the address of a file of the run."""
        return f"/run/{self.run}/bestand/{name}"


def build_app(
    shelf: Shelf,
    *,
    data: Path | None = None,
    theme: Path | None = None,
    hosts: tuple[str, ...] = LOOPBACK,
    base_map: BaseMap | None = None,
) -> ASGIApp:
    """Make the application that serves the runs of a shelf.

    Parameters
    ----------
    data
        Folder of the data that the runs were made with, to compute plans anew.
    theme
        A style file with the colours and letters of a municipality.
    hosts
        Names by which the server may be asked.
    base_map
        Tiles below the layers of the maps; none unless they are named.
    """
    desk = Desk(data)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        yield
        desk.close()

    app = FastAPI(
        title="evenground", docs_url=None, redoc_url=None, openapi_url=None, lifespan=life
    )
    _add_pages(app, shelf, base_map)
    _add_files(app, shelf, theme, base_map)
    _add_bundle(app, shelf)
    add_features(app, shelf)
    _add_run(app, shelf, desk)
    _add_forms(app, shelf, desk)
    _add_direct(app, shelf, desk)
    app.add_exception_handler(HTTPException, _say_wrong)
    app.add_exception_handler(DataError, _say_unreadable)
    return Guard(Kept(app, shelf.root), hosts, base_map.origin if base_map else "")


def _add_pages(app: FastAPI, shelf: Shelf, base_map: BaseMap | None) -> None:
    """Add the pages that are of no run."""

    @app.get("/")
    def all_runs(request: Request) -> Response:
        query, lang = _asked(request)
        context = overview.context(shelf, query)
        for run in context["runs"]:
            run["address"] = ServedSite(run["id"]).link("afwegingen", lang, "", {})
        return _page(render(Asked("overzicht", "", query, lang), ServedSite(), **context))

    @app.get("/toegankelijkheid")
    def accessibility(request: Request) -> Response:
        query, lang = _asked(request)
        asked = Asked("toegankelijkheid", "", query, lang)
        return _page(render(asked, ServedSite(), base_map=base_map))


def _add_run(app: FastAPI, shelf: Shelf, desk: Desk) -> None:
    """Add the pages of one run."""

    @app.get("/run/{run}")
    def trade_offs(request: Request, run: str) -> Response:
        return _of_run(request, shelf, run, "afwegingen")

    @app.get("/run/{run}/wat-als")
    def what_if(request: Request, run: str) -> Response:
        book, folder = _found(shelf, run)
        if not book.proposal:
            raise HTTPException(404)
        query, lang = _asked(request)
        context = whatif.context(book, folder, desk, query)
        asked = Asked("wat-als", "", query, lang)
        return _page(render(asked, ServedSite(run), book=book, **context))

    @app.get("/run/{run}/voorstel/{name}/waarom")
    def why(request: Request, run: str, name: str) -> Response:
        return _of_run(request, shelf, run, "waarom", name)

    @app.get("/run/{run}/buurt/{code:path}")
    def neighbourhood(request: Request, run: str, code: str) -> Response:
        return _of_run(request, shelf, run, "buurt", code)

    @app.get("/run/{run}/{page}/{name}")
    def named(request: Request, run: str, page: str, name: str) -> Response:
        if page != "voorstel":
            raise HTTPException(404)
        return _of_run(request, shelf, run, page, name)

    @app.get("/run/{run}/{page}")
    def plain(request: Request, run: str, page: str) -> Response:
        if page not in PAGES or page in NAMED or page == "afwegingen":
            raise HTTPException(404)
        return _of_run(request, shelf, run, page)


def _add_bundle(app: FastAPI, shelf: Shelf) -> None:
    """Add the package of a proposal; comes before the pages that are named."""

    @app.get("/run/{run}/voorstel/{name}/pakket")
    def bundle(run: str, name: str) -> Response:
        book, folder = _found(shelf, run)
        if name not in book.proposal:
            raise HTTPException(404)
        return _download(
            pack(folder, name, [folder / choices.FILE]), f"{run}-{name}.zip", "application/zip"
        )


def _add_forms(app: FastAPI, shelf: Shelf, desk: Desk) -> None:
    """Add what people send: a choice, and a plan to compute."""

    @app.post("/run/{run}/kies")
    async def choose(request: Request, run: str) -> Response:
        book, folder = _found(shelf, run)
        given, (_, lang) = await _form(request), _asked(request)
        faults = await run_in_threadpool(choices.add_choice, folder, book, given)
        if faults:
            return _chosen(Asked("kies", "", given, lang), book, folder, run, faults=faults)
        done = ServedSite(run).link("kies", lang, "", {"bewaard": "1"})
        return RedirectResponse(done, HTTPStatus.SEE_OTHER)

    @app.post("/run/{run}/wat-als")
    async def compute(request: Request, run: str) -> Response:
        book, folder = _found(shelf, run)
        given, (_, lang) = await _form(request), _asked(request)
        if not book.proposal:
            raise HTTPException(404)
        site, kept = ServedSite(run), {k: given.get(k, "") for k in ("voorstel", "wijzig")}
        if given.get("actie") == "start":
            await run_in_threadpool(desk.start, folder)
            return RedirectResponse(site.link("wat-als", lang, "", kept), HTTPStatus.SEE_OTHER)
        if given.get("actie") == "bewaar":
            text = await run_in_threadpool(whatif.save, book, folder, desk, given)
            if text is not None:
                return _download(text.encode("utf-8-sig"), "plan.csv", "text/csv")
        context = await run_in_threadpool(whatif.compute, book, folder, desk, given)
        asked = Asked("wat-als", "", kept, lang)
        return _page(render(asked, site, book=book, **context))


def _add_direct(app: FastAPI, shelf: Shelf, desk: Desk) -> None:
    """Add the scores of a changed plan as plain values, for what is typed."""

    @app.post("/run/{run}/wat-als/direct")
    async def direct(request: Request, run: str) -> Response:
        book, folder = _found(shelf, run)
        given = await _form(request)
        if not book.proposal:
            raise HTTPException(404)
        return JSONResponse(await run_in_threadpool(whatif.direct, book, folder, desk, given))


def _add_files(app: FastAPI, shelf: Shelf, theme: Path | None, base_map: BaseMap | None) -> None:
    """Add scripts, styles, and files of runs."""

    @app.get("/static/{name}")
    def asset(name: str) -> Response:
        if name == ground.NAME:
            return Response(ground.script_of(base_map), media_type=MEDIA["js"])
        if name not in ASSETS:
            raise HTTPException(404)
        own = theme is not None and name == "theme.css"
        content = (
            theme.read_bytes()
            if own and theme is not None
            else (files("evenground.pages") / "static" / name).read_bytes()
        )
        return Response(content, media_type=MEDIA[name.rpartition(".")[2]])

    @app.get("/run/{run}/data/{name}")
    def data(run: str, name: str) -> Response:
        script = script_of(_found(shelf, run)[0], name)
        if script is None:
            raise HTTPException(404)
        return Response(script, media_type="text/javascript")

    @app.get("/run/{run}/bestand/{name:path}")
    def file(run: str, name: str) -> Response:
        _, folder = _found(shelf, run)
        path = folder / name
        is_own = FILE.fullmatch(name) and path.is_file()
        if not is_own or not path.resolve().is_relative_to(folder.resolve()):
            raise HTTPException(404)
        kind = name.rpartition(".")[2]
        if kind == "html":
            return HTMLResponse(
                path.read_bytes(), headers={"Content-Security-Policy": REPORT_POLICY}
            )
        return _download(path.read_bytes(), path.name, MEDIA[kind])


def _of_run(request: Request, shelf: Shelf, run: str, page: str, name: str = "") -> Response:
    """Return a page of a run."""
    book, folder = _found(shelf, run)
    known: dict[str, Container[str]] = {
        "voorstel": book.proposal,
        "waarom": book.proposal,
        "buurt": book.place,
    }
    if page in known and name not in known[page]:
        raise HTTPException(404)
    query, lang = _asked(request)
    asked = Asked(page, name, query, lang)
    if page == "kies":
        return _chosen(asked, book, folder, run, saved=query.get("bewaard") == "1")
    return _page(show(asked, book, ServedSite(run)))


def _chosen(
    asked: Asked,
    book: Book,
    folder: Path,
    run: str,
    *,
    faults: list[str] | None = None,
    saved: bool = False,
) -> Response:
    """Return the page to choose on, with what was chosen and what was wrong."""
    keys = ("voorstel", "naam", "rol", "toelichting")
    given = {key: asked.query.get(key, "") if faults else "" for key in keys}
    made, wrong = choices.read_choices(folder), faults or []
    text = show(
        Asked(asked.page, "", {} if faults else asked.query, asked.lang),
        book,
        ServedSite(run),
        choices=made,
        faults=wrong,
        saved=saved,
        given=given,
    )
    return _page(text, 400 if faults else 200)


def _found(shelf: Shelf, run: str) -> tuple[Book, Path]:
    """Return a run and its folder."""
    book, folder = shelf.book(run), shelf.folder(run)
    if book is None or folder is None:
        raise HTTPException(404)
    return book, folder


def _asked(request: Request) -> tuple[dict[str, str], Language]:
    """Return what stands behind the question mark, and the language."""
    query = dict(request.query_params)
    return query, "en" if query.get("lang") == "en" else "nl"


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise HTTPException(400)
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    return dict(pairs)


def _page(text: str, status: int = 200) -> Response:
    """Return a page."""
    return HTMLResponse(text.encode("utf-8", "replace"), status)


def _download(content: bytes, name: str, media: str) -> Response:
    """Return a file to keep."""
    return Response(
        content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _wrong(request: Request, status: int) -> Response:
    """Return a page that says what is wrong."""
    _, lang = _asked(request)
    said = SAID.get(status, SAID[400])
    return _page(render(Asked("fout", lang=lang), ServedSite(), said=said), status)


def _say_wrong(request: Request, error: Exception) -> Response:
    """Answer what does not exist or may not be."""
    return _wrong(request, error.status_code if isinstance(error, HTTPException) else 400)


def _say_unreadable(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the face of a handler
    """Answer for a run whose pages cannot be read."""
    return _wrong(request, 404)
