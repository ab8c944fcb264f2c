"""Results of films whose headers have little more than what an archive needs to store them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    SecondaryCaptureImageStorage,
    XRayRadiofluoroscopicImageStorage,
)

from msasss.anatomy import Region
from msasss.dicom.encapsulated_pdf import encapsulated_pdf
from msasss.dicom.presentation_state import presentation_states
from msasss.dicom.report_reading import reading_from_report
from msasss.dicom.secondary_capture import secondary_captures
from msasss.dicom.structured_report import structured_report
from msasss.exam import Exam
from support.dicom_exams import validator_says

IDENTIFIERS = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
PIXELS = ("Rows", "Columns", "PhotometricInterpretation", "SamplesPerPixel", "BitsAllocated", "BitsStored")


@pytest.fixture(
    params=[ComputedRadiographyImageStorage, SecondaryCaptureImageStorage, XRayRadiofluoroscopicImageStorage],
    ids=["CR", "SC", "RF"],
)
def bare_headers(request: pytest.FixtureRequest, headers: Mapping[str, Dataset]) -> dict[str, Dataset]:
    """Headers with identifiers and size alone, of each class that is read besides DX."""
    bare = {}
    for uid, header in headers.items():
        film = Dataset()
        film.file_meta = header.file_meta
        film.SOPClassUID = request.param
        for keyword in (*IDENTIFIERS, *PIXELS):
            film[keyword] = header[keyword]
        bare[uid] = film
    return bare


def test_report_is_valid_and_keeps_the_reading(exam: Exam, bare_headers: Mapping[str, Dataset], tmp_path: Path) -> None:
    report = structured_report(exam, bare_headers)
    assert validator_says(report, tmp_path)[0] == []
    assert reading_from_report(report) == exam.reading


def test_other_objects_are_valid(exam: Exam, bare_headers: Mapping[str, Dataset], tmp_path: Path) -> None:
    pictures = dict.fromkeys(Region, np.zeros((20, 30, 3), np.uint8))
    made = [
        *secondary_captures(exam, pictures, bare_headers),
        *presentation_states(exam, bare_headers),
        encapsulated_pdf(exam, b"%PDF-1.4", bare_headers),
    ]
    assert len(made) == 5
    assert [validator_says(each, tmp_path)[0] for each in made] == [[]] * 5


def test_presentation_state_names_the_films_own_class(exam: Exam, bare_headers: Mapping[str, Dataset]) -> None:
    classes = [header.SOPClassUID for header in bare_headers.values()]
    for state, film_class in zip(presentation_states(exam, bare_headers), classes, strict=True):
        named = state.ReferencedSeriesSequence[0].ReferencedImageSequence[0]
        shown = state.GraphicAnnotationSequence[0].ReferencedImageSequence[0]
        assert named.ReferencedSOPClassUID == shown.ReferencedSOPClassUID == film_class
    assert [header.SOPClassUID for header in bare_headers.values()] == classes
