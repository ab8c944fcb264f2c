"""A scored exam as a DICOM structured report: TID 1500 Measurement Report, Comprehensive 3D SR by default.

report = structured_report(exam, read_headers(paths))
report.save_as("report.dcm", enforce_file_format=True)
assert reading_from_report(report) == exam.reading
"""

import warnings
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import Enum

from highdicom import sr
from highdicom.base import SOPClass
from pydicom import Dataset
from pydicom.sr.codedict import codes as dicom
from pydicom.uid import Comprehensive3DSRStorage, ComprehensiveSRStorage, ExplicitVRLittleEndian

from msasss.anatomy import Region
from msasss.dicom.codes import PRIVATE_CODES, CodeMap
from msasss.dicom.identifiers import device_serial, device_uid, new_uid
from msasss.dicom.object_origin import coding_schemes, origin, patient_and_study, reference, split_software, stamp
from msasss.dicom.report_groups import GroupContext, corner_group, totals_group
from msasss.dicom.report_items import REGION_CODE, packed, person_name
from msasss.dicom.report_reading import reading_from_report
from msasss.dicom.source_headers import source_headers
from msasss.exam import Exam
from msasss.reading import ReaderKind

__all__ = ["ReportKind", "reading_from_report", "structured_report"]

SERIES_NUMBER = 9901


class ReportKind(Enum):
    """The storage class of a report. COMPREHENSIVE is for archives that do not accept the newer class."""

    COMPREHENSIVE_3D = "comprehensive-3d"
    COMPREHENSIVE = "comprehensive"


_CLASS = {
    ReportKind.COMPREHENSIVE_3D: Comprehensive3DSRStorage,
    ReportKind.COMPREHENSIVE: ComprehensiveSRStorage,
}


def structured_report(
    exam: Exam,
    headers: Mapping[str, Dataset],
    *,
    kind: ReportKind = ReportKind.COMPREHENSIVE_3D,
    codes: CodeMap = PRIVATE_CODES,
    uid_seed: str | None = None,
) -> Dataset:
    """Return the structured report of an exam; `reading_from_report` gives back its reading, all of it.

    Args:
        exam: A scored exam; regions that were not read stay out.
        headers: Header of each film by its SOP instance UID. The report belongs to the patient and study of the first
            film, cervical before lumbar, and names all films as its evidence.
        kind: Storage class.
        codes: The site's own codes for our terms.
        uid_seed: Text that fixes all UIDs; None draws new ones.

    Raises:
        PairingError: If a film has no DICOM header, or the films are of several patients.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names and dates of the source that are unusual, and inherited as they are
        sources = source_headers(exam, headers)
        report = SOPClass(
            series_instance_uid=new_uid(uid_seed, "series", "SR"),
            series_number=SERIES_NUMBER,
            sop_instance_uid=new_uid(uid_seed, "instance", "SR", kind.value),
            sop_class_uid=_CLASS[kind],
            instance_number=1,
            modality="SR",
            transfer_syntax_uid=ExplicitVRLittleEndian,
            series_description="mSASSS report",
            coding_schemes=coding_schemes(codes),
            **patient_and_study(sources[0]),
            **origin(exam, sources[0]),
        )
        report.copy_patient_and_study_information(sources[0])
        report.update(_content(exam, sources, codes, uid_seed)[0])
        _describe(report, exam, sources)
        return report


def _describe(report: Dataset, exam: Exam, sources: tuple[Dataset, ...]) -> None:
    """Add what a report says of itself (PS3.3 C.17.2): no person has verified it."""
    report.CompletionFlag, report.PreliminaryFlag, report.VerificationFlag = "COMPLETE", "PRELIMINARY", "UNVERIFIED"
    report.PerformedProcedureCodeSequence = []
    report.ReferencedPerformedProcedureStepSequence = []
    # Viewers refuse a report without evidence of the current procedure.
    report.CurrentRequestedProcedureEvidenceSequence = list(_evidence(sources, of_study=True))
    if others := list(_evidence(sources, of_study=False)):
        report.PertinentOtherEvidenceSequence = others
    if exam.reading.read_at is not None:
        report.ObservationDateTime = _moment(exam.reading.read_at)
    stamp(report, exam, sources[0])


def _evidence(sources: tuple[Dataset, ...], *, of_study: bool) -> Iterator[Dataset]:
    """Yield references to the films of the report's own study, or of others, by study and series."""
    studies: dict[str, dict[str, dict[str, Dataset]]] = {}
    for header in sources:
        if (header.StudyInstanceUID == sources[0].StudyInstanceUID) is of_study:
            series = studies.setdefault(header.StudyInstanceUID, {}).setdefault(header.SeriesInstanceUID, {})
            series[header.SOPInstanceUID] = reference(header)
    for study_uid, series_of_study in studies.items():
        study = Dataset()
        study.StudyInstanceUID = study_uid
        study.ReferencedSeriesSequence = [_series(uid, films) for uid, films in series_of_study.items()]
        yield study


