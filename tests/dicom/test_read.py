"""Every syntax reads to the same picture, and every bad file to one clear sentence."""

import zlib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from msasss.anatomy import Region
from msasss.dicom import dataset, is_dicom, read_radiograph
from msasss.errors import InputError, NoImageError, RadiographError
from msasss.imaging.radiograph import SpacingSource
from support.encodings import ALL_SYNTAXES, LOSSY, encode
from support.films import HEIGHT_PX, WIDTH_PX, dicom_film, phantom

CT = "1.2.840.10008.5.1.4.1.1.2"
SR = "1.2.840.10008.5.1.4.1.1.88.33"
DICOMDIR = "1.2.840.10008.1.3.10"
CR = "1.2.840.10008.5.1.4.1.1.1"
RF = "1.2.840.10008.5.1.4.1.1.12.2"
SC = "1.2.840.10008.5.1.4.1.1.7"
DX_FOR_PROCESSING = "1.2.840.10008.5.1.4.1.1.1.1.1"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 12-bit DX film of 240 x 320 px, explicit little endian."""
    return dicom_film(tmp_path_factory.mktemp("film") / "film.dcm", uid_seed="1")


def set_class(film: Dataset, sop_class: str) -> None:
    film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = UID(sop_class)


def read_changed(tmp_path: Path, change, **options):
    return read_radiograph(dicom_film(tmp_path / "changed.dcm", change, **options))


@pytest.mark.parametrize("name", sorted(set(ALL_SYNTAXES) - LOSSY))
def test_lossless_syntax_reads_to_the_same_pixels(name: str, film: Path, tmp_path: Path):
    encode(film, tmp_path / "encoded.dcm", ALL_SYNTAXES[name])
    assert dcmread(tmp_path / "encoded.dcm").file_meta.TransferSyntaxUID == ALL_SYNTAXES[name]
    read = read_radiograph(tmp_path / "encoded.dcm")
    np.testing.assert_array_equal(read.pixels, read_radiograph(film).pixels)
    assert (read.uid, read.spacing) == (read_radiograph(film).uid, read_radiograph(film).spacing)


@pytest.mark.parametrize("name", sorted(LOSSY))
def test_lossy_syntax_reads_to_nearly_the_same_pixels(name: str, film: Path, tmp_path: Path):
    encode(film, tmp_path / "encoded.dcm", ALL_SYNTAXES[name])
    difference = np.abs(read_radiograph(tmp_path / "encoded.dcm").pixels - read_radiograph(film).pixels)
    assert 0 < difference.max() < 0.05
    assert difference.mean() < 0.006


def test_picture_is_the_one_written_with_bone_bright(film: Path):
    read = read_radiograph(film)
    assert read.pixels.shape == (HEIGHT_PX, WIDTH_PX)
    assert np.corrcoef(read.pixels.ravel(), phantom().ravel())[0, 1] > 0.9999


def test_what_the_header_says_is_kept(film: Path):
    read = read_radiograph(film)
    assert read.source == "film.dcm"
    assert read.patient_key == "SIM-1"
    assert read.acquired_on == date(2024, 5, 1)
    assert read.claimed_region is Region.CERVICAL
    assert read.uid == dcmread(film).SOPInstanceUID
    assert read.study_uid == dcmread(film).StudyInstanceUID
    assert read.spacing is not None
    assert (read.spacing.mm, read.spacing.source) == (0.15, SpacingSource.DETECTOR)


def test_bytes_read_like_a_path(film: Path):
    read = read_radiograph(film.read_bytes(), source="from memory")
    assert read.source == "from memory"
    np.testing.assert_array_equal(read.pixels, read_radiograph(film).pixels)


def test_file_without_preamble_is_read(film: Path):
    content = film.read_bytes()[132:]
    assert is_dicom(content[:132])
    np.testing.assert_array_equal(read_radiograph(content).pixels, read_radiograph(film).pixels)


def test_file_without_meta_information_is_read(film: Path, tmp_path: Path):
    bare = dcmread(film)
    del bare.file_meta
    bare.save_as(tmp_path / "bare.dcm", implicit_vr=True, little_endian=True, enforce_file_format=False)
    np.testing.assert_array_equal(read_radiograph(tmp_path / "bare.dcm").pixels, read_radiograph(film).pixels)


@pytest.mark.parametrize("sop_class", [CR, SC])
def test_computed_radiography_and_secondary_capture_are_read(sop_class: str, tmp_path: Path):
    def change(film: Dataset) -> None:
        set_class(film, sop_class)
        film.Modality = "CR"

    assert read_changed(tmp_path, change).pixels.shape == (HEIGHT_PX, WIDTH_PX)


def test_grey_film_captured_in_colour_is_read(tmp_path: Path, film: Path):
    def change(captured: Dataset) -> None:
        _in_colour(captured, lambda grey: np.stack([grey, grey, grey], axis=-1))

    read = read_changed(tmp_path, change)
    assert np.corrcoef(read.pixels.ravel(), read_radiograph(film).pixels.ravel())[0, 1] > 0.999


def _in_colour(captured: Dataset, paint) -> None:
    set_class(captured, SC)
    captured.Modality = "OT"
    grey = (captured.pixel_array >> 4).astype(np.uint8)
    captured.SamplesPerPixel, captured.PlanarConfiguration, captured.PhotometricInterpretation = 3, 0, "RGB"
    captured.BitsAllocated, captured.BitsStored, captured.HighBit = 8, 8, 7
    captured.PixelData = paint(grey).astype(np.uint8).tobytes()
    captured["PixelData"].VR = "OB"


def _colour_photograph(film: Dataset) -> None:
    _in_colour(film, lambda grey: np.stack([grey, grey * 0.8, grey * 0.5], axis=-1))


def _ct_slice(film: Dataset) -> None:
    set_class(film, CT)
    film.Modality = "CT"


def _empty_header_of(sop_class: str):
    def change(film: Dataset) -> None:
        set_class(film, sop_class)
        del film.PixelData, film.Rows, film.Columns

    return change


def _announced(rows: int, columns: int):
    def change(film: Dataset) -> None:
        film.Rows, film.Columns = rows, columns

    return change


def _constant(film: Dataset) -> None:
    film.PixelData = bytes(len(film.PixelData))


def _wide_levels(film: Dataset) -> None:
    film.PixelData = (film.pixel_array.astype(np.uint32) * 2**18).tobytes()
    film.BitsAllocated, film.BitsStored, film.HighBit = 32, 32, 31


def _smaller_codestream(film: Dataset) -> None:
    film.compress(UID(ALL_SYNTAXES["JPEG-LS lossless"]))
    film.Rows //= 2


def _undecodable(film: Dataset) -> None:
    film.PixelData = encapsulate([b"\xff\xd8" + b"not a JPEG" * 20])
    film.file_meta.TransferSyntaxUID = UID(ALL_SYNTAXES["JPEG lossless SV1"])
    film["PixelData"].VR, film["PixelData"].is_undefined_length = "OB", True


BAD_HEADERS = {
    "a chest CT slice": (_ct_slice, "got CT Image Storage"),
    "an MR in a secondary capture": (
        lambda film: (set_class(film, SC), setattr(film, "Modality", "MR")),
        "an image of modality MR",
    ),
    "a photograph by its modality": (
        lambda film: (set_class(film, SC), setattr(film, "Modality", "XC")),
        "a photograph of modality XC",
    ),
    "a colour photograph": (_colour_photograph, r"got a colour photograph \(\d+% of it tinted\)"),
    "several frames": (lambda film: setattr(film, "NumberOfFrames", 8), "got 8 frames"),
    "no pixel data": (lambda film: film.pop("PixelData"), "Expected pixel data, got none"),
    "1 x 1 px": (_announced(1, 1), "got 1 x 1"),
    "20,000 x 20,000 px": (_announced(20_000, 20_000), "got 20000 x 20000"),
    "fewer pixels than announced": (_announced(HEIGHT_PX * 2, WIDTH_PX), "truncated or damaged"),
    "constant pixels": (_constant, "got the constant 0"),
    "NaN spacing": (lambda film: setattr(film, "ImagerPixelSpacing", ["NaN", "NaN"]), "got nan and nan"),
    "infinite rescaling": (lambda film: setattr(film, "RescaleSlope", "inf"), "got NaN or infinity"),
    "32-bit values": (_wide_levels, "at most 16 bits per pixel, got values from 0 to"),
    "a codestream of another size": (_smaller_codestream, r"240 x 160 px as the header says, got 240 x 320"),
    "a codestream that is none": (_undecodable, "truncated or damaged"),
    "an unknown kind": (lambda film: set_class(film, "1.2.3.4"), "got an object of unknown kind"),
    "an unknown transfer syntax": (
        lambda film: setattr(film.file_meta, "TransferSyntaxUID", UID("1.2.3.4")),
        "truncated or damaged",
    ),
}


@pytest.mark.parametrize("what", sorted(BAD_HEADERS))
def test_bad_file_is_refused_with_its_name_and_the_reason(what: str, tmp_path: Path):
    change, reason = BAD_HEADERS[what]
    with pytest.raises(RadiographError, match=reason) as raised:
        read_changed(tmp_path, change)
    assert str(raised.value).startswith("changed.dcm: ")
    assert str(raised.value).endswith(".")


@pytest.mark.parametrize(
    ("sop_class", "kind"), [(SR, "Comprehensive SR Storage"), (DICOMDIR, "Media Storage Directory")]
)
def test_object_without_image_says_what_it_is(sop_class: str, kind: str, tmp_path: Path):
    with pytest.raises(NoImageError, match=f"Expected an image, got {kind}"):
        read_changed(tmp_path, _empty_header_of(sop_class))


@pytest.mark.parametrize(
    ("content", "found"), [(b"", "an empty file"), (b"just text", "something else"), (bytes(5000), "something else")]
)
def test_file_that_is_no_dicom_is_refused(content: bytes, found: str):
    with pytest.raises(RadiographError, match=f"Expected a DICOM file, got {found}"):
        read_radiograph(content, source="note.txt")


def test_missing_file_is_refused_without_its_folder(tmp_path: Path):
    with pytest.raises(RadiographError, match=r"gone\.dcm: The file could not be read") as raised:
        read_radiograph(tmp_path / "gone.dcm")
    assert str(tmp_path) not in str(raised.value)


def test_header_that_cannot_be_parsed_is_refused(tmp_path: Path):
    content = dicom_film(tmp_path / "film.dcm", lambda film: setattr(film, "RescaleSlope", "1.2345")).read_bytes()
    assert b"1.2345" in content
    with pytest.raises(RadiographError, match="truncated or damaged"):
        read_radiograph(content.replace(b"1.2345", b"steep "))


def test_message_holds_no_patient_data(tmp_path: Path):
    with pytest.raises(RadiographError) as raised:
        read_changed(tmp_path, _ct_slice, patient_id="SECRET-17", patient_name="Doe^Jane")
    assert not any(word in str(raised.value) for word in ("SECRET", "Doe", "Jane", str(tmp_path)))


@pytest.mark.parametrize("name", sorted(ALL_SYNTAXES))
def test_truncated_file_of_any_syntax_is_refused(name: str, film: Path, tmp_path: Path):
    encode(film, tmp_path / "whole.dcm", ALL_SYNTAXES[name])
    content = (tmp_path / "whole.dcm").read_bytes()
    for kept in (0.002, 0.1, 0.5, 0.99):
        with pytest.raises(RadiographError):
            read_radiograph(content[: int(len(content) * kept)])


def test_deflated_bomb_is_refused_before_it_is_inflated(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dataset, "LARGEST_FILE_BYTES", 4 * 2**20)
    encode(film, tmp_path / "deflated.dcm", ALL_SYNTAXES["deflated"])
    meta = (tmp_path / "deflated.dcm").read_bytes()
    meta = meta[: 144 + int.from_bytes(meta[140:144], "little")]
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    bomb = b"".join(deflater.compress(bytes(2**20)) for _ in range(5)) + deflater.flush()
    with pytest.raises(RadiographError, match="inflates to more than 4 MB"):
        read_radiograph(meta + bomb)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.lists(st.integers(132, 2200), min_size=1, max_size=4), value=st.integers(0, 255))
def test_damaged_header_reads_or_is_refused_but_never_breaks(film: Path, places: list[int], value: int):
    content = bytearray(film.read_bytes())
    for place in places:
        content[place] = value
    try:
        read = read_radiograph(bytes(content))
    except InputError:
        return
    assert np.isfinite(read.pixels).all()
