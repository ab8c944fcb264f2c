import builtins
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.datadict import tag_for_keyword
from pydicom.uid import EncapsulatedPDFStorage, SecondaryCaptureImageStorage

from msasss.anatomy import Region
from msasss.dicom.confidential_elements import EMPTIED, REMOVED, SHARED_UIDS
from msasss.dicom.deidentify import (
    Change,
    Deidentified,
    ElementChange,
    burned_in_warnings,
    deidentify,
    deidentify_file,
    new_seed,
)
from msasss.dicom.report_reading import reading_from_report
from msasss.dicom.structured_report import structured_report
from msasss.errors import RadiographError, UsageError
from msasss.exam import Exam
from support.dicom_exams import film_headers, uid_of

SECRETS = (
    "Roe",
    "Jane",
    "PAT-4711",
    "19631105",
    "Dr. House",
    "Little Town Hospital",
    "ring finger",
    "SN-0815",
    "note-42",
)
SEED = "a secret"


@pytest.fixture
def film(tmp_path: Path) -> Dataset:
    """A cervical film full of made-up secrets: names, dates, comments, nested items, private elements, an overlay."""
    film_headers(tmp_path)
    film = dcmread(tmp_path / "cervical.dcm")
    film.PatientName, film.PatientID, film.PatientBirthDate, film.PatientSex = "Roe^Jane", "PAT-4711", "19631105", "F"
    film.PatientComments = "lost a ring finger"
    film.ReferringPhysicianName, film.InstitutionName = "Dr. House", "Little Town Hospital"
    film.DeviceSerialNumber, film.StudyDescription = "SN-0815", "for Jane Roe"
    request = Dataset()
    request.RequestedProcedureID, request.RequestedProcedureDescription = "note-42", "of Jane Roe"
    film.RequestAttributesSequence = [request]
    film.private_block(0x0029, "VENDOR", create=True).add_new(0x10, "LO", "Jane Roe")
    film.add_new(0x60003000, "OW", b"\0\0")
    film.preamble = b"II*\0Jane Roe".ljust(128, b"\0")
    return film


@pytest.fixture
def result(film: Dataset) -> Deidentified:
    return deidentify(film, SEED)


def test_no_secret_is_left(result: Deidentified, tmp_path: Path) -> None:
    result.dataset.save_as(tmp_path / "out.dcm", enforce_file_format=True)
    content = (tmp_path / "out.dcm").read_bytes()
    assert [secret for secret in SECRETS if secret.encode() in content] == []


def test_original_is_left_as_it_was(film: Dataset) -> None:
    before = deepcopy(film)
    deidentify(film, SEED)
    assert film == before
    assert film.preamble == before.preamble


def test_account_names_the_changes_and_no_value(result: Deidentified) -> None:
    changes = {change.element: change.change for change in result.changes}
    assert changes["PatientName"] is Change.REPLACED
    assert changes["PatientComments"] is Change.REMOVED
    assert changes["RequestAttributesSequence"] is Change.REMOVED
    assert changes["RequestAttributesSequence.RequestedProcedureID"] is Change.REMOVED
    assert changes["(0029,1010)"] is Change.REMOVED
    assert changes["OverlayData"] is Change.REMOVED
    assert changes["DeidentificationMethod"] is Change.ADDED
    assert "PatientSex" not in changes
    assert "PixelData" not in changes
    assert [secret for secret in SECRETS if secret in repr((result.changes, result.warnings))] == []


def test_changes_at_many_places_are_counted(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    changes = deidentify(structured_report(exam, headers), SEED).changes
    tracking = [change for change in changes if change.element == "ContentSequence.ContentSequence.ContentSequence.UID"]
    assert tracking == [ElementChange("ContentSequence.ContentSequence.ContentSequence.UID", Change.REPLACED, 25)]


def test_pixels_and_what_scoring_needs_stay(film: Dataset, result: Deidentified) -> None:
    assert result.dataset.PixelData == film.PixelData
    for keyword in ("SOPClassUID", "ImagerPixelSpacing", "PatientOrientation", "BodyPartExamined", "WindowWidth"):
        assert result.dataset[keyword].value == film[keyword].value


def test_sex_stays_and_the_birth_date_is_shifted(film: Dataset, result: Deidentified) -> None:
    assert result.dataset.PatientSex == "F"
    assert 19600000 < int(result.dataset.PatientBirthDate) < int(film.PatientBirthDate)


def test_object_says_that_it_was_deidentified(result: Deidentified) -> None:
    assert result.dataset.PatientIdentityRemoved == "YES"
    assert list(result.dataset.DeidentificationMethod) == ["DICOGNITO", "msasss"]
    assert result.dataset.LongitudinalTemporalInformationModified == "MODIFIED"


def test_film_and_report_stay_together(exam: Exam, headers: Mapping[str, Dataset], tmp_path: Path) -> None:
    film_headers(tmp_path)
    film = deidentify(dcmread(tmp_path / "cervical.dcm"), SEED).dataset
    report = deidentify(structured_report(exam, headers), SEED).dataset
    assert film.SOPInstanceUID != uid_of(headers, Region.CERVICAL)
    assert reading_from_report(report).images[Region.CERVICAL] == film.SOPInstanceUID
    assert (report.StudyInstanceUID, report.PatientID) == (film.StudyInstanceUID, film.PatientID)


def test_report_keeps_its_findings_and_its_coding_scheme(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    original = structured_report(exam, headers)
    report = deidentify(original, SEED).dataset
    assert reading_from_report(report).findings == exam.reading.findings
    scheme = report.CodingSchemeIdentificationSequence[0].CodingSchemeUID
    assert scheme == original.CodingSchemeIdentificationSequence[0].CodingSchemeUID


def test_another_seed_gives_another_patient(film: Dataset, result: Deidentified) -> None:
    other = deidentify(film, "another secret").dataset
    assert other.PatientID != result.dataset.PatientID
    assert other.SOPInstanceUID != result.dataset.SOPInstanceUID


def test_drawn_seeds_differ() -> None:
    assert new_seed() != new_seed()


def test_malformed_date_is_emptied(film: Dataset) -> None:
    with pytest.warns(UserWarning, match="Invalid value for VR DA"):
        film.StudyDate = "in May"
    assert deidentify(film, SEED).dataset.StudyDate == ""


def test_empty_seed_is_refused(film: Dataset) -> None:
    with pytest.raises(UsageError, match="Expected a secret seed, got an empty one"):
        deidentify(film, "")


def test_missing_package_is_named(film: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def without_dicognito(name: str, *args: object, **kwargs: object) -> object:
        if name.startswith("dicognito"):
            raise ImportError(name)
        return importing(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_dicognito)
    with pytest.raises(UsageError, match=r"Install msasss\[deidentify\]"):
        deidentify(film, SEED)


def test_file_is_written_beside_the_original(tmp_path: Path) -> None:
    film_headers(tmp_path)
    original = (tmp_path / "lumbar.dcm").read_bytes()
    result = deidentify_file(tmp_path / "lumbar.dcm", tmp_path / "1.dcm", SEED)
    assert dcmread(tmp_path / "1.dcm").PatientID == result.dataset.PatientID != "key-1"
    assert (tmp_path / "lumbar.dcm").read_bytes() == original


def test_original_is_not_overwritten(tmp_path: Path) -> None:
    film_headers(tmp_path)
    with pytest.raises(UsageError, match=r"Expected another file to write to, got lumbar\.dcm for both"):
        deidentify_file(tmp_path / "lumbar.dcm", tmp_path / "." / "lumbar.dcm", SEED)


def test_file_that_is_not_dicom_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"text")
    with pytest.raises(RadiographError, match="x: Expected a DICOM file"):
        deidentify_file(tmp_path / "x", tmp_path / "y", SEED)


def test_damaged_object_is_refused(film: Dataset) -> None:
    del film.file_meta
    with pytest.raises(RadiographError, match="DX: The DICOM file is truncated or damaged"):
        deidentify(film, SEED)


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"BurnedInAnnotation": "YES"}, "The header says that text is burned into the image"),
        ({"BurnedInAnnotation": ""}, "The header does not say whether text is burned"),
        ({"BurnedInAnnotation": "NO", "Modality": "RF"}, "Captured, scanned and fluoroscopic images often"),
        ({"SOPClassUID": SecondaryCaptureImageStorage}, "Captured, scanned and fluoroscopic images often"),
        ({"SOPClassUID": EncapsulatedPDFStorage, "EncapsulatedDocument": b"%PDF"}, "encloses a document"),
    ],
)
def test_text_in_the_pixels_is_warned_of(film: Dataset, values: Mapping[str, object], match: str) -> None:
    for keyword, value in values.items():
        setattr(film, keyword, value)
    found = burned_in_warnings(film)
    assert len(found) == 1
    assert match in found[0]
    assert found[0] in deidentify(film, SEED).warnings


def test_film_that_says_it_has_no_text_is_not_warned_of(result: Deidentified) -> None:
    assert result.warnings == ()


def test_text_inside_a_report_is_warned_of(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    found = deidentify(structured_report(exam, headers), SEED).warnings
    assert len(found) == 1
    assert "texts inside the report" in found[0]


@pytest.mark.parametrize("keyword", sorted({*REMOVED, *EMPTIED, *SHARED_UIDS}))
def test_rule_names_an_element_that_exists(keyword: str) -> None:
    assert tag_for_keyword(keyword) is not None
