"""Hundreds of questions that nobody thought of: none of them breaks the server."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from evenground.pages.book import read_book
from evenground.web.app import build_app
from evenground.web.guard import Guard
from evenground.web.shelf import Shelf

from .conftest import NASTY, RUN

pytestmark = pytest.mark.jit
OWN = {"origin": "http://localhost"}
NUMBERS = ("max_burden", "max_capital", "blad", "limit", "offset", "gezondheid_burden")
TEXTS = ("lang", "kies", "sorteer", "thema", "a", "b", "c", "plek", "wijzig", "voorstel", "buurt")
MORE = ("bbox", "crs", "bbox-crs", "f", "alle", "bewaard", "maatregel")
EXAMPLES = 20
"""Of each address."""


def described(app: Guard, known: dict[str, list[str]]) -> dict[str, Any]:
    """Return every address of the pages, with what stands behind the question mark and in forms."""
    told: dict[str, Any] = app.app.app.openapi()  # type: ignore[attr-defined]
    text = {"type": "string", "maxLength": 60}
    asked = [{"name": name, "in": "query", "schema": text} for name in (*NUMBERS, *TEXTS, *MORE)]
    fields = dict.fromkeys((*TEXTS, "naam", "rol", "toelichting", "euro", "n_0", "n_1"), text)
    fields["actie"] = {"type": "string", "enum": ["reken", "verschuif", "budget", "bewaar", ""]}
    form = {"schema": {"type": "object", "properties": fields}}
    for path in told["paths"].values():
        for method, operation in path.items():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in known:
                    values = {"type": "string", "enum": known[parameter["name"]]}
                    parameter["schema"] = {"anyOf": [values, text]}
            operation["parameters"] = [*operation.get("parameters", ()), *asked]
            if method == "post":
                operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": form}}
    return told


@pytest.fixture(scope="module")
def api(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Describe the pages of a copy of the runs, in which choices may be written."""
    copy = tmp_path_factory.mktemp("fuzz") / "runs"
    shutil.copytree(runs, copy)
    app = build_app(Shelf(copy), data=copy)
    assert isinstance(app, Guard)
    book = read_book(copy / RUN)
    known = {
        "run": [RUN, NASTY, "nieuwste"],
        "name": [*book.proposal, "buurten", "voorstellen", "kaart.js", "page.js"],
        "code": list(book.place)[:3],
        "feature": list(book.place)[:3],
        "page": ["voorstel", "buurten", "vergelijk", "doelen", "kies"],
    }
    told = described(app, known)

    async def with_schema(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/schema.json":
            await JSONResponse(told)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return schemathesis.openapi.from_asgi("/schema.json", with_schema)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def ask(cases: st.SearchStrategy[Any], asked: list[str], data: st.DataObject) -> None:
    """Ask one question that fits the description of an address, and some that hardly do."""
    case = data.draw(cases)
    answer = case.call(headers=OWN)
    asked.append(case.formatted_path)
    assert answer.status_code < 500, (case.method, case.formatted_path, case.query, case.body)
    assert "content-security-policy" in answer.headers


def test_any_question__is_answered_or_refused(api: Any) -> None:  # noqa: ANN401 - of the library
    asked: list[str] = []
    operations = [found.ok() for found in api.get_all_operations()]
    for operation in operations:
        ask(cases=operation.as_strategy(), asked=asked)

    assert len(operations) > 20
    assert len(asked) >= 300
