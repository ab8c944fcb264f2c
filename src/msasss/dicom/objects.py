"""What the rest of the package needs to know of DICOM objects: their bytes, their names, whether we made them."""

import warnings
from io import BytesIO
from typing import TypeAlias

from pydicom import Dataset, dcmwrite

from msasss.dicom.dataset import READ_FAULTS
from msasss.dicom.object_origin import MANUFACTURER, MODEL_NAME

DicomObject: TypeAlias = Dataset


def to_bytes(made: DicomObject) -> bytes:
    """Return an object as the content of a DICOM file."""
    stream = BytesIO()
    dcmwrite(stream, made, enforce_file_format=True)
    return stream.getvalue()


def is_own_result(header: DicomObject) -> bool:
    """Say whether an object was made by this package; a PACS may send us our own overlays back as films."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unusual values; whoever reads the rest will say what is wrong
        try:
            return (header.get("Manufacturer"), header.get("ManufacturerModelName")) == (MANUFACTURER, MODEL_NAME)
        except READ_FAULTS:
            return False
