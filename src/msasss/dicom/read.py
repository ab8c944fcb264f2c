"""A DICOM file as a radiograph."""

import warnings
from pathlib import Path

from pydicom import Dataset

from msasss.dicom.dataset import READ_FAULTS, damaged, parse
from msasss.dicom.header import acquired_on, check_radiograph, claimed_region, patient_key, uid_text
from msasss.dicom.pixels import bone_bright_pixels
from msasss.dicom.spacing import pixel_spacing
from msasss.imaging.content import read_content
from msasss.imaging.radiograph import Radiograph


def read_radiograph(file: Path | str | bytes, *, source: str | None = None) -> Radiograph:
    """Read a single-frame DX, CR, RF or secondary capture image of any common transfer syntax.

    Args:
        file: Path of the file, or its content.
        source: Name for messages and results; by default the file name without its folder.

    Raises:
        NoImageError: If the object is of a kind that holds no image, such as a report or a DICOMDIR, or is a result of
            ours.
        RadiographError: If the file is unreadable, damaged, or no single grey radiograph.
    """
    name = source or ("radiograph" if isinstance(file, bytes) else Path(file).name)
    content = file if isinstance(file, bytes) else read_content(Path(file), name)
    dataset = parse(content, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom warns of each unusual value; ours are checked where they are used
            return _radiograph(dataset, name)
    except READ_FAULTS as error:
        raise damaged(name) from error


def _radiograph(dataset: Dataset, source: str) -> Radiograph:
    check_radiograph(dataset, source)
    return Radiograph(
        spacing=pixel_spacing(dataset, source),
        pixels=bone_bright_pixels(dataset, source),
        source=source,
        uid=uid_text(dataset, "SOPInstanceUID"),
        study_uid=uid_text(dataset, "StudyInstanceUID") or None,
        patient_key=patient_key(dataset),
        acquired_on=acquired_on(dataset),
        claimed_region=claimed_region(dataset),
    )
