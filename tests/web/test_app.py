"""The server: every address, who may ask, what may be written, and what never leaves the root."""

import csv
import json
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from hostile import HOSTILE
from starlette.testclient import TestClient

from evenground.errors import ConfigError
from evenground.pages.book import read_book
from evenground.web import choices
from evenground.web.app import build_app
from evenground.web.guard import MOST_BYTES, POLICY
from evenground.web.serve import open_shelf
from evenground.web.shelf import Shelf, changes_of

from .conftest import NASTY, RUN

HOME = "http://127.0.0.1"
OWN = {"origin": HOME}
GIVEN = {"naam": "A. de Vries", "rol": "planoloog", "toelichting": "Past bij het beleid."}


@pytest.fixture(scope="module")
def client(runs: Path) -> Iterator[TestClient]:
    with TestClient(build_app(Shelf(runs)), base_url=HOME, follow_redirects=False) as found:
        yield found


def addresses(runs: Path, run: str) -> list[str]:
    book = read_book(runs / run)
    name = next(iter(book.proposal))
    own = f"/run/{run}"
    pages = ("buurten", "vergelijk", "doelen", "kies", "verantwoording", "wat-als")
    data = ("kaart.js", "front.js", "front-alle.js", f"voorstel-{name}.js", f"buurten-{name}.js")
    return [
        "/",
        "/toegankelijkheid",
        own,
        *(f"{own}/{page}" for page in pages),
        f"{own}/voorstel/{name}",
        f"{own}/voorstel/{name}/waarom?alle=1",
        *(f"{own}/data/{script}" for script in data),
        *(f"{own}/buurt/{quote(code, safe='')}" for code in book.place),
    ]


@pytest.mark.parametrize("run", [RUN, NASTY])
def test_every_page__answers_in_both_languages_under_the_policy(
    client: TestClient, runs: Path, run: str
) -> None:
    for address in addresses(runs, run):
        for lang in ("nl", "en"):
            answer = client.get(address, params={"lang": lang} if "?" not in address else None)

            assert answer.status_code == 200, address
            assert answer.headers["content-security-policy"] == POLICY
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "set-cookie" not in answer.headers
            assert "<img" not in answer.text
            assert "<script>alert" not in answer.text


def test_policy__allows_nothing_inside_a_page() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


@pytest.mark.parametrize("name", ["theme.css", "page.css", "page.js", "ol.js", "echarts.js"])
def test_static__gives_our_files_only(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 200
    assert client.get(f"/static/x{name}").status_code == 404


def hostile_paths() -> list[str]:
    """Return more than 200 paths that try to leave the root, or to be read as something else."""
    steps = ("..", "%2e%2e", "..%2f", "%2e%2e%2f", "..%5c", "..\\", "....//", "%252e%252e", ".%00.")
    goals = (
        "etc/passwd",
        "pages.json",
        "settings.toml",
        "manifest.json",
        "chosen.jsonl",
        "run.log",
    )
    bases = (
        "/run/",
        f"/run/{RUN}/bestand/",
        f"/run/{RUN}/bestand/proposals/",
        f"/run/{RUN}/data/",
        "/static/",
        f"/ogc/{RUN}/collections/buurten/items/",
        "/ogc/",
    )
    crossed = [f"{base}{step}/{goal}" for base in bases for step in steps for goal in goals]
    single = (
        f"/run/{RUN}/bestand/pages.json",
        f"/run/{RUN}/bestand/chosen.jsonl",
        f"/run/{RUN}/bestand//etc/passwd",
        f"/run/{RUN}/bestand/proposals/gezondst/../../settings.toml",
        f"/run/{RUN}/buurt/' OR 1=1",
        f"/run/{RUN}/buurt/<script>",
        f"/run/{RUN}/voorstel/{{{{7*7}}}}",
        f"/run/{RUN}/base",
        f"/run/{RUN}/macros",
        f"/run/{RUN}/overzicht",
        f"/run/.{RUN}.partial",
        "/run/%00",
        "/run/" + "a" * 5000,
        "/docs",
        "/openapi.json",
        "/static/",
        "/static/README.md",
    )
    return [*crossed, *single]


def test_hostile_paths__find_nothing(client: TestClient) -> None:
    paths = hostile_paths()
    assert len(paths) > 200

    for path in paths:
        answer = client.get(path)
        assert answer.status_code in (400, 404, 414), path
        assert "root:" not in answer.text
        assert '"format"' not in answer.text


def test_link_out_of_the_root__is_no_run(runs: Path, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    root.mkdir()
    (root / "away").symlink_to(runs / RUN)

    shelf = Shelf(root)

    assert shelf.folder("away") is None
    assert shelf.summaries() == ([], [])


def test_file_that_is_a_link_out__is_not_given(client: TestClient, runs: Path) -> None:
    book = read_book(runs / RUN)
    name = next(iter(book.proposal))
    link = runs / RUN / "proposals" / name / "geheim.csv"
    link.symlink_to("/etc/hostname")
    try:
        assert client.get(f"/run/{RUN}/bestand/proposals/{name}/geheim.csv").status_code == 404
        pack = client.get(f"/run/{RUN}/voorstel/{name}/pakket")
        assert "geheim.csv" not in zipfile.ZipFile(BytesIO(pack.content)).namelist()
    finally:
        link.unlink()


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1@evil.example", "[::2]", "a:b:c"],
)
def test_other_host__is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "localhost:9999", "127.0.0.1:8350", "[::1]:80"])
def test_own_host__is_answered(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("page", ["kies", "wat-als", "wat-als/direct"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"origin": f"{HOME}.evil.example"},
    ],
)
def test_form_of_another_site__is_refused(
    client: TestClient, run: Path, page: str, headers: dict[str, str]
) -> None:
    answer = client.post(f"/run/{RUN}/{page}", data=GIVEN, headers=headers)

    assert answer.status_code == 403
    assert not (run / choices.FILE).exists()


