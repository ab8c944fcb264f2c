import warnings
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydicom import Dataset

from msasss.anatomy import Corner, Region, corners_of
from msasss.dicom.codes import load_code_map
from msasss.dicom.report_reading import reading_from_report
from msasss.dicom.structured_report import ReportKind, structured_report
from msasss.errors import ReadingError
from msasss.exam import Exam
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading
from support.dicom_exams import exam_of, model_reading, saved, uid_of

PROBABILITIES = st.floats(0, 1)


def findings(corner: Corner) -> st.SearchStrategy[CornerFinding]:
    seen = st.builds(
        CornerFinding,
        corner=st.just(corner),
        lesions=st.frozensets(st.sampled_from(Lesion), max_size=3),
        probabilities=st.none() | st.dictionaries(st.sampled_from(Lesion), PROBABILITIES),
        not_visible_probability=st.none() | PROBABILITIES,
        in_doubt=st.booleans(),
    )
    return seen | seen.map(lambda finding: replace(finding, lesions=frozenset(), not_visible=True))


@st.composite
def readings(draw: st.DrawFn, images: Mapping[Region, str]) -> Reading:
    regions = draw(st.lists(st.sampled_from(Region), min_size=1, max_size=2, unique=True))
    return Reading(
        Reader(draw(st.sampled_from(ReaderKind)), draw(st.text(min_size=1).filter(str.strip))),
        {region: images[region] for region in regions},
        tuple(draw(findings(corner)) for region in regions for corner in corners_of(region)),
        draw(st.none() | st.datetimes(timezones=st.just(UTC))),
        draw(st.none() | st.text()),
    )


# A report takes most of a second to build: few examples, and no shrinking of the first one that fails.
FEW = settings(
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@settings(FEW, max_examples=6)
@given(data=st.data())
def test_any_reading_survives_the_report_and_its_file(
    data: st.DataObject, headers: Mapping[str, Dataset], tmp_path_factory: pytest.TempPathFactory
) -> None:
    reading = data.draw(readings({region: uid_of(headers, region) for region in Region}))
    report = structured_report(exam_of(reading), headers)
    assert reading_from_report(saved(report, tmp_path_factory.getbasetemp(), "any.dcm")) == reading


@settings(FEW, max_examples=2)
@given(data=st.data())
def test_any_report_is_the_same_made_from_the_reading_it_gives(
    data: st.DataObject, headers: Mapping[str, Dataset]
) -> None:
    first = exam_of(data.draw(readings({region: uid_of(headers, region) for region in Region})))
    report = structured_report(first, headers, uid_seed="s")
    second = replace(first, reading=reading_from_report(report))
    assert structured_report(second, headers, uid_seed="s") == report


@pytest.mark.parametrize("kind", ReportKind)
def test_reading_survives_both_kinds_of_report(
    exam: Exam, headers: Mapping[str, Dataset], tmp_path: Path, kind: ReportKind
) -> None:
    report = saved(structured_report(exam, headers, kind=kind), tmp_path)
    assert reading_from_report(report) == exam.reading


def test_reading_survives_a_sites_own_codes_without_their_map(
    exam: Exam, headers: Mapping[str, Dataset], tmp_path: Path
) -> None:
    path = tmp_path / "map.csv"
    rows = [f"{term},99HOSPITAL,H{number},Ours" for number, term in enumerate(("BRIDGE", "GRADE", "CORNER", "MODEL"))]
    path.write_text("code,scheme,value,meaning\n" + "\n".join(rows) + "\n", encoding="utf-8")
    report = saved(structured_report(exam, headers, codes=load_code_map(path)), tmp_path)
    assert "99HOSPITAL" in str(report)
    assert reading_from_report(report) == exam.reading


def test_reading_without_points_survives(headers: Mapping[str, Dataset], tmp_path: Path) -> None:
    exam = exam_of(model_reading(headers), landmarks={})
    assert reading_from_report(saved(structured_report(exam, headers), tmp_path)) == exam.reading


@pytest.mark.parametrize(
    "name", [" padded ", 'says "so"', '"quoted"', "back\\slash", "tab\t", "Zoë", "\x1b$B", "\ud800", "^=^"]
)
def test_odd_reader_survives(headers: Mapping[str, Dataset], tmp_path: Path, name: str) -> None:
    reading = replace(model_reading(headers), reader=Reader(ReaderKind.HUMAN, name), software=name)
    report = saved(structured_report(exam_of(reading), headers), tmp_path)
    assert reading_from_report(report) == reading


def test_time_of_reading_is_kept_to_the_microsecond(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    moment = datetime(987, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    dated = replace(exam, reading=replace(exam.reading, read_at=moment))
    assert reading_from_report(structured_report(dated, headers)).read_at == moment


def test_least_positive_probability_is_kept(headers: Mapping[str, Dataset], tmp_path: Path) -> None:
    reading = model_reading(headers)
    tiny = replace(reading.findings[0], probabilities={Lesion.BRIDGE: 5e-324, Lesion.OTHER: 0.1 + 0.2})
    reading = replace(reading, findings=(tiny, *reading.findings[1:]))
    report = saved(structured_report(exam_of(reading), headers), tmp_path)
    assert reading_from_report(report).findings[0].probabilities == {Lesion.BRIDGE: 5e-324, Lesion.OTHER: 0.1 + 0.2}


def test_object_that_is_no_report_is_refused(headers: Mapping[str, Dataset]) -> None:
    with pytest.raises(ReadingError, match=r"Expected a structured report of this software.*AttributeError"):
        reading_from_report(next(iter(headers.values())))


def test_report_without_totals_is_refused(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    report = structured_report(exam, headers)
    del report.ContentSequence[-1].ContentSequence[-1]
    with pytest.raises(ReadingError, match=r"without \(StopIteration\)"):
        reading_from_report(report)


def test_report_without_one_corner_is_refused(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    report = structured_report(exam, headers)
    del report.ContentSequence[-1].ContentSequence[0]
    with pytest.raises(ReadingError, match=r"missing C2 inferior"):
        reading_from_report(report)


def test_group_without_film_is_refused(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    report = structured_report(exam, headers)
    group = report.ContentSequence[-1].ContentSequence[0]
    group.ContentSequence = [item for item in group.ContentSequence if item.ValueType != "SCOORD"]
    with pytest.raises(ReadingError, match=r"Expected a film in each group"):
        reading_from_report(report)


def test_report_without_reader_is_refused(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    report = structured_report(exam, headers)
    totals = report.ContentSequence[-1].ContentSequence[-1]
    totals.ContentSequence = [
        item for item in totals.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue != "READER"
    ]
    with pytest.raises(ReadingError, match=r"Expected the reader and its kind in the report, got None"):
        reading_from_report(report)


def test_nothing_is_warned_of(exam: Exam, headers: Mapping[str, Dataset]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reading_from_report(structured_report(exam, headers))
