"""GeoTIFFs as people bring them: what is read, and what is refused with which cure."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rasterio.enums import ColorInterp

from evenground.errors import DataError
from evenground.sources import THEMES
from evenground.sources.rasters import read_raster

from .made import BOTTOM, LEFT, SIDE, layer, write_tif

TOP = BOTTOM + SIDE
NOISE = np.random.default_rng(1).uniform(5.0, 40.0, (64, 64))
WRITTEN = [
    {},
    {"compress": "deflate"},
    {"compress": "lzw", "tiled": True, "blockxsize": 16, "blockysize": 16},
    {"compress": "zstd", "predictor": 3},
    {"driver": "COG"},
]


def refusal(path: Path, **change: object) -> str:
    with pytest.raises(DataError) as caught:
        read_raster(path, THEMES["no2"], layer(**change), 10)
    return str(caught.value)


@pytest.fixture
def tif(tmp_path: Path) -> Path:
    return write_tif(tmp_path / "no2.tif")


def test_read_raster__keeps_cells_place_and_origin(tif: Path) -> None:
    values = np.arange(300.0).reshape(10, 30) / 10.0
    values[0, 0] = -9999.0
    write_tif(tif, values)

    raster, remarks = read_raster(tif, THEMES["no2"], layer(), 10)

    assert remarks == []
    assert raster.dtype == np.float32
    assert np.isnan(raster[0, 0])
    np.testing.assert_allclose(raster[1], values[1], rtol=1e-6)
    assert (raster.y[0], raster.x[0]) == (TOP - 5.0, LEFT + 5.0)
    assert raster.attrs["units"] == "ug m-3"
    assert raster.attrs["source"] == "test"


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("written", WRITTEN, ids=str)
def test_cut_off_geotiff__is_refused(tif: Path, written: dict[str, object], share: float) -> None:
    whole = write_tif(tif, NOISE, **written).read_bytes()
    tif.write_bytes(whole[: int(share * len(whole))])

    told = refusal(tif)

    assert "no2.tif (no2): is no readable GeoTIFF" in told
    assert "Bring a whole GeoTIFF" in told


def test_damaged_header__is_refused_or_read_but_never_crashes(tif: Path) -> None:
    whole = write_tif(tif, NOISE, compress="deflate").read_bytes()
    rng = np.random.default_rng(5)

    for _ in range(300):
        damaged = bytearray(whole)
        for place in rng.integers(0, 300, 3):
            damaged[place] = rng.integers(0, 256)
        tif.write_bytes(bytes(damaged))
        with suppress(DataError):
            read_raster(tif, THEMES["no2"], layer(), 10)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'<VRTDataset rasterXSize="1" rasterYSize="1"><SRS>EPSG:28992</SRS></VRTDataset>',
        b"<!DOCTYPE html><html><body>404</body></html>",
        b"\x89PNG\r\n\x1a\n" + bytes(64),
        b"CDF\x01" + bytes(64),
        b"\x89HDF\r\n\x1a\n" + bytes(64),
        b"PK\x03\x04" + bytes(64),
        b"II*\x00\xff\xff\xff\xff",
    ],
    ids=["empty", "vrt", "html", "png", "netcdf3", "netcdf4", "zip", "wild header"],
)
def test_other_formats_named_tif__are_refused(tif: Path, content: bytes) -> None:
    tif.write_bytes(content)

    assert "another format inside" in refusal(tif)


def test_real_png_named_tif__is_refused(tif: Path) -> None:
    cells = np.full((1, 10, 30), 3, np.uint8)
    profile = {"driver": "PNG", "width": 30, "height": 10, "count": 1, "dtype": "uint8"}
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile, transform=rasterio.Affine(10, 0, 0, 0, -10, 0)) as target:
            target.write(cells)
        tif.write_bytes(memory.read())

    assert "is no readable GeoTIFF" in refusal(tif)


@pytest.mark.parametrize("crs", ["EPSG:32631", "EPSG:4326", "EPSG:31370", "EPSG:7415"])
def test_other_crs__is_named_once(tif: Path, crs: str) -> None:
    write_tif(tif, crs=crs, transform=rasterio.Affine(0.01, 0.0, 4.0, 0.0, -0.01, 53.0))

    told = refusal(tif)

    assert f"has CRS {crs}, expected EPSG:28992. Warp it" in told
    assert "\n" not in told


def test_files_beside__do_not_mend_a_tif_without_crs_and_place(tif: Path) -> None:
    write_tif(tif, crs=None, transform=rasterio.Affine(10.0, 0.0, 0.0, 0.0, -10.0, 0.0))
    tif.with_suffix(".tfw").write_text("10\n0\n0\n-10\n100005\n450095\n", encoding="ascii")
    tif.with_suffix(".prj").write_text(CRS(28992).to_wkt(), encoding="ascii")

    told = refusal(tif)

    assert "has no CRS" in told
    assert "lies outside the Netherlands" in told


def test_rd_without_its_code__is_known_by_its_parameters(tif: Path) -> None:
    write_tif(tif, crs=CRS(28992).to_wkt("WKT1_ESRI"))

    raster, _ = read_raster(tif, THEMES["no2"], layer(), 10)

    assert raster.shape == (10, 30)


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("transform", "cure"),
    [
        ((10, 1, LEFT, 1, -10, TOP), "north-up"),
        ((10, 0, LEFT, 0, 10, BOTTOM), "north-up"),
        ((-10, 0, LEFT, 0, -10, TOP), "north-up"),
        ((10, 0, LEFT, 0, -20, TOP), "north-up"),
        ((NAN, 0, LEFT, 0, NAN, TOP), "north-up"),
        ((10, 0, INF, 0, -10, TOP), "north-up"),
        ((10, 0, 1e300, 0, -10, TOP), "order of its axes"),
        ((10, 0, TOP, 0, -10, LEFT), "order of its axes"),
        ((10, 0, LEFT + 5, 0, -10, TOP), "half a cell"),
        ((10, 0, LEFT, 0, -10, TOP + 3), "gdalwarp -tap"),
        ((7, 0, LEFT, 0, -7, TOP), "change grid.cell_m"),
        ((2.5, 0, LEFT, 0, -2.5, TOP), "whole metres"),
        ((10.01, 0, LEFT, 0, -10.01, TOP), "whole metres"),
        ((100_000, 0, LEFT, 0, -100_000, 500_000), "whole metres"),
    ],
)
def test_cells_off_the_grid__are_refused(
    tif: Path, transform: tuple[float, ...], cure: str
) -> None:
    write_tif(tif, transform=rasterio.Affine(*transform))

    assert cure in refusal(tif)


@pytest.mark.parametrize("cell_m", [5, 10, 25, 100])
def test_cells_that_fit_into_each_other__are_read(tif: Path, cell_m: int) -> None:
    write_tif(tif, transform=rasterio.Affine(cell_m, 0.0, LEFT, 0.0, -cell_m, 450_000.0))
    case_m = {5: 10, 10: 10, 25: 100, 100: 25}[cell_m]

    raster, _ = read_raster(tif, THEMES["no2"], layer(), case_m)

    assert raster.attrs["cell_m"] == cell_m


def test_huge_header__is_refused_before_a_cell_is_read(tif: Path) -> None:
    place = rasterio.Affine(10, 0, 0, 0, -10, 700_000)
    with rasterio.open(
        tif, "w", driver="GTiff", width=90_000, height=90_000, count=1, dtype="float64",
        tiled=True, sparse_ok=True, BIGTIFF="YES", transform=place,
    ):  # fmt: skip
        pass

    told = refusal(tif)

    assert "90000 x 90000 cells" in told
    assert "Cut it to the municipality" in told


def test_blocks_never_written__are_no_zeros(tif: Path) -> None:
    blocks = {"tiled": True, "blockxsize": 16, "blockysize": 16, "sparse_ok": True}
    zeros = np.zeros((64, 64))
    zeros[:16, :16] = 20.0

    write_tif(tif, zeros, nodata=None, **blocks)

    assert "lacks the cells of 15 of its 16 blocks" in refusal(tif)


def test_colours__are_no_numbers(tif: Path) -> None:
    write_tif(tif, 7.0, dtype="uint8", nodata=None, count=3, photometric="RGB")

    assert "not the picture (WCS or download, not WMS)" in refusal(tif)


def test_palette__is_no_number(tif: Path) -> None:
    write_tif(tif, 1.0, dtype="uint8", nodata=None)
    with rasterio.open(tif, "r+") as target:
        target.write_colormap(1, {1: (255, 0, 0, 255)})
        assert target.colorinterp == (ColorInterp.palette,)

    assert "picture in colours (palette)" in refusal(tif)


def test_scale_and_offset__must_be_applied_first(tif: Path) -> None:
    with rasterio.open(tif, "r+") as target:
        target.scales, target.offsets = (0.1,), (2.0,)

    assert "scale of 0.1 and an offset of 2. Apply it" in refusal(tif)


def test_faults_of_a_header__come_together(tif: Path) -> None:
    write_tif(tif, 3.0, dtype="int64", nodata=None, crs=None)

    told = refusal(tif, unit="dB", band=2)

    assert "has unit 'dB', expected 'ug m-3'" in told
    assert "has no band 2. Set band to 1..1" in told
    assert "has no CRS" in told
    assert "holds int64" in refusal(tif)


def test_second_band__is_read_where_asked(tif: Path) -> None:
    write_tif(tif, count=2)
    with rasterio.open(tif, "r+") as target:
        target.write(np.full((10, 30), 33.0), 2)

    raster, _ = read_raster(tif, THEMES["no2"], layer(band=2), 10)

    assert (raster == 33.0).all()


def test_mask_inside_the_file__makes_missing(tif: Path) -> None:
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        write_tif(tif, nodata=None)
        with rasterio.open(tif, "r+") as target:
            mask = np.full((10, 30), 255, np.uint8)
            mask[2, 3] = 0
            target.write_mask(mask)

    raster, _ = read_raster(tif, THEMES["no2"], layer(), 10)

    assert np.isnan(raster[2, 3])
    assert int(np.isnan(raster).sum()) == 1


@pytest.mark.parametrize("nodata", [-3.4028234663852886e38, -1.7976931348623157e308, NAN, -9999.0])
def test_declared_nodata__is_missing_in_any_spelling(tif: Path, nodata: float) -> None:
    values = np.full((10, 30), 20.0)
    values[0, :2] = nodata

    write_tif(tif, values, dtype="float64", nodata=nodata)
    raster, _ = read_raster(tif, THEMES["no2"], layer(), 10)

    assert int(np.isnan(raster).sum()) == 2
    assert float(raster.min()) == 20.0