def test_too_large_a_form__is_refused(client: TestClient) -> None:
    body = b"naam=" + b"x" * MOST_BYTES
    kind = {"content-type": "application/x-www-form-urlencoded"}

    def drops() -> Iterator[bytes]:
        for _ in range(3):
            yield body[: MOST_BYTES // 2]

    assert client.post(f"/run/{RUN}/kies", content=body, headers=OWN | kind).status_code == 413
    assert client.post(f"/run/{RUN}/kies", content=drops(), headers=OWN | kind).status_code == 413


def test_other_methods_and_forms__are_refused(client: TestClient) -> None:
    assert client.put("/", headers=OWN).status_code == 405
    assert client.delete(f"/run/{RUN}", headers=OWN).status_code == 405
    assert client.post("/", headers=OWN).status_code == 405
    assert client.post(f"/run/{RUN}/kies", json={"naam": "x"}, headers=OWN).status_code == 400
    assert client.get("/?x=" + "a" * 20_000).status_code == 414


def test_choice__is_added_and_never_changed(client: TestClient, run: Path) -> None:
    names = list(read_book(run).proposal)
    first = GIVEN | {"voorstel": names[0]}
    second = {
        "voorstel": names[1],
        "naam": HOSTILE[0],
        "rol": HOSTILE[2],
        "toelichting": HOSTILE[4],
    }
    try:
        done = client.post(f"/run/{RUN}/kies", data=first, headers=OWN)
        before = (run / choices.FILE).read_bytes()
        client.post(f"/run/{RUN}/kies", data=second, headers=OWN)
        after = (run / choices.FILE).read_bytes()
        page = client.get(done.headers["location"])

        assert done.status_code == 303
        assert after.startswith(before)
        lines = [json.loads(line) for line in after.decode().splitlines()]
        assert [line["proposal"] for line in lines] == names[:2]
        assert lines[0]["name"] == "A. de Vries"
        assert lines[1]["note"] == HOSTILE[4].strip()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", lines[0]["date"])
        assert "De keuze is bewaard" in page.text
        assert page.text.index("&lt;img src=x") < page.text.index("A. de Vries")
        assert "<img" not in page.text
    finally:
        (run / choices.FILE).unlink()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"voorstel": "onzin"}, choices.UNKNOWN),
        ({"naam": "  "}, choices.MISSING),
        ({"toelichting": "x" * 4001}, choices.TOO_LONG),
    ],
)
def test_wrong_choice__says_why_and_keeps_what_was_typed(
    client: TestClient, run: Path, changed: dict[str, str], said: str
) -> None:
    given = {"voorstel": next(iter(read_book(run).proposal))} | GIVEN | changed

    answer = client.post(f"/run/{RUN}/kies", data=given, headers=OWN)

    assert answer.status_code == 400
    assert said in answer.text
    assert "planoloog" in answer.text
    assert not (run / choices.FILE).exists()


def test_choices__skip_a_line_that_cannot_be_read(tmp_path: Path) -> None:
    line = dict.fromkeys(choices.KEYS, "x")
    (tmp_path / choices.FILE).write_text(f'{json.dumps(line)}\n{{"half\n[]\n', encoding="utf-8")

    assert choices.read_choices(tmp_path) == [line]


def test_package__holds_what_its_list_says(client: TestClient, run: Path) -> None:
    import hashlib  # noqa: PLC0415 - only this test needs it

    name = next(iter(read_book(run).proposal))
    answer = client.get(f"/run/{RUN}/voorstel/{name}/pakket")
    again = client.get(f"/run/{RUN}/voorstel/{name}/pakket")

    archive = zipfile.ZipFile(BytesIO(answer.content))
    sums = dict(
        reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines()
    )
    assert answer.content == again.content
    assert {f"{name}.gpkg", "maatregelen.csv", "waarom.csv", "beslisstuk.pdf"} <= set(sums)
    for entry, expected in sums.items():
        assert hashlib.sha256(archive.read(entry)).hexdigest() == expected


@pytest.mark.parametrize("name", ["report", "beslisstuk", "decision"])
def test_report__may_show_its_own_style_but_no_script(client: TestClient, name: str) -> None:
    answer = client.get(f"/run/{RUN}/bestand/{name}.html")

    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "sandbox" in policy


