"""How to show a film with its corners and grades on it: one Grayscale Softcopy Presentation State per film."""

import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from highdicom import PresentationLUTShapeValues, PresentationLUTTransformation, pr
from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.uid import ComputedRadiographyImageStorage, XRayRadiofluoroscopicImageStorage

from msasss.anatomy import Corner, Region
from msasss.dicom.identifiers import fixed_seed, new_uid
from msasss.dicom.object_origin import origin, stamp
from msasss.dicom.report_items import is_within
from msasss.dicom.source_headers import source_header
from msasss.exam import Exam, ExamFilm
from msasss.imaging import Facing, Landmarks, Point

SERIES_NUMBER = 9903
NOTICE = "Research use, not a medical device."
# Size of a label's box, in parts of the film's width and height.
_LABEL_WIDTH, _LABEL_HEIGHT = 0.06, 0.02
_TITLE_BOX = (0.01, 0.01, 0.6, 0.04)
_UNSCORED, _DOUBT = "-", "?"

_Box = tuple[float, float, float, float]


def presentation_states(
    exam: Exam, headers: Mapping[str, Dataset], *, uid_seed: str | None = None
) -> tuple[Dataset, ...]:
    """Return the presentation state of each film on which a corner was found, cervical first.

    A state draws a point at each corner and its grade before it ("-" for none, "?" where it should be checked), and
    keeps the film's own window and polarity. Colour captures have none: the class is for grey images.

    Args:
        exam: A scored exam with landmarks.
        headers: Header of each film by its SOP instance UID.
        uid_seed: Text that fixes all UIDs; None draws new ones.

    Raises:
        PairingError: If a film has no DICOM header.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names and dates of the source that are unusual, and inherited as they are
        return tuple(_states(exam, headers, fixed_seed(uid_seed)))


def _states(exam: Exam, headers: Mapping[str, Dataset], uid_seed: str) -> Iterator[Dataset]:
    for film in exam.films:
        header = source_header(film, headers)
        film_class, header.SOPClassUID = header.SOPClassUID, _single_frame_class(header)
        if header.get("SamplesPerPixel", 1) == 1 and film.landmarks is not None:
            points = dict(_points(exam, film.landmarks, header))
            if points:
                state = _state(exam, film, header, _annotation(exam, film, header, points), uid_seed)
                state.walk(partial(_restore_class, film_class=film_class))
                yield state


def _single_frame_class(header: Dataset) -> str:
    # highdicom looks for the windows of an RF image where enhanced multi-frame images have them, and finds none.
    is_fluoroscopy = header.SOPClassUID == XRayRadiofluoroscopicImageStorage
    return ComputedRadiographyImageStorage if is_fluoroscopy else str(header.SOPClassUID)


def _restore_class(_parent: Dataset, element: DataElement, *, film_class: str) -> None:
    if element.keyword == "ReferencedSOPClassUID":
        element.value = film_class


def _state(exam: Exam, film: ExamFilm, header: Dataset, annotation: pr.GraphicAnnotation, uid_seed: str) -> Dataset:
    # The class's own default, IDENTITY, would show a MONOCHROME1 film with its polarity turned round.
    inverse = header.get("PhotometricInterpretation") == "MONOCHROME1"
    shape = PresentationLUTShapeValues.INVERSE if inverse else PresentationLUTShapeValues.IDENTITY
    state = pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[header],
        series_instance_uid=new_uid(uid_seed, "series", "PR", header.StudyInstanceUID),
        series_number=SERIES_NUMBER,
        sop_instance_uid=new_uid(uid_seed, "instance", "PR", film.region.value),
        instance_number=1 if film.region is Region.CERVICAL else 2,
        series_description="mSASSS corners",
        content_label="MSASSS",
        content_description=f"{exam.scheme.name} corners, {film.region.value}"[:64],
        graphic_annotations=[annotation],
        graphic_layers=[_layer()],
        presentation_lut_transformation=PresentationLUTTransformation(presentation_lut_shape=shape),
        **_origin(exam, header),
    )
    state.Laterality = ""  # type 2C of an image of an unpaired part; without it validators report an error
    stamp(state, exam, header)
    state.PresentationCreationDate, state.PresentationCreationTime = state.SeriesDate, state.SeriesTime
    return state


def _origin(exam: Exam, header: Dataset) -> dict[str, Any]:
    # The state is dated by its creation; highdicom sets these two itself.
    return {key: value for key, value in origin(exam, header).items() if not key.startswith("content_")}


def _layer() -> pr.GraphicLayer:
    return pr.GraphicLayer("MSASSS", order=1, description="Corners and grades")


def _annotation(exam: Exam, film: ExamFilm, header: Dataset, points: Mapping[Corner, Point]) -> pr.GraphicAnnotation:
    forwards = 1 if film.landmarks is not None and film.landmarks.facing is Facing.RIGHT else -1
    labels = [
        _text(_label(exam, corner), _label_box(point, forwards, header), pr.AnnotationUnitsValues.PIXEL)
        for corner, point in points.items()
    ]
    title = _text(_title(exam, film.region), _TITLE_BOX, pr.AnnotationUnitsValues.DISPLAY)
    return pr.GraphicAnnotation(
        referenced_images=[header],
        graphic_layer=_layer(),
        graphic_objects=[_mark(point) for point in points.values()],
        text_objects=[*labels, title],
    )


def _points(exam: Exam, landmarks: Landmarks, header: Dataset) -> Iterator[tuple[Corner, Point]]:
    for finding in exam.reading:
        point = landmarks.corner(finding.corner) if finding.corner.region is landmarks.region else None
        if point is not None and is_within(point, header):
            yield finding.corner, point


def _mark(point: Point) -> pr.GraphicObject:
    return pr.GraphicObject(
        graphic_type=pr.GraphicTypeValues.POINT,
        graphic_data=np.array([[point.x, point.y]]),
        units=pr.AnnotationUnitsValues.PIXEL,
    )


def _text(text: str, box: _Box, units: pr.AnnotationUnitsValues) -> pr.TextObject:
    return pr.TextObject(text, units=units, bounding_box=box, text_justification=pr.TextJustificationValues.LEFT)


def _label(exam: Exam, corner: Corner) -> str:
    grade = exam.score.grades[corner]
    return (_UNSCORED if grade is None else str(grade)) + (_DOUBT if exam.reading[corner].in_doubt else "")


def _label_box(point: Point, forwards: int, header: Dataset) -> _Box:
    width, height = _LABEL_WIDTH * header.Columns, _LABEL_HEIGHT * header.Rows
    middle = min(max(point.x + forwards * width, width / 2), header.Columns - width / 2)
    centre = min(max(point.y, height / 2), header.Rows - height / 2)
    return middle - width / 2, centre - height / 2, middle + width / 2, centre + height / 2


def _title(exam: Exam, region: Region) -> str:
    total = exam.score.region(region).total
    value = "no total" if total is None else f"{total:g} of 36"
    return f"{exam.scheme.name}, {region.value}: {value}. {NOTICE}"
