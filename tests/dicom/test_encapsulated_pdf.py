from collections.abc import Mapping
from pathlib import Path

import pytest
from pydicom import Dataset

from msasss.anatomy import Region
from msasss.dicom.encapsulated_pdf import encapsulated_pdf
from msasss.errors import UsageError
from msasss.exam import Exam
from support.dicom_exams import saved, uid_of, validator_says

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"


@pytest.mark.parametrize("pdf", [PDF, PDF + b"\n"])
def test_validator_finds_no_error(exam: Exam, headers: Mapping[str, Dataset], tmp_path: Path, pdf: bytes) -> None:
    assert validator_says(encapsulated_pdf(exam, pdf, headers), tmp_path) == ([], [])


@pytest.mark.parametrize("pdf", [PDF, PDF + b"\n"])
def test_bytes_of_the_pdf_are_kept(exam: Exam, headers: Mapping[str, Dataset], tmp_path: Path, pdf: bytes) -> None:
    document = saved(encapsulated_pdf(exam, pdf, headers), tmp_path)
    assert document.EncapsulatedDocument[: document.EncapsulatedDocumentLength] == pdf
    assert len(document.EncapsulatedDocument) % 2 == 0


def test_films_are_its_sources(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    document = encapsulated_pdf(exam, PDF, headers)
    film = headers[uid_of(headers, Region.CERVICAL)]
    assert {item.ReferencedSOPInstanceUID for item in document.SourceInstanceSequence} == set(headers)
    assert (document.StudyInstanceUID, document.PatientID) == (film.StudyInstanceUID, film.PatientID)
    assert document.ContributingEquipmentSequence[-1].SoftwareVersions == "msasss 0.1.0"


def test_one_seed_makes_one_object(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    assert encapsulated_pdf(exam, PDF, headers, uid_seed="a") == encapsulated_pdf(exam, PDF, headers, uid_seed="a")


def test_bytes_that_are_no_pdf_are_refused(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    with pytest.raises(UsageError, match=r"Expected a PDF, got bytes that begin with b'<html'"):
        encapsulated_pdf(exam, b"<html>", headers)
