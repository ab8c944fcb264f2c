from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import highdicom as hd
import pytest
from pydicom import Dataset
from pydicom.sr.codedict import codes as dicom

from msasss.anatomy import Region, corners_of
from msasss.dicom.codes import SCHEME, Term, private_code
from msasss.dicom.structured_report import ReportKind, structured_report
from msasss.errors import PairingError
from msasss.exam import Exam
from msasss.imaging import Landmarks, Point, VertebraLandmarks
from msasss.reading import Reader, ReaderKind
from msasss.scoring import MissingKind, MissingPolicy
from support.dicom_exams import NOT_FOUND, WEIGHTS, exam_of, model_reading, saved, uid_of, validator_says
from support.exams import column


@pytest.fixture(scope="module")
def report(exam: Exam, headers: Mapping[str, Dataset], tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The report of the module's exam, read from a file."""
    return saved(structured_report(exam, headers), tmp_path_factory.mktemp("report"))


def groups_of(report: Dataset) -> dict[str, Dataset]:
    """Measurement groups by their tracking identifier."""
    measurements = report.ContentSequence[-1].ContentSequence
    return {named(group, "112039").TextValue: group for group in measurements}


def items(group: Dataset, code: str) -> list[Dataset]:
    return [item for item in group.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == code]


def named(group: Dataset, code: str) -> Dataset:
    found = items(group, code)
    assert len(found) == 1, f"{len(found)} items {code}"
    return found[0]


def number(group: Dataset, term: Term) -> float:
    return float(named(group, term.value).MeasuredValueSequence[0].NumericValue)


def answer(group: Dataset, term: Term) -> str:
    return str(named(group, term.value).ConceptCodeSequence[0].CodeValue)


def texts(report: Dataset, code: str) -> list[str]:
    return [item.TextValue for item in items(report, code)]


@pytest.mark.parametrize("kind", ReportKind)
def test_validator_finds_no_error(exam: Exam, headers: Mapping[str, Dataset], tmp_path: Path, kind: ReportKind) -> None:
    assert validator_says(structured_report(exam, headers, kind=kind), tmp_path) == ([], [])


def test_validator_finds_no_error_in_a_persons_reading_of_one_film_without_points(
    headers: Mapping[str, Dataset], tmp_path: Path
) -> None:
    reading = replace(model_reading(headers, [Region.LUMBAR]), reader=Reader(ReaderKind.HUMAN, "r1"), read_at=None)
    exam = exam_of(reading, landmarks={}, weights={})
    assert validator_says(structured_report(exam, headers), tmp_path) == ([], [])


def test_storage_class_follows_the_kind(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    classes = [str(structured_report(exam, headers, kind=kind).SOPClassUID) for kind in ReportKind]
    assert classes == ["1.2.840.10008.5.1.4.1.1.88.34", "1.2.840.10008.5.1.4.1.1.88.33"]


def test_there_is_one_group_for_each_corner_and_one_for_the_totals(report: Dataset) -> None:
    assert len(groups_of(report)) == 25
    assert list(groups_of(report))[:2] == ["C2-inferior-anterior", "C3-superior-anterior"]
    assert list(groups_of(report))[-1] == "mSASSS"


def test_region_not_read_stays_out(headers: Mapping[str, Dataset]) -> None:
    exam = exam_of(model_reading(headers, [Region.CERVICAL]))
    report = structured_report(exam, headers)
    assert len(groups_of(report)) == 13
    assert not [name for name in groups_of(report) if name.startswith("L")]
    assert uid_of(headers, Region.LUMBAR) not in str(report)


def test_found_corner_has_its_point_in_dicoms_frame(exam: Exam, report: Dataset) -> None:
    for name, group in groups_of(report).items():
        vertebra_endplate = " ".join(name.split("-")[:2])
        if name == "mSASSS" or vertebra_endplate in NOT_FOUND:
            continue
        corner = next(finding.corner for finding in exam.reading if str(finding.corner) == vertebra_endplate)
        film = exam.film(corner.region)
        assert film is not None
        assert film.landmarks is not None
        point = film.landmarks.corner(corner)
        assert point is not None
        region = named(group, "111030")
        assert (region.ValueType, region.GraphicType) == ("SCOORD", "POINT")
        assert list(region.GraphicData) == [point.x, point.y]
        assert region.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == film.uid


def test_corner_that_was_not_found_has_no_point_and_is_not_visualized(report: Dataset) -> None:
    for name in NOT_FOUND:
        group = groups_of(report)[f"{name.replace(' ', '-')}-anterior"]
        assert not items(group, "111030")
        assert not items(group, "GRADE")
        assert not items(group, "BRIDGE")
        reason = named(group, "NOT-SCORED").ConceptCodeSequence[0]
        assert (reason.CodeValue, reason.CodingSchemeDesignator) == ("122288", "DCM")


def test_point_beside_the_film_is_left_out(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    even = column(Region.CERVICAL)
    beside = [
        VertebraLandmarks(item.vertebra, Point(-3.0, 5.0), item.lower_anterior) if item.vertebra.value == "C4" else item
        for item in even
    ]
    marks = {Region.CERVICAL: Landmarks(even.region, even.facing, tuple(beside)), Region.LUMBAR: column(Region.LUMBAR)}
    groups = groups_of(structured_report(exam_of(exam.reading, landmarks=marks), headers))
    assert not items(groups["C4-superior-anterior"], "111030")
    assert items(groups["C4-inferior-anterior"], "111030")


def test_scored_corner_states_grade_lesions_and_probabilities(report: Dataset) -> None:
    group = groups_of(report)["C4-superior-anterior"]
    assert number(group, Term.GRADE) == 3
    assert answer(group, Term.BRIDGE) == "52101004"
    assert answer(group, Term.EROSION) == "272519000"
    assert number(group, Term.P_BRIDGE) == 0.9
    assert number(group, Term.P_NOT_VISIBLE) == 0.05
    assert not items(group, "NOT-SCORED")


def test_corner_with_an_osteophyte_says_why_it_has_no_grade(report: Dataset) -> None:
    group = groups_of(report)["C5-inferior-anterior"]
    assert answer(group, Term.NOT_SCORED) == "EXCLUDED"
    assert answer(group, Term.OSTEOPHYTE) == "52101004"
    assert not items(group, "GRADE")


def test_corner_in_doubt_is_marked_for_review(report: Dataset) -> None:
    marked = [name for name, group in groups_of(report).items() if items(group, "REVIEW")]
    assert marked == ["C3-superior-anterior", "L1-superior-anterior"]


def test_site_is_the_vertebra_anterior_at_its_endplate(report: Dataset) -> None:
    site = named(groups_of(report)["L3-inferior-anterior"], "363698007")
    modifiers = [item.ConceptCodeSequence[0].CodeMeaning for item in site.ContentSequence]
    assert site.ConceptCodeSequence[0].CodeValue == "36470004"
    assert modifiers == ["Anterior", "Inferior"]


def test_totals_are_those_of_the_score(exam: Exam, report: Dataset) -> None:
    totals, score = groups_of(report)["mSASSS"], exam.score
    assert score.total is not None
    assert number(totals, Term.TOTAL) == pytest.approx(score.total, abs=1e-9)
    assert number(totals, Term.CERVICAL) == pytest.approx(score.cervical, abs=1e-9)
    assert number(totals, Term.LUMBAR) == pytest.approx(score.lumbar, abs=1e-9)
    assert number(totals, Term.OBSERVED) == score.observed
    assert (number(totals, Term.RANGE_LOW), number(totals, Term.RANGE_HIGH)) == score.range
    assert number(totals, Term.IMPUTED) == len(score.imputed) == 4
    assert named(totals, "SCHEME").TextValue.startswith("mSASSS; Creemers 2005")
    assert named(totals, "NOTICE").TextValue == "Research use, not a medical device."


def test_absent_total_is_not_written_as_a_number(headers: Mapping[str, Dataset]) -> None:
    exam = exam_of(model_reading(headers))
    strict = replace(exam.scheme, missing=MissingPolicy(MissingKind.NONE))
    totals = groups_of(structured_report(exam_of(exam.reading, scheme=strict), headers))["mSASSS"]
    assert not items(totals, "TOTAL")
    assert not items(totals, "CERVICAL")
    assert number(totals, Term.OBSERVED) == exam.score.observed
    assert any("no cervical total" in text for text in texts(totals, "WARNING"))


def test_every_group_names_the_algorithm_and_its_weights(report: Dataset) -> None:
    for group in groups_of(report).values():
        assert named(group, "111001").TextValue == "msasss"
        assert named(group, "111003").TextValue == "0.1.0"
        parameters = texts(group, "111002")
        assert [f"weights {name} sha256:{digest}" for name, digest in WEIGHTS.items()] == parameters[1:]
        assert named(group, "111000").ConceptCodeSequence[0].CodeValue == "123110"


def test_network_is_a_device_observer(report: Dataset) -> None:
    assert named(report, "121005").ConceptCodeSequence[0].CodeMeaning == "Device"
    assert named(report, "121013").TextValue == "msasss default"
    assert named(report, "121015").TextValue == "msasss 0.1.0"


@pytest.mark.parametrize("kind", [ReaderKind.HUMAN, ReaderKind.CONSENSUS])
def test_person_is_a_person_observer_by_pseudonym(headers: Mapping[str, Dataset], kind: ReaderKind) -> None:
    reading = replace(model_reading(headers), reader=Reader(kind, "reader=^1"))
    report = structured_report(exam_of(reading), headers)
    assert named(report, "121005").ConceptCodeSequence[0].CodeMeaning == "Person"
    assert str(named(report, "121008").PersonName) == "reader 1^"
    assert not items(groups_of(report)["mSASSS"], "111000")


def test_reader_of_signs_alone_still_has_a_name(headers: Mapping[str, Dataset]) -> None:
    reading = replace(model_reading(headers), reader=Reader(ReaderKind.HUMAN, "^=^"))
    report = structured_report(exam_of(reading), headers)
    assert str(named(report, "121008").PersonName) == "reader^"


def test_evidence_of_the_procedure_is_the_films(report: Dataset, headers: Mapping[str, Dataset]) -> None:
    study = report.CurrentRequestedProcedureEvidenceSequence
    named_films = {
        reference.ReferencedSOPInstanceUID
        for series in study[0].ReferencedSeriesSequence
        for reference in series.ReferencedSOPSequence
    }
    assert len(study) == 1
    assert named_films == set(headers)


def test_film_of_another_study_is_other_evidence(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    apart = {uid: deepcopy(header) for uid, header in headers.items()}
    apart[uid_of(headers, Region.LUMBAR)].StudyInstanceUID = "1.2.3.4"
    report = structured_report(exam, apart)
    assert report.StudyInstanceUID != "1.2.3.4"
    assert len(report.CurrentRequestedProcedureEvidenceSequence) == 1
    assert report.PertinentOtherEvidenceSequence[0].StudyInstanceUID == "1.2.3.4"


def test_patient_and_study_are_the_films(report: Dataset, headers: Mapping[str, Dataset]) -> None:
    film = headers[uid_of(headers, Region.CERVICAL)]
    for keyword in ("PatientID", "PatientName", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID"):
        assert report[keyword].value == film[keyword].value
    assert report.SeriesInstanceUID != film.SeriesInstanceUID


def test_private_scheme_is_identified(report: Dataset) -> None:
    scheme = report.CodingSchemeIdentificationSequence[0]
    assert (scheme.CodingSchemeDesignator, scheme.CodingSchemeVersion) == (SCHEME, "1")
    assert scheme.CodingSchemeResponsibleOrganization


def test_report_is_complete_preliminary_and_unverified(report: Dataset) -> None:
    flags = (report.CompletionFlag, report.PreliminaryFlag, report.VerificationFlag)
    assert flags == ("COMPLETE", "PRELIMINARY", "UNVERIFIED")


def test_one_seed_makes_one_report_and_no_seed_makes_two(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    same = [structured_report(exam, headers, uid_seed="a") for _ in range(2)]
    other = structured_report(exam, headers)
    assert same[0] == same[1]
    assert other.SOPInstanceUID != same[0].SOPInstanceUID


def test_report_of_films_with_a_time_zone_is_in_that_zone(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    zoned = {uid: deepcopy(header) for uid, header in headers.items()}
    for header in zoned.values():
        header.TimezoneOffsetFromUTC = "+0900"
    report = structured_report(exam, zoned)
    assert (str(report.ContentDate), str(report.ContentTime)) == ("20240601", "173015.250000")
    assert report.TimezoneOffsetFromUTC == "+0900"


def test_name_in_another_alphabet_survives(exam: Exam, headers: Mapping[str, Dataset], tmp_path: Path) -> None:
    foreign = {uid: deepcopy(header) for uid, header in headers.items()}
    for header in foreign.values():
        header.SpecificCharacterSet = "ISO_IR 100"
        header.PatientName = "Müller^Zoë"
    assert str(saved(structured_report(exam, foreign), tmp_path).PatientName) == "Müller^Zoë"


def test_exam_of_files_that_are_not_dicom_has_no_report(exam: Exam) -> None:
    with pytest.raises(PairingError, match=r"cervical\.dcm: Expected the DICOM header"):
        structured_report(exam, {})


def test_highdicom_reads_the_report_back(exam: Exam, report: Dataset, tmp_path: Path) -> None:
    report.save_as(tmp_path / "sr.dcm", enforce_file_format=True)
    content = hd.sr.srread(tmp_path / "sr.dcm").content
    found = content.get_planar_roi_measurement_groups(finding_type=private_code(Term.CORNER))
    absent = content.get_image_measurement_groups(finding_type=private_code(Term.CORNER))
    assert (len(found), len(absent)) == (22, 2)
    grades = {group.tracking_identifier: group.get_measurements(private_code(Term.GRADE)) for group in found}
    for corner in corners_of(Region.CERVICAL):
        grade = exam.score.grades[corner]
        group = grades.get(f"{corner.vertebra.value}-{corner.endplate.value}-anterior", [])
        assert [measurement.value for measurement in group] == ([] if grade is None else [grade])
    assert [context.observer_type for context in content.get_observer_contexts()] == [dicom.DCM.Device]
