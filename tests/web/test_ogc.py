"""Features for other maps: every address, pages and boxes, two CRSs, and a real GIS client."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pyogrio
import pytest
from pyproj import Transformer
from shapely.geometry import shape
from starlette.testclient import TestClient

from evenground.pages.book import Book, read_book
from evenground.web.app import build_app
from evenground.web.features import CRS84
from evenground.web.shelf import Shelf

from .conftest import NASTY, RUN

HOME = "http://127.0.0.1"
RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
OWN = f"/ogc/{RUN}"
pytestmark = pytest.mark.jit


@pytest.fixture(scope="module")
def client(runs: Path) -> Iterator[TestClient]:
    with TestClient(build_app(Shelf(runs)), base_url=HOME, follow_redirects=False) as found:
        yield found


def test_landing__leads_to_everything_without_another_server(client: TestClient) -> None:
    landing = client.get(OWN).json()
    links = {link["rel"]: link["href"] for link in landing["links"]}

    assert set(links) == {"self", "service-desc", "conformance", "data"}
    for address in links.values():
        assert address.startswith(HOME)
        assert client.get(address).status_code == 200
    assert len(client.get(links["conformance"]).json()["conformsTo"]) == 4
    api = client.get(links["service-desc"])
    assert api.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    assert "cdn" not in api.text
    told = client.get(links["data"]).json()["collections"]
    assert [one["id"] for one in told] == ["buurten", "voorstellen"]
    assert all(one["crs"] == [CRS84, RD] and one["storageCrs"] == RD for one in told)
    for one in told:
        assert client.get(f"{OWN}/collections/{one['id']}").json() == one


def test_items__hold_every_work_and_neighbourhood_by_a_stable_id(
    client: TestClient, book: Book
) -> None:
    works = client.get(f"{OWN}/collections/voorstellen/items?limit=10000").json()
    places = client.get(f"{OWN}/collections/buurten/items").json()

    assert works["numberMatched"] == sum(len(p["works"]["site"]) for p in book["proposals"])
    ids = [feature["id"] for feature in works["features"]]
    assert len(set(ids)) == len(ids) == works["numberReturned"]
    assert [feature["id"] for feature in places["features"]] == list(book.place)
    first = book["proposals"][0]
    site, kind = first["works"]["site"][0], book["kinds"][first["works"]["kind"][0]]["key"]
    one = client.get(f"{OWN}/collections/voorstellen/items/{first['id']}-{site}-{kind}").json()
    assert one["properties"]["aanleg_euro"] == first["works"]["capital"][0]
    assert one["geometry"] == works["features"][0]["geometry"]


def test_items__go_from_page_to_page(client: TestClient) -> None:
    everything = client.get(f"{OWN}/collections/voorstellen/items?limit=10000").json()["features"]
    address, found, pages = f"{OWN}/collections/voorstellen/items?limit=7", [], []
    while address:
        page = client.get(address).json()
        pages.append(page)
        found += page["features"]
        links = {link["rel"]: link["href"] for link in page["links"]}
        address = links.get("next", "")
    before = {link["rel"]: link["href"] for link in pages[1]["links"]}["prev"]

    assert found == everything
    assert client.get(before).json()["features"] == pages[0]["features"]
    assert all(page["numberMatched"] == len(everything) for page in pages)


def test_crs__rd_is_as_computed_and_degrees_come_from_proj(client: TestClient, book: Book) -> None:
    address = f"{OWN}/collections/voorstellen/items"
    metres, degrees = (client.get(address, params={"crs": crs}) for crs in (RD, CRS84))

    assert metres.headers["content-crs"] == f"<{RD}>"
    assert degrees.headers["content-crs"] == f"<{CRS84}>"
    side, works = book["site_m"], book["proposals"][0]["works"]
    square = shape(metres.json()["features"][0]["geometry"])
    x, y = works["x"][0], works["y"][0]
    assert square.bounds == (x, y, x + side, y + side)
    ring = degrees.json()["features"][0]["geometry"]["coordinates"][0][0]
    there = Transformer.from_crs(28992, 4326, always_xy=True)
    assert ring[0] == pytest.approx(there.transform(x, y), abs=1e-6)
    assert ring[0] == ring[-1]
    turns = sum(a * d - c * b for (a, b), (c, d) in pairwise(ring))
    assert turns > 0.0  # counter-clockwise, as GeoJSON asks


def test_bbox__finds_the_same_in_both_crss(client: TestClient, book: Book) -> None:
    left, bottom, right, top = book["bounds"]
    box = (left, bottom, (left + right) / 2, (bottom + top) / 2)
    there = Transformer.from_crs(28992, 4326, always_xy=True)
    (west, south), (east, north) = (there.transform(*box[k : k + 2]) for k in (0, 2))
    address = f"{OWN}/collections/voorstellen/items?limit=10000"

    in_metres = client.get(f"{address}&bbox={','.join(map(str, box))}&bbox-crs={RD}").json()
    in_degrees = client.get(f"{address}&bbox={west},{south},{east},{north}").json()
    whole = client.get(address).json()

    ids = {feature["id"] for feature in in_metres["features"]}
    assert 0 < len(ids) < whole["numberMatched"]
    assert ids <= {feature["id"] for feature in in_degrees["features"]}
    assert client.get(f"{address}&bbox=0,0,1,1").json()["features"] == []


def test_filters__choose_by_property(client: TestClient, book: Book) -> None:
    name = list(book.proposal)[-1]
    found = client.get(f"{OWN}/collections/voorstellen/items?voorstel={name}&limit=10000").json()
    assert found["numberMatched"] == len(book.proposal[name]["works"]["site"])


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=x", "limit=-1", "offset=-1", "offset=99999999999", "bbox=1,2,3",
        "bbox=nan,0,1,1", "bbox=2,2,1,1", "bbox=0,0,1,inf", "bbox=0,-91,1,1", "crs=EPSG:4326",
        "bbox-crs=x", "onbekend=1", "f=html", "limit=1&limit=2", "limit=%C2%B2",
    ],
)  # fmt: skip
def test_wrong_questions__are_told_what_is_wrong(client: TestClient, query: str) -> None:
    answer = client.get(f"{OWN}/collections/voorstellen/items?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"]


def test_unknown__is_not_found(client: TestClient) -> None:
    for address in ("/ogc/x", f"{OWN}/collections/x", f"{OWN}/collections/buurten/items/x"):
        assert client.get(address).status_code == 404
    assert client.post(OWN, headers={"origin": HOME}).status_code == 405


def test_newest__is_the_newest_run(client: TestClient) -> None:
    newest = client.get("/ogc/nieuwste/collections/buurten/items?limit=1").json()
    assert newest["features"] == client.get(
        f"/ogc/{NASTY}/collections/buurten/items?limit=1"
    ).json()["features"]  # fmt: skip


def test_hostile_names__stay_text_and_can_be_asked_for(client: TestClient, runs: Path) -> None:
    code = read_book(runs / NASTY)["neighbourhoods"][0]["code"]
    answer = client.get(f"/ogc/{NASTY}/collections/buurten/items/{quote(code, safe='')}")
    assert answer.status_code == 200
    assert answer.json()["id"] == code
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.fixture(scope="module")
def base(runs: Path) -> Iterator[str]:
    """Serve the runs by the command, in a process of its own: GDAL holds the interpreter."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    code = "from evenground.cli import main; main()"
    command = [sys.executable, "-c", code, "serve", str(runs), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603 - our own
        for _ in range(600):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


@pytest.mark.skipif("OAPIF" not in pyogrio.list_drivers(), reason="this GDAL has no such driver")
def test_gdal__reads_both_collections(base: str, run: Path, book: Book) -> None:
    address = f"OAPIF:{base}{OWN}"

    layers = dict(pyogrio.list_layers(address))
    works = pyogrio.read_dataframe(address, layer="voorstellen")
    places = pyogrio.read_dataframe(address, layer="buurten")

    assert set(layers) == {"buurten", "voorstellen"}
    assert len(works) == sum(len(p["works"]["site"]) for p in book["proposals"])
    assert places["buurtcode"].tolist() == list(book.place)
    first = next(iter(book.proposal))
    own = pyogrio.read_dataframe(run / "proposals" / first / f"{first}.gpkg", layer="maatregelen")
    mine = works[works["voorstel"] == first]
    assert mine["aanleg_euro"].sum() == pytest.approx(own["aanleg_euro"].sum(), rel=1e-3)
    there = mine.to_crs(28992).geometry.area.sum()
    assert there == pytest.approx(own.geometry.area.sum(), rel=1e-3)


def test_schema__is_json_of_openapi(client: TestClient) -> None:
    told = json.loads(client.get(f"{OWN}/api").text)
    assert told["openapi"].startswith("3.0")
    assert set(told["paths"]["/collections/buurten/items"]["get"]) >= {"parameters", "responses"}
