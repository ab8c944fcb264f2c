"""Identity, date and region as headers give them."""

from datetime import date

import pytest
from pydicom import Dataset

from msasss.anatomy import Region
from msasss.dicom.header import acquired_on, claimed_region, patient_key
from support.films import unchecked


def header(**values: object) -> Dataset:
    made = Dataset()
    with unchecked():
        for keyword, value in values.items():
            setattr(made, keyword, value)
    return made


def test_patients_of_two_issuers_are_two():
    first = patient_key(header(PatientID="17", IssuerOfPatientID="North"))
    second = patient_key(header(PatientID="17", IssuerOfPatientID="South"))
    assert len({first, second, patient_key(header(PatientID="17"))}) == 3


@pytest.mark.parametrize("identifier", ["", "  ", None])
def test_patient_without_identifier_has_no_key(identifier: str | None):
    assert patient_key(header(PatientID=identifier, IssuerOfPatientID="North")) is None


def test_date_of_the_exposure_goes_before_that_of_the_study():
    dates = {"AcquisitionDate": "20240502", "ContentDate": "20240503", "StudyDate": "20240501"}
    assert acquired_on(header(**dates)) == date(2024, 5, 2)
    del dates["AcquisitionDate"]
    assert acquired_on(header(**dates)) == date(2024, 5, 3)
    del dates["ContentDate"]
    assert acquired_on(header(**dates)) == date(2024, 5, 1)
    assert acquired_on(header()) is None


def test_old_date_with_points_is_read():
    assert acquired_on(header(StudyDate="1999.12.31")) == date(1999, 12, 31)


def test_impossible_date_is_passed_over():
    assert acquired_on(header(AcquisitionDate="20241399", StudyDate="20240501")) == date(2024, 5, 1)


@pytest.mark.parametrize(
    ("keyword", "text", "region"),
    [
        ("BodyPartExamined", "CSPINE", Region.CERVICAL),
        ("BodyPartExamined", "LSPINE", Region.LUMBAR),
        ("BodyPartExamined", "TLSPINE", Region.LUMBAR),
        ("BodyPartExamined", "SPINE", None),
        ("ProtocolName", "HWS seitlich", Region.CERVICAL),
        ("ProtocolName", "C-Spine lat", Region.CERVICAL),
        ("SeriesDescription", "Lumbar spine, lateral", Region.LUMBAR),
        ("StudyDescription", "Cervical and lumbar spine", None),
        ("StudyDescription", "Chest PA", None),
    ],
)
def test_region_is_claimed_in_words(keyword: str, text: str, region: Region | None):
    assert claimed_region(header(**{keyword: text})) is region


def test_coded_region_goes_before_words():
    coded = header(AnatomicRegionSequence=[header(CodeValue="122496007")], BodyPartExamined="CSPINE")
    assert claimed_region(coded) is Region.LUMBAR
