"""The one place that knows DICOM: radiographs in, and simulated films out."""

from msasss.dicom.dataset import is_dicom
from msasss.dicom.read import read_radiograph
from msasss.dicom.write import write_radiograph

__all__ = ["is_dicom", "read_radiograph", "write_radiograph"]