def _series(uid: str, films: Mapping[str, Dataset]) -> Dataset:
    series = Dataset()
    series.SeriesInstanceUID = uid
    series.ReferencedSOPSequence = list(films.values())
    return series


def _content(exam: Exam, sources: tuple[Dataset, ...], codes: CodeMap, uid_seed: str | None) -> sr.MeasurementReport:
    by_region = {film.region: header for film, header in zip(exam.films, sources, strict=True)}
    context = GroupContext(exam, by_region, codes, _algorithm(exam), uid_seed)
    report = sr.MeasurementReport(
        observation_context=_observer(exam),
        procedure_reported=dicom.SCT.PlainRadiography,
        imaging_measurements=[
            *(corner_group(context, finding.corner) for finding in exam.reading),
            totals_group(context),
        ],
        title=dicom.DCM.ImagingMeasurementReport,
    )
    # Before the measurements, as TID 1500 orders them. highdicom's own library needs attributes that films may lack.
    report[0].ContentSequence.insert(len(report[0].ContentSequence) - 1, _image_library(by_region))
    return report


def _observer(exam: Exam) -> sr.ObservationContext:
    reader = exam.reading.reader
    if reader.kind is not ReaderKind.MODEL:
        person = sr.PersonObserverIdentifyingAttributes(person_name(reader.id))
        return sr.ObservationContext(observer_person_context=sr.ObserverContext(dicom.DCM.Person, person))
    device = sr.DeviceObserverIdentifyingAttributes(
        uid=device_uid(exam.provenance),
        name=packed(reader.id),
        manufacturer_name="The msasss developers",
        model_name=exam.provenance.software,
        serial_number=device_serial(exam.provenance),
    )
    return sr.ObservationContext(observer_device_context=sr.ObserverContext(dicom.DCM.Device, device))


def _algorithm(exam: Exam) -> sr.AlgorithmIdentification:
    name, version = split_software(exam.provenance)
    weights = [f"weights {network} sha256:{digest}" for network, digest in exam.provenance.weights.items()]
    by_network = exam.reading.reader.kind is ReaderKind.MODEL
    return sr.AlgorithmIdentification(
        name=name,
        version=version,
        parameters=[f"scheme {exam.scheme.name}", *weights],
        family=dicom.DCM.ArtificialIntelligence if by_network else None,
    )


def _image_library(headers: Mapping[Region, Dataset]) -> sr.ContainerContentItem:
    contains = sr.RelationshipTypeValues.CONTAINS
    group = sr.ContainerContentItem(dicom.DCM.ImageLibraryGroup, template_id="1601", relationship_type=contains)
    group.ContentSequence = sr.ContentSequence([_library_entry(region, header) for region, header in headers.items()])
    library = sr.ContainerContentItem(dicom.DCM.ImageLibrary, template_id="1600", relationship_type=contains)
    library.ContentSequence = sr.ContentSequence([group])
    return library


def _library_entry(region: Region, header: Dataset) -> sr.ImageContentItem:
    context = sr.RelationshipTypeValues.HAS_ACQ_CONTEXT
    image = sr.ImageContentItem(
        name=dicom.DCM.SourceOfMeasurement,
        referenced_sop_class_uid=header.SOPClassUID,
        referenced_sop_instance_uid=header.SOPInstanceUID,
        relationship_type=sr.RelationshipTypeValues.CONTAINS,
    )
    image.ContentSequence = sr.ContentSequence(
        [
            sr.CodeContentItem(dicom.DCM.TargetRegion, REGION_CODE[region], context),
            sr.CodeContentItem(dicom.DCM.ImageView, dicom.SCT.LateralProjection, context),
        ]
    )
    return image


def _moment(read_at: datetime) -> str:
    """Return a time in UTC to the microsecond (PS3.5 6.2, VR DT)."""
    return read_at.strftime("%Y%m%d%H%M%S.%f+0000").rjust(26, "0")
