import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from msasss.anatomy import Region
from msasss.errors import UsageError
from msasss.exam import Exam
from msasss.formats import exam_json, landmarks_csv
from msasss.formats.landmarks_json import LocatedFilm
from msasss.pipeline import outputs
from msasss.pipeline.intake import Failure, gather
from msasss.pipeline.outputs import exam_name, write_exam, write_failures, write_located
from msasss.pipeline.score import score_exam, score_reading_exam
from support.exams import BrightnessReader, KnownColumns, column, film, reading

POINTS = {"c.dcm": column(Region.CERVICAL), "l.dcm": column(Region.LUMBAR)}


@pytest.fixture(scope="module")
def exam() -> Exam:
    """A cervical and a lumbar film of one day, nothing found on them."""
    return score_exam([film("c.dcm"), film("l.dcm", seed=1)], KnownColumns(POINTS), BrightnessReader())


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_an_exam_is_written_into_its_own_folder(exam: Exam, tmp_path: Path):
    files = write_exam(exam, tmp_path / "new" / "out")
    assert {path.parent for path in files} == {tmp_path / "new" / "out" / exam_name(exam)}
    assert [path.name for path in files] == [
        "corners.csv",
        "landmarks.csv",
        "overlay-cervical.png",
        "overlay-lumbar.png",
        "score.json",
    ]
    assert everything(tmp_path / "new" / "out") == [exam_name(exam), *(f"{exam_name(exam)}/{p.name}" for p in files)]
    assert exam_json.load_file(files[-1]) == exam
    assert [item.image for item in landmarks_csv.load(files[1])] == ["1.2.3.c.dcm", "1.2.3.l.dcm"]
    with Image.open(files[2]) as picture:
        assert picture.format == "PNG"


def test_a_reading_without_films_has_neither_pictures_nor_points(tmp_path: Path):
    files = write_exam(score_reading_exam(reading()), tmp_path)
    assert [path.name for path in files] == ["corners.csv", "score.json"]


def test_the_folder_is_named_by_date_and_films_and_not_by_patient(exam: Exam):
    assert exam_name(exam).startswith("exam-2024-05-31-")
    assert "key-1" not in exam_name(exam)
    assert exam_name(replace(exam, patient_key="key-2")) == exam_name(exam)
    assert exam_name(score_reading_exam(reading())).startswith("exam-undated-")


def test_other_films_of_the_same_name_get_another_folder(exam: Exam):
    other = score_exam([film("c.dcm", seed=5), film("l.dcm", seed=1)], KnownColumns(POINTS), BrightnessReader())
    assert exam_name(other) != exam_name(exam)


def test_an_exam_is_not_overwritten_unasked(exam: Exam, tmp_path: Path):
    write_exam(exam, tmp_path)
    before = everything(tmp_path)
    with pytest.raises(UsageError, match=rf"{exam_name(exam)}, which exists\. Use --overwrite"):
        write_exam(exam, tmp_path)
    assert everything(tmp_path) == before


def test_an_exam_is_overwritten_when_asked(exam: Exam, tmp_path: Path):
    (first, *_) = write_exam(exam, tmp_path)
    (first.parent / "stale.txt").write_text("old")
    before = [name for name in everything(tmp_path) if "stale" not in name]
    write_exam(exam, tmp_path, overwrite=True)
    assert everything(tmp_path) == before


def test_nothing_is_left_behind_when_writing_fails(exam: Exam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full_disk)
    with pytest.raises(UsageError, match="No space left on device"):
        write_exam(exam, tmp_path / "a" / "b")
    assert everything(tmp_path) == []


def test_a_failed_overwrite_keeps_what_was_there(exam: Exam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_exam(exam, tmp_path)
    before = everything(tmp_path)

    def fault(_: Exam) -> str:
        raise RuntimeError

    monkeypatch.setattr(outputs.exam_json, "dump", fault)
    with pytest.raises(RuntimeError):
        write_exam(exam, tmp_path, overwrite=True)
    assert everything(tmp_path) == before


def test_a_file_in_the_place_of_the_folder_is_refused(exam: Exam, tmp_path: Path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError, match="Expected a folder that can be written"):
        write_exam(exam, tmp_path / "out")


def test_failures_are_listed(tmp_path: Path):
    path = write_failures([Failure("x.dcm", 'x.dcm: Expected "this", got that.')], tmp_path / "out")
    assert path == tmp_path / "out" / "failures.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream)) == [{"file": "x.dcm", "message": 'x.dcm: Expected "this", got that.'}]
    assert everything(tmp_path / "out") == ["failures.csv"]


def test_a_run_without_failures_takes_away_an_earlier_list(tmp_path: Path):
    write_failures([Failure("x.dcm", "x")], tmp_path)
    assert write_failures([], tmp_path) is None
    assert everything(tmp_path) == []
    assert write_failures([], tmp_path / "absent") is None


def test_located_films_are_written(tmp_path: Path):
    films = [LocatedFilm(film("c.dcm"), POINTS["c.dcm"]), LocatedFilm(film("l.dcm"), POINTS["l.dcm"])]
    files = write_located(films, tmp_path / "out")
    assert [path.name for path in files] == ["landmarks.csv", "overlay-001-cervical.png", "overlay-002-lumbar.png"]
    with pytest.raises(UsageError, match="out, which exists"):
        write_located(films, tmp_path / "out")


def test_overlays_are_not_taken_for_films(exam: Exam, tmp_path: Path):
    files = write_exam(exam, tmp_path / "results")
    write_located([LocatedFilm(film("c.dcm"), POINTS["c.dcm"])], tmp_path / "located")
    found = gather([tmp_path])
    assert (found.radiographs, found.failures) == ((), ())
    (named,) = (path for path in files if path.name == "overlay-lumbar.png")
    (failure,) = gather([named]).failures
    assert failure.message == (
        "overlay-lumbar.png: Expected a radiograph, got a picture that msasss drew. Give the film it shows."
    )


def test_an_undated_exam_is_named_so(exam: Exam):
    films = tuple(replace(each, acquired_on=None) for each in exam.films)
    assert exam_name(replace(exam, films=films)).startswith("exam-undated-")
    later = replace(exam, films=tuple(replace(each, acquired_on=date(2025, 1, 2)) for each in exam.films))
    assert exam_name(later).startswith("exam-2025-01-02-")