def test_limits__are_read_from_the_address(client: TestClient, run: Path) -> None:
    book = read_book(run)
    dear = max(p["values"]["capital"] for p in book["proposals"])
    limit = round(dear - 0.01, 2)
    comma = str(limit).replace(".", ",")
    text = client.get(f"/run/{RUN}?max_capital={comma}&kies=onzin").text

    fitting = sum(p["values"]["capital"] <= limit for p in book["proposals"])
    assert f"{fitting} van {len(book['proposals'])}" in text.replace("\n", " ")


def test_odd_questions__change_nothing(client: TestClient) -> None:
    odd = "max_burden=<script>&sorteer=__class__&blad=-99999999999&thema=../../x&a=1&b=2&alle=1"
    for page in ("", "/vergelijk", "/doelen", "/kies", "/wat-als"):
        answer = client.get(f"/run/{RUN}{page}?{odd}")
        assert answer.status_code == 200
        assert "<script>&" not in answer.text


def test_theme__of_a_municipality_takes_the_place_of_ours(runs: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.css"
    own.write_text(":root { --basis-color-action-1-bg: #a00; }", encoding="utf-8")
    with TestClient(build_app(Shelf(runs), theme=own), base_url=HOME) as client:
        assert client.get("/static/theme.css").text == own.read_text("utf-8")


def test_shelf__serves_one_run_by_itself(runs: Path) -> None:
    shelf = open_shelf(runs / RUN)

    assert [run["id"] for run in shelf.summaries()[0]] == [RUN]
    assert shelf.folder(NASTY) is None
    with pytest.raises(ConfigError, match="Name the folder in which runs were written"):
        open_shelf(runs / "absent")


def test_overview__says_what_changed_since_the_run_before(client: TestClient, runs: Path) -> None:
    found, unread = Shelf(runs).summaries()
    before = found[1]
    after = before | {"best": before["best"] | {"burden": before["best"]["burden"] - 1.0}}

    assert [run["id"] for run in found] == [NASTY, RUN]
    assert unread == []
    assert changes_of(after | {"settings": "x"}, before) == [
        "andere instellingen",
        "Ziektelast 1,0 punt beter",
    ]
    assert "eerste run van deze case" in client.get("/").text


def test_server__loads_nothing_heavy() -> None:
    code = (
        "import sys; from evenground.web import app, serve\n"
        "heavy = {'numba', 'numpy', 'pandas', 'geopandas', 'rasterio', 'scipy', 'xarray'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_serve__starts_answers_and_ends_by_ctrl_c(runs: Path) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    code = "from evenground.cli import main; main()"
    command = [sys.executable, "-c", code, "serve", str(runs), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        for _ in range(300):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        with urlopen(f"http://127.0.0.1:{port}/") as answer:
            text = answer.read().decode()
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)

    assert RUN in text
    assert f"Open http://127.0.0.1:{port}/" in said
    assert process.returncode == 0


def decimal(text: str) -> float:
    return float(text.replace(",", "."))


def test_why_csv__says_what_the_page_prints(client: TestClient, runs: Path) -> None:
    """Every place in the same order, and every figure to the printed digit."""
    for name in read_book(runs / RUN).proposal:
        page = client.get(f"/run/{RUN}/voorstel/{name}/waarom?alle=1").text
        archive = zipfile.ZipFile(BytesIO(client.get(f"/run/{RUN}/voorstel/{name}/pakket").content))
        lines = archive.read("waarom.csv").decode("utf-8-sig").splitlines()
        rows = list(csv.DictReader(lines, delimiter=";"))
        body = page.rpartition("<tbody>")[2].partition("</tbody>")[0]
        shown = [
            re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line) for line in body.split("</tr>")[:-1]
        ]
        gains = [column for column in rows[0] if column.startswith("winst_")][:-1]

        assert len(rows) == len(shown) > 0
        assert len(gains) == 5
        for row, cells in zip(rows, shown, strict=True):
            text = [
                re.sub(r"<[^>]*>", "", cell).replace("\N{NO-BREAK SPACE}", " ") for cell in cells
            ]
            figures = [cell.replace(".", "").replace("\N{MINUS SIGN}", "-") for cell in text]
            assert row["buurtnaam"] in text[0]
            assert row["plek"] in text[0]
            assert row["maatregel_naam"] == text[1]
            assert figures[2].startswith(f"{row['hoeveelheid']} ")
            assert figures[3] == f"€ {row['aanleg_euro']}"
            share = row["gekozen_in_procent_van_plannen"]
            assert figures[4] == (f"{share} %" if share != "0" else figures[4])
            assert [decimal(row[column]) for column in gains] == [decimal(x) for x in figures[5:10]]
            assert row["sterkst_op"] == text[10].replace("\N{EN DASH}", "")
            lead = figures[12].removesuffix(" \N{MULTIPLICATION SIGN}")
            told = row["keer_zo_veel_als_daar"]
            assert (told and decimal(told)) == (
                "" if lead in ("\N{EN DASH}", "∞") else decimal(lead)
            )
            assert not any(
                len(cell) > 12 for cell in row.values() if re.fullmatch(r"[\d,-]+", cell)
            )
