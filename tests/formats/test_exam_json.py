import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from msasss.anatomy import CORNERS, Region
from msasss.errors import InputError, ReadingError
from msasss.exam import Exam
from msasss.formats import exam_json
from msasss.pipeline.score import score_exam, score_reading_exam
from msasss.reading import CornerFinding, Lesion
from msasss.scoring import MSASSS, RASSS_STYLE, SquaringPolicy, with_squaring
from support.exams import BrightnessReader, KnownColumns, bridged, column, film, reading

SCHEMA = json.loads(exam_json.schema_text())


@pytest.fixture(scope="module")
def model_exam() -> Exam:
    """A cervical and a lumbar film scored by the test's classifier: a bridge below C4, C6 inferior not found."""
    points = {"c.dcm": column(Region.CERVICAL, without=["C6 inferior"]), "l.dcm": column(Region.LUMBAR)}
    films = [bridged(film("c.dcm"), points["c.dcm"], "C4"), film("l.dcm", seed=1)]
    return score_exam(films, KnownColumns(points), BrightnessReader(), weights={"localiser": "ab" * 32})


def test_what_is_written_is_read_back(model_exam: Exam):
    assert exam_json.load(exam_json.dump(model_exam)) == model_exam


@given(
    found=st.dictionaries(st.sampled_from(CORNERS), st.none() | st.frozensets(st.sampled_from(Lesion))),
    regions=st.sampled_from([tuple(Region), (Region.CERVICAL,), (Region.LUMBAR,)]),
    scheme=st.sampled_from([MSASSS, RASSS_STYLE, with_squaring(MSASSS, SquaringPolicy.C5_C6)]),
)
def test_every_human_exam_is_read_back_and_meets_the_schema(found, regions, scheme):
    findings = {
        str(corner): CornerFinding(corner, not_visible=True) if these is None else CornerFinding(corner, these)
        for corner, these in found.items()
    }
    exam = score_reading_exam(reading(findings, regions=regions), scheme=scheme)
    text = exam_json.dump(exam)
    Draft202012Validator(SCHEMA).validate(json.loads(text))
    assert exam_json.load(text) == exam


def test_a_scored_exam_meets_the_schema(model_exam: Exam):
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(exam_json.to_record(model_exam))


def test_the_schema_refuses_what_it_does_not_know(model_exam: Exam):
    record = exam_json.to_record(model_exam)
    for broken in ({**record, "extra": 1}, {**record, "corners": record["corners"][:-1]}):
        assert not Draft202012Validator(SCHEMA).is_valid(broken)


def test_the_contract_holds_what_programs_ask_for(model_exam: Exam):
    record = exam_json.to_record(model_exam)
    assert record["schema"] == "msasss/exam/1"
    assert record["patient"] == "key-1"
    assert record["visit_date"] == "2024-05-31"
    assert record["images"][0]["landmarks"][0] == {
        "vertebra": "C2",
        "point": "lower_anterior",
        "x": 160.0,
        "y": 88.0,
        "confidence": 0.9,
    }
    bridge = next(item for item in record["corners"] if (item["vertebra"], item["endplate"]) == ("C4", "inferior"))
    assert (bridge["grade"], bridge["lesions"], bridge["not_scored"]) == (3, ["bridge"], None)
    unseen = next(item for item in record["corners"] if (item["vertebra"], item["endplate"]) == ("C6", "inferior"))
    assert (unseen["grade"], unseen["not_scored"]) == (None, "not visible")
    assert record["score"]["observed"] == 6
    assert record["score"]["range"] == [6, 9]
    assert record["score"]["imputed"] == [{"vertebra": "C6", "endplate": "inferior"}]
    assert record["provenance"]["weights"] == {"localiser": "sha256:" + "ab" * 32}


def altered(exam: Exam, change: str, value: object) -> str:
    record: Any = exam_json.to_record(exam)
    *path, last = change.split(".")
    place = record
    for key in path:
        place = place[int(key)] if key.isdigit() else place[key]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(record)


@pytest.mark.parametrize(
    ("change", "value", "message"),
    [
        ("score.total", 1.0, "Expected total .*got 1.0"),
        ("corners.0.grade", 2, "grade of C2 inferior 0, which follows from the findings, got 2"),
        ("corners.0.lesions", ["bridge"], "Expected cervical"),
    ],
)
def test_a_grade_that_does_not_follow_from_the_findings_is_refused(
    model_exam: Exam, change: str, value: object, message: str
):
    with pytest.raises(ReadingError, match=message):
        exam_json.load(altered(model_exam, change, value))


@pytest.mark.parametrize(
    ("change", "value", "message"),
    [
        ("schema", "msasss/exam/9", "schema msasss/exam/1, got 'msasss/exam/9'"),
        ("images.0.region", "thoracic", "fault at 'thoracic'"),
        ("provenance", {}, "fault at 'weights'"),
        ("corners.0.lesions", ["spur"], "fault at 'spur'"),
        ("images", None, "fault at"),
    ],
)
def test_a_malformed_exam_is_refused(model_exam: Exam, change: str, value: object, message: str):
    with pytest.raises(InputError, match=message):
        exam_json.load(altered(model_exam, change, value))


@pytest.mark.parametrize(("text", "message"), [("", "text that is none"), ("[]", "got 'list'")])
def test_text_that_is_no_exam_is_refused(text: str, message: str):
    with pytest.raises(InputError, match=message):
        exam_json.load(text)


def test_a_file_is_read(model_exam: Exam, tmp_path: Path):
    path = tmp_path / "score.json"
    path.write_text(exam_json.dump(model_exam), encoding="utf-8")
    assert exam_json.load_file(path) == model_exam


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"score.json: Expected a readable .*FileNotFoundError"):
        exam_json.load_file(tmp_path / "score.json")
