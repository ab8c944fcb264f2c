"""PNG, JPEG and TIFF: one picture in every way of storing grey, and a sentence for what is none."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from msasss.errors import InputError, NoImageError, RadiographError
from msasss.formats.raster import DRAWN_BY, is_raster, read_raster
from support.films import phantom

GREY8 = np.rint(phantom() * 255).astype(np.uint8)
GREY16 = np.rint(phantom() * 65535).astype(np.uint16)


def saved(path: Path, picture: Image.Image, **options: object) -> Path:
    picture.save(path, **options)
    return path


def similar(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


@pytest.mark.parametrize(
    ("name", "grey"),
    [("film.png", GREY8), ("film.png", GREY16), ("film.tif", GREY8), ("film.tif", GREY16)],
    ids=["PNG 8", "PNG 16", "TIFF 8", "TIFF 16"],
)
def test_lossless_grey_keeps_every_level(name: str, grey: np.ndarray, tmp_path: Path):
    read = read_raster(saved(tmp_path / name, Image.fromarray(grey)))
    assert read.source == read.uid == name
    assert read.pixels.dtype == np.float32
    low, high = np.percentile(grey, (0.1, 99.9))
    np.testing.assert_allclose(read.pixels, np.clip((grey - low) / (high - low), 0, 1), atol=1e-5)


def test_jpeg_is_nearly_the_same(tmp_path: Path):
    read = read_raster(saved(tmp_path / "film.jpg", Image.fromarray(GREY8), quality=95))
    assert similar(read.pixels, GREY8) > 0.999


def test_raster_claims_nothing(tmp_path: Path):
    read = read_raster(saved(tmp_path / "film.png", Image.fromarray(GREY8), dpi=(300, 300)))
    assert (read.spacing, read.patient_key, read.acquired_on, read.claimed_region) == (None, None, None, None)


def test_a_picture_that_was_drawn_here_is_no_radiograph(tmp_path: Path):
    chunks = PngInfo()
    chunks.add_text("Software", DRAWN_BY)
    with pytest.raises(NoImageError, match=r"film\.png: Expected a radiograph, got a picture that msasss drew"):
        read_raster(saved(tmp_path / "film.png", Image.fromarray(GREY8), pnginfo=chunks))


def test_a_film_saved_by_other_software_is_read(tmp_path: Path):
    chunks = PngInfo()
    chunks.add_text("Software", "GIMP 2.10")
    assert read_raster(saved(tmp_path / "film.png", Image.fromarray(GREY8), pnginfo=chunks)).source == "film.png"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P"])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_grey_stored_in_colour_or_with_opaque_alpha_is_read(mode: str, suffix: str, tmp_path: Path):
    plain = read_raster(saved(tmp_path / f"plain{suffix}", Image.fromarray(GREY8)))
    read = read_raster(saved(tmp_path / f"film{suffix}", Image.fromarray(GREY8).convert(mode)))
    np.testing.assert_allclose(read.pixels, plain.pixels, atol=1e-5)


def test_grey_jpeg_in_colour_is_read(tmp_path: Path):
    read = read_raster(saved(tmp_path / "film.jpg", Image.fromarray(GREY8).convert("RGB"), quality=80))
    assert similar(read.pixels, GREY8) > 0.99


@pytest.mark.parametrize("grey", [GREY8, GREY16], ids=["8 bits", "16 bits"])
def test_tiff_with_white_as_zero_is_turned_round(grey: np.ndarray, tmp_path: Path):
    Image.fromarray(grey).save(tmp_path / "plain.tif")
    content = bytearray((tmp_path / "plain.tif").read_bytes())
    entry = content.index(struct.pack("<HHL", 262, 3, 1))
    content[entry + 8 : entry + 10] = struct.pack("<H", 0)
    inverted = read_raster(bytes(content), source="inverted.tif").pixels
    np.testing.assert_allclose(inverted, 1 - read_raster(tmp_path / "plain.tif").pixels, atol=1e-5)


def test_camera_orientation_is_applied(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the first row is the right side
    turned = Image.fromarray(GREY8).transpose(Image.Transpose.ROTATE_90)
    read = read_raster(saved(tmp_path / "film.jpg", turned, exif=exif, quality=95))
    assert read.pixels.shape == GREY8.shape
    assert similar(read.pixels, GREY8) > 0.999


def test_signatures_tell_images_from_other_files(tmp_path: Path):
    for name in ("a.png", "a.jpg", "a.tif"):
        assert is_raster(saved(tmp_path / name, Image.fromarray(GREY8)).read_bytes()[:16])
    assert not is_raster(b"%PDF-1.7")
    assert not is_raster(b"")


def _photograph() -> Image.Image:
    return Image.fromarray(np.stack([GREY8, GREY8 * 0.8, GREY8 * 0.5], axis=-1).astype(np.uint8))


def _see_through() -> Image.Image:
    picture = Image.fromarray(GREY8).convert("RGBA")
    picture.putalpha(100)
    return picture


BAD_PICTURES = {
    "a photograph": (_photograph, r"got a colour photograph \(\d+% of it tinted\)"),
    "a transparent one": (_see_through, "got alpha down to 100"),
    "1 x 1 px": (lambda: Image.new("L", (1, 1)), "got 1 x 1"),
    "constant": (lambda: Image.new("L", (100, 100), 7), "got the constant 0"),
    "black and white": (lambda: Image.fromarray(GREY8 > 128), "got black and white only"),
}


@pytest.mark.parametrize("what", sorted(BAD_PICTURES))
def test_bad_picture_is_refused_with_its_name_and_the_reason(what: str, tmp_path: Path):
    make, reason = BAD_PICTURES[what]
    with pytest.raises(RadiographError, match=rf"bad\.png: .*{reason}"):
        read_raster(saved(tmp_path / "bad.png", make()))


def test_several_pages_are_refused(tmp_path: Path):
    page = Image.fromarray(GREY8)
    path = saved(tmp_path / "pages.tif", page, save_all=True, append_images=[page, page])
    with pytest.raises(RadiographError, match="got 3 pages"):
        read_raster(path)


def test_nan_in_a_float_tiff_is_refused(tmp_path: Path):
    values = phantom()
    values[5, 5] = np.nan
    with pytest.raises(RadiographError, match="got NaN or infinity"):
        read_raster(saved(tmp_path / "film.tif", Image.fromarray(values)))


@pytest.mark.parametrize(("side", "found"), [(12_500, "12500 x 12500"), (20_000, "400000000 pixels")])
def test_bomb_is_refused_before_it_is_decoded(side: int, found: str):
    header = struct.pack(">LLBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data)) for kind, data in chunks
    )
    with pytest.raises(RadiographError, match=rf"bomb\.png: .*got {found}"):
        read_raster(content, source="bomb.png")


@pytest.mark.parametrize("name", ["film.png", "film.jpg", "film.tif"])
@pytest.mark.parametrize("kept", [0.01, 0.5, 0.95])
def test_truncated_file_is_refused(name: str, kept: float, tmp_path: Path):
    content = saved(tmp_path / name, Image.fromarray(GREY8)).read_bytes()
    with pytest.raises(RadiographError, match=r"truncated or damaged|got something else"):
        read_raster(content[: int(len(content) * kept)])


@pytest.mark.parametrize(("content", "found"), [(b"", "an empty file"), (b"text", "something else")])
def test_file_of_another_kind_is_refused(content: bytes, found: str):
    with pytest.raises(RadiographError, match=f"Expected a PNG, JPEG or TIFF image, got {found}"):
        read_raster(content)


def test_missing_file_is_refused_without_its_folder(tmp_path: Path):
    with pytest.raises(RadiographError, match=r"^gone\.png: The file could not be read"):
        read_raster(tmp_path / "gone.png")


@settings(max_examples=60, deadline=None)
@given(
    suffix=st.sampled_from(["png", "jpeg", "tiff"]),
    places=st.lists(st.integers(0, 600), min_size=1, max_size=5),
    value=st.integers(0, 255),
)
def test_damaged_file_reads_or_is_refused_but_never_breaks(suffix: str, places: list[int], value: int):
    content = bytearray(_encoded(suffix))
    for place in places:
        content[place] = value
    try:
        read = read_raster(bytes(content))
    except InputError:
        return
    assert np.isfinite(read.pixels).all()


def _encoded(suffix: str) -> bytes:
    stream = BytesIO()
    Image.fromarray(GREY8).save(stream, suffix)
    return stream.getvalue()
