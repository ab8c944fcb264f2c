"""What the rest of the package needs to know of DICOM objects: that there are some, and their bytes."""

from io import BytesIO
from typing import TypeAlias

from pydicom import Dataset, dcmwrite

DicomObject: TypeAlias = Dataset


def to_bytes(made: DicomObject) -> bytes:
    """Return an object as the content of a DICOM file."""
    stream = BytesIO()
    dcmwrite(stream, made, enforce_file_format=True)
    return stream.getvalue()
