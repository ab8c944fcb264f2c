"""The report of an exam, a PDF, as a DICOM object (PS3.3 A.45.1, Encapsulated PDF)."""

import warnings
from collections.abc import Mapping

from highdicom.base import SOPClass
from highdicom.sr import CodedConcept
from pydicom import Dataset
from pydicom.sr.codedict import codes as dicom
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

from msasss.dicom.identifiers import new_uid
from msasss.dicom.object_origin import origin, patient_and_study, reference, stamp
from msasss.dicom.source_headers import source_headers
from msasss.errors import UsageError
from msasss.exam import Exam

SERIES_NUMBER = 9904
TITLE = "mSASSS report"
_MAGIC = b"%PDF-"


def encapsulated_pdf(
    exam: Exam,
    pdf: bytes,
    headers: Mapping[str, Dataset],
    *,
    uid_seed: str | None = None,
) -> Dataset:
    """Return a PDF as an object of the patient and study of the exam's first film, with all films as its sources.

    Args:
        exam: The exam it reports.
        pdf: Content of the PDF file, unchanged in the object.
        headers: Header of each film by its SOP instance UID.
        uid_seed: Text that fixes all UIDs; None draws new ones.

    Raises:
        PairingError: If a film has no DICOM header, or the films are of several patients.
        UsageError: If the bytes are no PDF.
    """
    if not pdf.startswith(_MAGIC):
        msg = f"Expected a PDF, got bytes that begin with {pdf[:5]!r}. Give the report as it was written."
        raise UsageError(msg)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names and dates of the source that are unusual, and inherited as they are
        sources = source_headers(exam, headers)
        document = SOPClass(
            series_instance_uid=new_uid(uid_seed, "series", "DOC"),
            series_number=SERIES_NUMBER,
            sop_instance_uid=new_uid(uid_seed, "instance", "DOC"),
            sop_class_uid=EncapsulatedPDFStorage,
            instance_number=1,
            modality="DOC",
            transfer_syntax_uid=ExplicitVRLittleEndian,
            series_description=TITLE,
            **patient_and_study(sources[0]),
            **origin(exam, sources[0]),
        )
        document.copy_patient_and_study_information(sources[0])
        _enclose(document, pdf, sources)
        stamp(document, exam, sources[0])
        return document


def _enclose(document: SOPClass, pdf: bytes, sources: tuple[Dataset, ...]) -> None:
    document.ConversionType = "WSD"
    document.AcquisitionDateTime = ""
    document.BurnedInAnnotation = "YES"  # a report names its patient
    document.DocumentTitle = TITLE
    document.ConceptNameCodeSequence = [CodedConcept.from_code(dicom.LN.DiagnosticImagingReport)]
    document.SourceInstanceSequence = [reference(header) for header in sources]
    document.MIMETypeOfEncapsulatedDocument = "application/pdf"
    document.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    document.EncapsulatedDocumentLength = len(pdf)
