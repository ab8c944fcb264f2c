"""What OHIF asks of a report, after its source (extensions/cornerstone-dicom-sr, getSopClassHandlerModule.ts)."""

from collections.abc import Iterator, Mapping

import pytest
from pydicom import Dataset

from msasss.dicom.structured_report import ReportKind, structured_report
from msasss.exam import Exam

READ_CLASSES = {f"1.2.840.10008.5.1.4.1.1.88.{number}" for number in (11, 22, 33, 34)}
IMAGING_MEASUREMENT_REPORT, IMAGING_MEASUREMENTS, MEASUREMENT_GROUP = "126000", "126010", "125007"
IMAGE_LIBRARY, IMAGE_LIBRARY_GROUP = "111028", "126200"
TRACKING_IDENTIFIER, TRACKING_UID = "112039", "112040"


@pytest.fixture(scope="module", params=ReportKind)
def report(request: pytest.FixtureRequest, exam: Exam, headers: Mapping[str, Dataset]) -> Dataset:
    return structured_report(exam, headers, kind=request.param)


def code_of(item: Dataset) -> str:
    return str(item.ConceptNameCodeSequence[0].CodeValue)


def child(item: Dataset, code: str) -> Dataset:
    return next(each for each in item.ContentSequence if code_of(each) == code)


def groups(report: Dataset) -> Iterator[Dataset]:
    for item in child(report, IMAGING_MEASUREMENTS).ContentSequence:
        if code_of(item) == MEASUREMENT_GROUP:
            yield item


def of_type(group: Dataset, value_type: str) -> list[Dataset]:
    return [item for item in group.ContentSequence if item.ValueType == value_type]


def test_title_and_class_are_ones_it_opens(report: Dataset) -> None:
    assert report.SOPClassUID in READ_CLASSES
    assert code_of(report) == IMAGING_MEASUREMENT_REPORT


def test_image_library_names_the_films(report: Dataset, headers: Mapping[str, Dataset]) -> None:
    library = child(child(report, IMAGE_LIBRARY), IMAGE_LIBRARY_GROUP)
    assert {item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in library.ContentSequence} == set(headers)


def test_every_group_has_its_own_tracking_uid_as_its_first_reference(report: Dataset) -> None:
    references = [of_type(group, "UIDREF") for group in groups(report)]
    assert all(len(items) == 1 and code_of(items[0]) == TRACKING_UID for items in references)
    assert len({items[0].UID for items in references}) == len(references) == 25


def test_every_group_has_a_tracking_identifier(report: Dataset) -> None:
    assert all(child(group, TRACKING_IDENTIFIER).TextValue for group in groups(report))


def test_no_group_has_more_than_one_region(report: Dataset) -> None:
    assert sorted(len(of_type(group, "SCOORD")) for group in groups(report)) == [0, 0] + [1] * 23


def test_every_region_names_one_film_under_it(report: Dataset, headers: Mapping[str, Dataset]) -> None:
    for group in groups(report):
        for region in of_type(group, "SCOORD"):
            assert len(region.ContentSequence) == 1
            assert region.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID in headers


def test_group_with_numbers_has_a_region(report: Dataset) -> None:
    """Before January 2026 (pull request 5703) a number in a group without a region stopped the viewer."""
    assert all(of_type(group, "SCOORD") for group in groups(report) if of_type(group, "NUM"))


def test_labels_are_short(report: Dataset) -> None:
    for group in groups(report):
        for item in of_type(group, "NUM"):
            assert len(item.ConceptNameCodeSequence[0].CodeMeaning) <= 16


def test_number_zero_cannot_be_taken_for_its_unit(report: Dataset) -> None:
    """Older viewers print nothing for the value 0, so that with the unit 1 a grade of 0 would be shown as 1."""
    units = {
        item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue
        for group in groups(report)
        for item in of_type(group, "NUM")
    }
    assert units == {"{score}", "{ratio}", "{counts}"}


def test_evidence_of_the_requested_procedure_is_filled(report: Dataset) -> None:
    """Orthanc's viewers refuse a report without it."""
    assert report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence
