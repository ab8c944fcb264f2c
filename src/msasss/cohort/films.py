"""The films of a cohort: reading them as what the tables say they are."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from msasss.cohort.layout import IMAGE_FOLDER, image_path
from msasss.dicom import is_dicom, read_radiograph
from msasss.errors import RadiographError
from msasss.formats.raster import is_raster, read_raster
from msasss.imaging import PixelSpacing, Radiograph
from msasss.imaging.content import read_content

_HEAD_BYTES: Final = 1024


def read_film(
    folder: Path,
    image: str,
    *,
    patient: str | None = None,
    taken_on: date | None = None,
    spacing: PixelSpacing | None = None,
) -> Radiograph:
    """Read an image of a cohort; the tables, not the file's header, say whose it is and from when.

    Args:
        folder: The cohort.
        image: Its path below the image folder.
        patient: Pseudonym of the patient.
        taken_on: Date of the exposure.
        spacing: Pixel spacing, if the file holds none.

    Raises:
        RadiographError: If there is no such file, or it is no radiograph.
    """
    path = image_path(folder, image)
    if not path.is_file():
        msg = f"{image}: Expected a file below {IMAGE_FOLDER}/, got none. Copy it there or correct the name."
        raise RadiographError(msg)
    content = read_content(path, image)
    head = content[:_HEAD_BYTES]
    if is_dicom(head):
        film = read_radiograph(content, source=image)
    elif is_raster(head):
        film = read_raster(content, source=image)
    else:
        msg = f"{image}: Expected a DICOM, PNG, JPEG or TIFF file, got something else. Export the radiograph again."
        raise RadiographError(msg)
    return replace(
        film, uid=image, patient_key=patient, acquired_on=taken_on, study_uid=None, spacing=film.spacing or spacing
    )
