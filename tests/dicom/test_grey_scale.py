"""Bone is bright whatever the display chain of the file."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import UID

from msasss.dicom import read_radiograph
from support.films import dicom_film, phantom

RF = "1.2.840.10008.5.1.4.1.1.12.2"
DX_FOR_PROCESSING = "1.2.840.10008.5.1.4.1.1.1.1.1"


def pixels_of(tmp_path: Path, change=None, **options) -> np.ndarray:
    return read_radiograph(dicom_film(tmp_path / "film.dcm", change, **options)).pixels


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def no_window(film: Dataset) -> None:
    del film.WindowCenter, film.WindowWidth


def stored(film: Dataset, values: np.ndarray) -> None:
    film.PixelData = values.astype("<u2").tobytes()


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_monochrome1_and_2_give_the_same_picture(bits: int, tmp_path: Path):
    first = pixels_of(tmp_path, bits=bits, photometric="MONOCHROME1")
    second = pixels_of(tmp_path, bits=bits, photometric="MONOCHROME2")
    np.testing.assert_allclose(first, second, atol=1e-6)
    assert correlation(first, phantom()) > 0.999


def test_window_clips_what_lies_outside_it(tmp_path: Path):
    def narrow(film: Dataset) -> None:
        film.WindowCenter, film.WindowWidth = 1000.5, 801  # 600 to 1400

    pixels = pixels_of(tmp_path, narrow)
    written = np.rint(phantom() * 4095)
    assert (pixels[written <= 600] == 0).all()
    assert (pixels[written >= 1400] == 1).all()
    inside = (written > 600) & (written < 1400)
    np.testing.assert_allclose(pixels[inside], (written[inside] - 600) / 800, atol=1e-3)


def test_first_of_several_windows_is_used(tmp_path: Path):
    def two(film: Dataset) -> None:
        film.WindowCenter, film.WindowWidth = [1000.5, 5.0], [801, 2]

    def one(film: Dataset) -> None:
        film.WindowCenter, film.WindowWidth = 1000.5, 801

    np.testing.assert_array_equal(pixels_of(tmp_path, two), pixels_of(tmp_path, one))


def test_window_of_width_zero_is_passed_over(tmp_path: Path):
    def zero(film: Dataset) -> None:
        film.WindowWidth = 0

    np.testing.assert_array_equal(pixels_of(tmp_path, zero), pixels_of(tmp_path, no_window))


def test_sigmoid_window_keeps_the_order_of_values(tmp_path: Path):
    def sigmoid(film: Dataset) -> None:
        film.VOILUTFunction, film.WindowCenter, film.WindowWidth = "SIGMOID", 1500, 2000

    pixels = pixels_of(tmp_path, sigmoid).ravel()
    order = np.argsort(np.rint(phantom() * 4095).ravel(), kind="stable")
    assert (np.diff(pixels[order]) >= 0).all()
    assert np.unique(pixels).size > 500


def test_voi_lut_is_applied(tmp_path: Path):
    def squared(film: Dataset) -> None:
        no_window(film)
        lut = Dataset()
        lut.LUTDescriptor = [4096, 0, 16]
        lut.LUTData = (np.arange(4096, dtype=np.float64) ** 2 / 4095**2 * 65535).astype("<u2").tobytes()
        lut["LUTData"].VR = "OW"
        film.VOILUTSequence = [lut]

    plain = np.rint(phantom() * 4095) ** 2
    assert correlation(pixels_of(tmp_path, squared), plain) > 0.9999


def test_modality_lut_comes_before_the_window(tmp_path: Path):
    def rescaled(film: Dataset) -> None:
        film.RescaleSlope, film.RescaleIntercept = 2, -1000
        film.WindowCenter, film.WindowWidth = 2 * 1000 - 1000 + 0.5, 1601

    def plain(film: Dataset) -> None:
        film.WindowCenter, film.WindowWidth = 1000.5, 801

    np.testing.assert_allclose(pixels_of(tmp_path, rescaled), pixels_of(tmp_path, plain), atol=1e-6)


def test_negative_rescaling_turns_the_picture_round_once(tmp_path: Path):
    def negative(film: Dataset) -> None:
        film.RescaleSlope, film.RescaleIntercept = -1, 4095
        film.PhotometricInterpretation = "MONOCHROME1"

    np.testing.assert_allclose(pixels_of(tmp_path, negative), pixels_of(tmp_path), atol=1e-6)


def test_padding_is_dark_and_does_not_count_for_the_scale(tmp_path: Path):
    def padded(film: Dataset) -> None:
        values = film.pixel_array.copy()
        values[:60] = 4095
        stored(film, values)
        film.PixelPaddingValue = 4095
        film["PixelPaddingValue"].VR = "US"
        no_window(film)

    def unpadded(film: Dataset) -> None:
        no_window(film)
        values = film.pixel_array[60:]
        film.Rows -= 60
        stored(film, values)

    pixels = pixels_of(tmp_path, padded)
    assert (pixels[:60] == 0).all()
    np.testing.assert_allclose(pixels[60:], pixels_of(tmp_path, unpadded), atol=1e-6)


def test_overlay_bits_above_the_stored_ones_are_cleared(tmp_path: Path):
    def overlaid(film: Dataset) -> None:
        values = film.pixel_array.copy()
        values[40:80, 40:80] |= 0x8000
        stored(film, values)

    np.testing.assert_array_equal(pixels_of(tmp_path, overlaid), pixels_of(tmp_path))


def test_signed_values_are_read(tmp_path: Path):
    def signed(film: Dataset) -> None:
        values = film.pixel_array.astype(np.int16) - 2048
        film.PixelData, film.PixelRepresentation = values.astype("<i2").tobytes(), 1
        film.WindowCenter = 0

    np.testing.assert_allclose(pixels_of(tmp_path, signed), pixels_of(tmp_path), atol=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("relationship", ["LIN", "LOG"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_detector_units_become_attenuation(sign: int, relationship: str, photometric: str, tmp_path: Path):
    attenuation = phantom() * 3

    def detector(film: Dataset) -> None:
        film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = UID(DX_FOR_PROCESSING)
        film.PresentationIntentType, film.PhotometricInterpretation = "FOR PROCESSING", photometric
        film.BitsStored, film.HighBit = 16, 15
        film.PixelIntensityRelationship, film.PixelIntensityRelationshipSign = relationship, sign
        values = 60000 * np.exp(-attenuation) if relationship == "LIN" else 60000 - 10000 * attenuation
        stored(film, values if sign == 1 else 65535 - values)

    assert correlation(pixels_of(tmp_path, detector), phantom()) > 0.9999


@pytest.mark.parametrize(("relationship", "bright"), [("LIN", False), ("DISP", True)])
def test_fluoroscopy_in_detector_units_shows_dark_bone_bright(relationship: str, bright: bool, tmp_path: Path):
    def fluoroscopy(film: Dataset) -> None:
        film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = UID(RF)
        film.Modality = "RF"
        del film.PixelIntensityRelationshipSign
        film.PixelIntensityRelationship = relationship
        stored(film, film.pixel_array if bright else 4095 - film.pixel_array)

    assert correlation(pixels_of(tmp_path, fluoroscopy), phantom()) > 0.9
