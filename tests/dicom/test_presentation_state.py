from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

import pytest
from pydicom import Dataset

from msasss.anatomy import Region, corners_of
from msasss.dicom.presentation_state import presentation_states
from msasss.exam import Exam
from msasss.imaging import Facing
from support.dicom_exams import NOT_FOUND, exam_of, film_headers, model_reading, uid_of, validator_says


def graphics(state: Dataset) -> tuple[list[Dataset], list[Dataset], Dataset]:
    """Points, their labels, and the title of a state."""
    annotation = state.GraphicAnnotationSequence[0]
    *labels, title = annotation.TextObjectSequence
    return list(annotation.GraphicObjectSequence), labels, title


def test_validator_finds_no_error(exam: Exam, headers: Mapping[str, Dataset], tmp_path: Path) -> None:
    for state in presentation_states(exam, headers):
        errors, warnings = validator_says(state, tmp_path)
        assert errors == []
        assert all("Laterality" in line for line in warnings)


def test_there_is_one_state_for_each_film(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    states = presentation_states(exam, headers)
    shown = [state.ReferencedSeriesSequence[0].ReferencedImageSequence[0].ReferencedSOPInstanceUID for state in states]
    assert shown == [uid_of(headers, region) for region in Region]
    assert len({state.SOPInstanceUID for state in states}) == 2
    assert len({state.SeriesInstanceUID for state in states}) == 1


def test_points_are_the_corners_that_were_found(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    points, labels, _ = graphics(presentation_states(exam, headers)[0])
    film = exam.films[0]
    assert film.landmarks is not None
    expected = [film.landmarks.corner(corner) for corner in corners_of(Region.CERVICAL) if str(corner) not in NOT_FOUND]
    assert [tuple(point.GraphicData) for point in points] == [(point.x, point.y) for point in expected if point]
    assert {point.GraphicType for point in points} == {"POINT"}
    assert len(labels) == len(points) == 11


def test_labels_are_the_grades(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    _, labels, title = graphics(presentation_states(exam, headers)[0])
    assert [label.UnformattedTextValue for label in labels] == ["0", "0?", "0", "3", "2", "0", "-", "0", "0", "0", "0"]
    assert title.UnformattedTextValue.startswith("mSASSS, cervical: 6 of 36. Research use")


@pytest.mark.parametrize(("facing", "is_left"), [(Facing.LEFT, True), (Facing.RIGHT, False)])
def test_labels_stand_before_the_spine(headers: Mapping[str, Dataset], facing: Facing, is_left: bool) -> None:
    exam = exam_of(model_reading(headers), facing=facing)
    points, labels, _ = graphics(presentation_states(exam, headers)[0])
    for point, label in zip(points, labels, strict=True):
        left, right = label.BoundingBoxTopLeftHandCorner[0], label.BoundingBoxBottomRightHandCorner[0]
        assert (right < point.GraphicData[0]) is is_left
        assert (left > point.GraphicData[0]) is not is_left


def test_window_of_the_film_is_kept(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    state = presentation_states(exam, headers)[0]
    film = headers[uid_of(headers, Region.CERVICAL)]
    voi = state.SoftcopyVOILUTSequence[0]
    assert (voi.WindowCenter, voi.WindowWidth) == (film.WindowCenter, film.WindowWidth)


@pytest.mark.parametrize(("photometric", "shape"), [("MONOCHROME1", "INVERSE"), ("MONOCHROME2", "IDENTITY")])
def test_polarity_of_the_film_is_kept(tmp_path: Path, photometric: str, shape: str) -> None:
    headers = film_headers(tmp_path / "films", photometric=photometric)
    states = presentation_states(exam_of(model_reading(headers)), headers)
    assert {state.PresentationLUTShape for state in states} == {shape}
    assert validator_says(states[0], tmp_path)[0] == []


def test_exam_without_points_has_no_states(headers: Mapping[str, Dataset]) -> None:
    assert presentation_states(exam_of(model_reading(headers), landmarks={}), headers) == ()


def test_colour_capture_has_no_state(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    colour = {uid: deepcopy(header) for uid, header in headers.items()}
    colour[uid_of(headers, Region.CERVICAL)].SamplesPerPixel = 3
    assert len(presentation_states(exam, colour)) == 1


def test_one_seed_makes_one_object(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    assert presentation_states(exam, headers, uid_seed="a") == presentation_states(exam, headers, uid_seed="a")
