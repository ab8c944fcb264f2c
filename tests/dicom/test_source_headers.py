import warnings
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import Dataset

from msasss.dicom.source_headers import read_header, read_headers, source_header, source_headers
from msasss.errors import PairingError, RadiographError
from msasss.exam import Exam
from support.dicom_exams import film_headers


def altered(headers: Mapping[str, Dataset], number: int, **values: str) -> dict[str, Dataset]:
    copies = {uid: deepcopy(header) for uid, header in headers.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the malformed values that some tests are about
        for keyword, value in values.items():
            setattr(list(copies.values())[number], keyword, value)
    return copies


def test_header_has_no_pixels(tmp_path: Path) -> None:
    film_headers(tmp_path)
    header = read_header(tmp_path / "cervical.dcm")
    assert "PixelData" not in header
    assert header.Rows == 600


def test_headers_of_bytes_and_files_are_alike(tmp_path: Path) -> None:
    film_headers(tmp_path)
    path = tmp_path / "lumbar.dcm"
    assert read_headers([path.read_bytes()]) == read_headers([path])


def test_header_of_no_dicom_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.dcm").write_bytes(b"not DICOM")
    with pytest.raises(RadiographError, match=r"x\.dcm: Expected a DICOM file"):
        read_header(tmp_path / "x.dcm")


def test_headers_come_cervical_first(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    turned = dict(reversed(headers.items()))
    assert [header.BodyPartExamined for header in source_headers(exam, turned)] == ["CSPINE", "LSPINE"]


def test_film_without_header_is_refused(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    with pytest.raises(PairingError, match=r"lumbar\.dcm: Expected the DICOM header of the film .*, got none"):
        source_headers(exam, dict([next(iter(headers.items()))]))


def test_header_of_another_film_is_refused(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    cervical, lumbar = headers
    with pytest.raises(PairingError, match=r"cervical\.dcm: Expected the DICOM header"):
        source_headers(exam, {cervical: headers[lumbar], lumbar: headers[lumbar]})


def test_films_of_two_patients_are_refused(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    with pytest.raises(PairingError, match=r"got headers with 2 patient identifiers") as caught:
        source_headers(exam, altered(headers, 1, PatientID="somebody-else"))
    assert "somebody" not in str(caught.value)


def test_header_without_series_is_refused(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    with pytest.raises(PairingError, match=r"cervical\.dcm: Expected a header with .*got no SeriesInstanceUID"):
        source_headers(exam, altered(headers, 0, SeriesInstanceUID=""))


def test_absent_and_malformed_patient_attributes_become_empty(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    worn = altered(headers, 0, PatientSex="X", StudyTime="noon")
    first = next(iter(worn.values()))
    del first.AccessionNumber, first.PatientName
    header = source_header(exam.films[0], worn)
    assert (header.PatientSex, header.StudyTime, header.AccessionNumber, str(header.PatientName)) == ("", "", "", "")
    assert first.PatientSex == "X"


def test_well_formed_attributes_stay(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    full = altered(headers, 0, PatientSex="F", PatientBirthDate="19700229", StudyTime="235959.5")
    header = source_header(exam.films[0], full)
    assert (header.PatientSex, header.PatientBirthDate, header.StudyTime) == ("F", "19700229", "235959.5")


def test_file_name_in_place_of_a_uid_has_no_header(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    film = replace(exam.films[0], uid="scan.png", source="scan.png")
    with pytest.raises(PairingError, match=r"scan\.png: .*export the result as JSON, CSV or FHIR"):
        source_header(film, headers)
