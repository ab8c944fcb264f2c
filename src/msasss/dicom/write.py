"""A film as a DICOM object: Digital X-Ray Image Storage, for presentation."""

import uuid
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from msasss.anatomy import Region
from msasss.imaging.landmarks import Facing

# Name-based identifiers of one seed are the same on every machine (RFC 9562, 5.5).
_NAMESPACE: Final = uuid.UUID("5d0a3ae4-7f5c-5b1c-9a54-3b6f0b9f3a11")
_IMPLEMENTATION: Final = UID("2.25.123763914157829614190372851029384756")

_BODY_PART: Final = {Region.CERVICAL: "CSPINE", Region.LUMBAR: "LSPINE"}
_REGION_CODE: Final = {
    Region.CERVICAL: ("122494005", "Cervical spine"),
    Region.LUMBAR: ("122496007", "Lumbar spine"),
}
_DESCRIPTION: Final = {Region.CERVICAL: "Cervical spine lateral", Region.LUMBAR: "Lumbar spine lateral"}


def write_radiograph(
    path: Path,
    pixels: npt.NDArray[np.float32],
    *,
    spacing_mm: float,
    patient_id: str,
    study_date: date,
    region: Region,
    patient_name: str = "Simulated^Patient",
    facing: Facing | None = None,
    magnification: float | None = None,
    uid_seed: str | None = None,
    bits: int = 12,
    photometric: str = "MONOCHROME2",
) -> None:
    """Write a simulated film as a valid DX object, uncompressed.

    Args:
        path: File to write.
        pixels: (H, W) in [0, 1], bone bright.
        spacing_mm: Spacing at the detector plane, written as `ImagerPixelSpacing`.
        patient_id: Made-up identifier.
        study_date: Day of the exposure.
        region: Written as body part; readers do not trust it.
        patient_name: Made-up name in DICOM form.
        facing: Where the front of the patient points, written as `PatientOrientation`; None writes it empty.
        magnification: Detector over object size; if given, the calibrated `PixelSpacing` is written too.
        uid_seed: Text that fixes all UIDs, together with patient, date and region; None draws new ones.
        bits: Bits stored, 8 to 16.
        photometric: MONOCHROME2, or MONOCHROME1 to store the inverse.
    """
    film = Dataset()
    _add_patient_and_study(film, patient_id, patient_name, study_date)
    _add_region(film, region, facing)
    _add_equipment(film)
    _add_spacing(film, spacing_mm, magnification)
    _add_pixels(film, pixels, bits=bits, photometric=photometric)
    _add_uids(film, uid_seed, patient_id, region)
    film.file_meta = _file_meta(film)
    film.save_as(path, enforce_file_format=True)


def _add_patient_and_study(film: Dataset, patient_id: str, patient_name: str, study_date: date) -> None:
    film.PatientID, film.PatientName = patient_id, patient_name
    film.PatientBirthDate, film.PatientSex = "", ""
    day = study_date.strftime("%Y%m%d")
    film.StudyDate = film.SeriesDate = film.AcquisitionDate = film.ContentDate = day
    film.StudyTime = film.SeriesTime = film.AcquisitionTime = film.ContentTime = "120000"
    film.StudyID, film.AccessionNumber, film.ReferringPhysicianName = "1", "", ""


def _add_region(film: Dataset, region: Region, facing: Facing | None) -> None:
    film.BodyPartExamined = _BODY_PART[region]
    film.AnatomicRegionSequence = [_code(*_REGION_CODE[region])]
    film.ViewPosition = "LL"
    view = _code("399173006", "left lateral")
    view.ViewModifierCodeSequence = []
    film.ViewCodeSequence = [view]
    film.SeriesDescription = _DESCRIPTION[region]
    # Rows run to the front of the patient if it is on the right, columns to the feet (PS3.3 C.7.6.1.1.1).
    film.PatientOrientation = "" if facing is None else ["A" if facing is Facing.RIGHT else "P", "F"]
    film.ImageLaterality = "U"
    film.SeriesNumber = film.InstanceNumber = 1 if region is Region.CERVICAL else 2
    film.AcquisitionContextSequence = []


def _add_equipment(film: Dataset) -> None:
    film.Modality = "DX"
    film.PresentationIntentType = "FOR PRESENTATION"
    film.Manufacturer = "msasss"
    film.ManufacturerModelName = "msasss simulation"
    film.DeviceSerialNumber = "0"
    film.SoftwareVersions = _software()
    film.ImageType = ["DERIVED", "PRIMARY"]
    film.DerivationDescription = "Simulated radiograph, no patient"
    film.PositionerType = "NONE"
    film.DetectorType = "DIRECT"
    film.BurnedInAnnotation = "NO"
    film.LossyImageCompression = "00"


def _add_spacing(film: Dataset, spacing_mm: float, magnification: float | None) -> None:
    film.ImagerPixelSpacing = [round(spacing_mm, 6)] * 2
    if magnification is None:
        return
    film.EstimatedRadiographicMagnificationFactor = round(magnification, 6)
    film.PixelSpacing = [round(spacing_mm / magnification, 6)] * 2
    film.PixelSpacingCalibrationType = "GEOMETRY"
    film.PixelSpacingCalibrationDescription = "Known geometry of the simulation"


def _add_pixels(film: Dataset, pixels: npt.NDArray[np.float32], *, bits: int, photometric: str) -> None:
    full_scale = 2**bits - 1
    stored = np.rint(np.clip(pixels, 0, 1) * full_scale).astype(np.uint16)
    inverted = photometric == "MONOCHROME1"
    film.PhotometricInterpretation = photometric
    film.PresentationLUTShape = "INVERSE" if inverted else "IDENTITY"
    film.Rows, film.Columns = stored.shape
    film.SamplesPerPixel, film.PixelRepresentation = 1, 0
    film.BitsAllocated, film.BitsStored, film.HighBit = (8 if bits == 8 else 16), bits, bits - 1
    film.PixelIntensityRelationship, film.PixelIntensityRelationshipSign = "LOG", 1 if inverted else -1
    film.RescaleIntercept, film.RescaleSlope, film.RescaleType = 0, 1, "US"
    film.WindowCenter, film.WindowWidth = (full_scale + 1) / 2, full_scale + 1
    values = full_scale - stored if inverted else stored
    film.PixelData = values.astype(np.uint8 if bits == 8 else "<u2").tobytes()
    if len(film.PixelData) % 2:
        film.PixelData += b"\0"
    film["PixelData"].VR = "OB" if bits == 8 else "OW"


def _add_uids(film: Dataset, seed: str | None, patient_id: str, region: Region) -> None:
    visit = (seed, patient_id, film.StudyDate)
    film.StudyInstanceUID = _uid(seed, *visit, "study")
    film.SeriesInstanceUID = _uid(seed, *visit, region.value, "series")
    film.SOPInstanceUID = _uid(seed, *visit, region.value, "image")
    film.SOPClassUID = DigitalXRayImageStorageForPresentation


def _uid(seed: str | None, *names: str | None) -> UID:
    identifier = uuid.uuid4() if seed is None else uuid.uuid5(_NAMESPACE, "\0".join(map(str, names)))
    return UID(f"2.25.{identifier.int}")


def _file_meta(film: Dataset) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = film.SOPClassUID
    meta.MediaStorageSOPInstanceUID = film.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = _IMPLEMENTATION
    meta.ImplementationVersionName = "MSASSS"
    return meta


def _code(value: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, "SCT", meaning
    return code


def _software() -> str:
    try:
        return version("msasss")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "unknown"
