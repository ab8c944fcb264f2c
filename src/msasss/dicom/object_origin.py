"""What all objects we write say of where they come from: equipment, software, time, coding schemes."""

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Final

from highdicom import ContributingEquipment
from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import CodedConcept
from pydicom import Dataset
from pydicom.sr.codedict import codes as dicom

from msasss.dicom.codes import (
    RESPONSIBLE,
    SCHEME,
    SCHEME_NAME,
    SCHEME_UID,
    SCHEME_VERSION,
    CodeMap,
)
from msasss.dicom.header import MANUFACTURER, MODEL_NAME
from msasss.dicom.identifiers import device_serial
from msasss.exam import Exam, Provenance

CHARACTER_SET: Final = "ISO_IR 192"
_LONGEST = 64
_LONGEST_TEXT = 1024


def origin(exam: Exam, header: Dataset) -> Mapping[str, Any]:
    """Return what highdicom's constructors take alike: equipment, character set and time of the content."""
    day, time = local_time(exam, header)
    return {
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": MODEL_NAME,
        "software_versions": exam.provenance.software[:_LONGEST],
        "device_serial_number": device_serial(exam.provenance),
        "specific_character_set": CHARACTER_SET,
        "content_date": day,
        "content_time": time,
    }


def local_time(exam: Exam, header: Dataset) -> tuple[str, str]:
    """Return date and time of scoring as DICOM has them, in the time zone of the film or else of this machine."""
    moment = exam.provenance.created_at.astimezone(_zone(header))
    return moment.strftime("%Y%m%d"), moment.strftime("%H%M%S.%f")


def stamp(made: Dataset, exam: Exam, header: Dataset) -> None:
    """Date an object we made, in the film's time zone if it names one, and name the networks that contributed."""
    day, time = local_time(exam, header)
    made.SeriesDate = made.InstanceCreationDate = day
    made.SeriesTime = made.InstanceCreationTime = time
    if _zone(header) is not None:
        made.TimezoneOffsetFromUTC = header.TimezoneOffsetFromUTC
    others = list(made.get("ContributingEquipmentSequence", ()))
    for equipment in others:
        equipment.pop("ContributionDateTime", None)  # highdicom's is the time of the call, at which nothing happened
    made.ContributingEquipmentSequence = [*others, _equipment(exam.provenance)]


def refer_to(made: Dataset, header: Dataset) -> None:
    """Name a film as the source of an image we made (PS3.3 C.7.6.1.1.4)."""
    source = reference(header)
    purpose = CodedConcept.from_code(dicom.DCM.SourceImageForImageProcessingOperation)
    source.PurposeOfReferenceCodeSequence = [purpose]
    made.SourceImageSequence = [source]


def reference(header: Dataset) -> Dataset:
    """Return a reference to a film."""
    item = Dataset()
    item.ReferencedSOPClassUID = header.SOPClassUID
    item.ReferencedSOPInstanceUID = header.SOPInstanceUID
    return item


def patient_and_study(header: Dataset) -> Mapping[str, Any]:
    """Return what highdicom's constructors that take no source image take from the film."""
    return {
        "study_instance_uid": header.StudyInstanceUID,
        "patient_id": header.PatientID,
        "patient_name": header.PatientName,
        "patient_birth_date": header.PatientBirthDate,
        "patient_sex": header.PatientSex,
        "accession_number": header.AccessionNumber,
        "study_id": header.StudyID,
        "study_date": header.StudyDate or None,
        "study_time": header.StudyTime or None,
        "referring_physician_name": header.ReferringPhysicianName,
    }


def split_software(provenance: Provenance) -> tuple[str, str]:
    """Return name and version of the software."""
    name, _, version = provenance.software.rpartition(" ")
    return (name, version) if name else (version, "unknown")


def coding_schemes(codes: CodeMap) -> list[CodingSchemeIdentificationItem]:
    """Return the identification of our private scheme, and of a site's private ones by name alone."""
    own = CodingSchemeIdentificationItem(
        SCHEME, name=SCHEME_NAME, version=SCHEME_VERSION, responsible_organization=RESPONSIBLE
    )
    own.CodingSchemeUID = SCHEME_UID
    others = (scheme for scheme in codes.schemes if scheme.startswith("99"))
    return [own, *(CodingSchemeIdentificationItem(scheme) for scheme in others)]


def _equipment(provenance: Provenance) -> ContributingEquipment:
    weights = "; ".join(f"{network} sha256:{digest}" for network, digest in provenance.weights.items())
    return ContributingEquipment(
        MANUFACTURER,
        dicom.DCM.ProcessingEquipment,
        manufacturer_model_name=MODEL_NAME,
        software_versions=provenance.software[:_LONGEST],
        device_serial_number=device_serial(provenance),
        contribution_description=(f"Weights: {weights}" if weights else "Scoring rules")[:_LONGEST_TEXT],
    )


def _zone(header: Dataset) -> timezone | None:
    text = str(header.get("TimezoneOffsetFromUTC") or "")
    try:
        offset = datetime.strptime(text, "%z").utcoffset()
    except ValueError:
        return None
    return None if offset is None else timezone(offset)
