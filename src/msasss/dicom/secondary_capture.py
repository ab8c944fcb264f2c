"""The picture of a scored film, with corners, grades and legend, as a DICOM Secondary Capture image."""

import warnings
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from highdicom.sc import SCImage
from pydicom import Dataset

from msasss.anatomy import Region
from msasss.dicom.identifiers import fixed_seed, new_uid
from msasss.dicom.object_origin import origin, patient_and_study, refer_to, stamp
from msasss.dicom.source_headers import source_header
from msasss.errors import RadiographError
from msasss.exam import Exam, ExamFilm
from msasss.imaging import Facing

SERIES_NUMBER = 9902
_LOSSY = ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod")

Picture = npt.NDArray[np.uint8]


def secondary_captures(
    exam: Exam,
    pictures: Mapping[Region, Picture],
    headers: Mapping[str, Dataset],
    *,
    uid_seed: str | None = None,
) -> tuple[Dataset, ...]:
    """Return pictures of films as objects of the films' patient and study, in one series, cervical first.

    Args:
        exam: The exam they show.
        pictures: (H, W, 3) RGB of each film. Their pixels need not be those of the film, so the objects have no pixel
            spacing.
        headers: Header of each film by its SOP instance UID.
        uid_seed: Text that fixes all UIDs; None draws new ones.

    Raises:
        PairingError: If a film has no DICOM header.
        RadiographError: If a picture is not RGB, or a region was not read.
    """
    seed = fixed_seed(uid_seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names and dates of the source that are unusual, and inherited as they are
        return tuple(
            _capture(exam, _film(exam, region), _checked(pictures[region]), headers, seed)
            for region in Region
            if region in pictures
        )


def _capture(exam: Exam, film: ExamFilm, picture: Picture, headers: Mapping[str, Dataset], seed: str) -> Dataset:
    header = source_header(film, headers)
    image = SCImage(
        pixel_array=np.ascontiguousarray(picture),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=("A" if _faces_right(film) else "P", "F"),
        series_instance_uid=new_uid(seed, "series", "SC", header.StudyInstanceUID),
        series_number=SERIES_NUMBER,
        sop_instance_uid=new_uid(seed, "instance", "SC", film.region.value),
        instance_number=1 if film.region is Region.CERVICAL else 2,
        series_description="mSASSS overlay",
        **patient_and_study(header),
        **origin(exam, header),
    )
    _describe(image, exam, film, header)
    return image


def _checked(picture: Picture) -> Picture:
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
        msg = f"Expected an RGB picture of 8 bits, got shape {picture.shape} of {picture.dtype}. Convert it."
        raise RadiographError(msg)
    return picture


def _film(exam: Exam, region: Region) -> ExamFilm:
    film = exam.film(region)
    if film is None:
        msg = f"Expected a {region.value} film in the exam, got none. Make pictures of the regions read."
        raise RadiographError(msg)
    return film


def _faces_right(film: ExamFilm) -> bool:
    return film.landmarks is not None and film.landmarks.facing is Facing.RIGHT


def _describe(image: SCImage, exam: Exam, film: ExamFilm, header: Dataset) -> None:
    image.copy_patient_and_study_information(header)
    if film.landmarks is None:
        image.PatientOrientation = []
    image.Laterality = ""  # type 2C of an image of an unpaired part; without it validators report an error
    image.ConversionType = "WSD"
    image.DateOfSecondaryCapture, image.TimeOfSecondaryCapture = image.ContentDate, image.ContentTime
    image.DerivationDescription = f"Corners and {exam.scheme.name} grades drawn on the {film.region.value} film"
    image.SecondaryCaptureDeviceSoftwareVersions = image.SoftwareVersions
    # A picture of a film is no less identifying, and no less lossy, than the film.
    for keyword in ("BurnedInAnnotation", *_LOSSY):
        if keyword in header:
            image[keyword] = header[keyword]
    refer_to(image, header)
    stamp(image, exam, header)
