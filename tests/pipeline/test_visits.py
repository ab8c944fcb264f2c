import re
from dataclasses import replace
from datetime import date

import pytest

from msasss.anatomy import Region
from msasss.errors import LandmarkError
from msasss.exam import Exam
from msasss.formats.readings_csv import per_image
from msasss.imaging import Landmarks
from msasss.pipeline.intake import Failure
from msasss.pipeline.pairing import Located, Visit, pair_exams
from msasss.pipeline.visits import locate_films, score_readings, score_visits
from msasss.reading import Reader, ReaderKind, Reading
from support.exams import BrightnessReader, KnownColumns, column, film, reading

POINTS = {"c.dcm": column(Region.CERVICAL), "l.dcm": column(Region.LUMBAR)}

POINTS_OF_C = {"c.dcm": POINTS["c.dcm"]}


def renamed(one: Reading, names: dict[Region, str]) -> Reading:
    return replace(one, images=names)


def test_a_film_without_a_spine_never_stops_the_others():
    films = locate_films([film("x.dcm"), film("c.dcm"), film("l.dcm")], KnownColumns(POINTS))
    assert [each.radiograph.source for each in films.located] == ["c.dcm", "l.dcm"]
    assert films.failures == (Failure("x.dcm", "x.dcm: no lateral spine found."),)


def test_a_visit_that_cannot_be_scored_never_stops_the_others():
    bare = Landmarks(Region.CERVICAL, POINTS["c.dcm"].facing, ())
    visits = [Visit(Located(film("c.dcm"), bare)), Visit(Located(film("c.dcm"), POINTS["c.dcm"]))]
    first, second = score_visits(visits, BrightnessReader())
    assert isinstance(first, Failure)
    assert first.source == "c.dcm"
    assert isinstance(second, Exam)


def test_visits_found_by_pairing_are_scored():
    located = locate_films([film("c.dcm"), film("l.dcm")], KnownColumns(POINTS)).located
    (exam,) = score_visits(pair_exams(located).visits, BrightnessReader(), weights={"n": "ab" * 32})
    assert isinstance(exam, Exam)
    assert exam.score.total == 0.0
    assert exam.provenance.weights == {"n": "ab" * 32}


def test_one_reader_of_one_visit_makes_one_exam():
    (exam,) = score_readings(per_image([reading()]))
    assert isinstance(exam, Exam)
    assert exam.reading == reading()


def test_every_reader_gets_an_exam_of_his_own():
    other = reading(reader=Reader(ReaderKind.HUMAN, "r2"))
    exams = [exam for exam in score_readings(per_image([reading(), other])) if isinstance(exam, Exam)]
    assert [exam.reading.reader.id for exam in exams] == ["r1", "r2"]


def test_films_tell_the_visits_of_a_reader_apart():
    names = [{Region.CERVICAL: f"c{year}.dcm", Region.LUMBAR: f"l{year}.dcm"} for year in (2020, 2022)]
    readings = per_image([renamed(reading(), visit) for visit in names])
    films = [
        film(image, acquired_on=date(year, 1, 1))
        for year, visit in zip((2020, 2022), names, strict=True)
        for image in visit.values()
    ]
    exams = [exam for exam in score_readings(readings[::-1], films) if isinstance(exam, Exam)]
    assert [dict(exam.reading.images) for exam in exams] == names
    assert [exam.visit_date for exam in exams] == [date(2020, 1, 1), date(2022, 1, 1)]


def test_visits_that_nothing_tells_apart_are_refused():
    names = [{Region.CERVICAL: "c1.dcm"}, {Region.CERVICAL: "c2.dcm"}]
    readings = [renamed(reading(regions=[Region.CERVICAL]), visit) for visit in names]
    (failure,) = score_readings(readings, [film("c1.dcm")])
    assert isinstance(failure, Failure)
    assert failure.source == "c1.dcm, c2.dcm"
    assert re.search(r"the 2 images that r1 read, .* got none of c2\.dcm", failure.message)


def test_films_that_cannot_be_paired_are_failures():
    names = [{Region.CERVICAL: "c1.dcm"}, {Region.CERVICAL: "c2.dcm"}]
    readings = [renamed(reading(regions=[Region.CERVICAL]), visit) for visit in names]
    (failure,) = score_readings(readings, [film("c1.dcm"), film("c2.dcm", seed=2)])
    assert isinstance(failure, Failure)
    assert "two cervical views" in failure.message


def test_points_are_joined_to_the_images_read():
    (exam,) = score_readings(per_image([reading()]), landmarks={"lumbar.png": POINTS["l.dcm"]})
    assert isinstance(exam, Exam)
    assert [each.landmarks for each in exam.films] == [None, POINTS["l.dcm"]]


@pytest.mark.parametrize("name", ["cervical.png", "1.2.3.films/cervical.png", "films/cervical.png"])
def test_points_named_by_uid_or_file_are_joined_to_the_images_read(name: str):
    films = [film("films/cervical.png")]
    exam = next(score_readings(per_image([reading()]), films, landmarks={name: POINTS["c.dcm"]}))
    assert isinstance(exam, Exam)
    assert [each.landmarks for each in exam.films] == [POINTS["c.dcm"], None]


def test_points_of_an_image_that_is_neither_read_nor_given_are_refused():
    points = {"cervical.png": POINTS["c.dcm"], "lumber.png": POINTS["l.dcm"]}
    with pytest.raises(LandmarkError, match=r"Points: .*got some of lumber\.png\."):
        list(score_readings(per_image([reading()]), landmarks=points))


def test_points_of_a_film_that_nobody_read_are_not_refused():
    readings = per_image([reading(regions=[Region.LUMBAR])])
    assert any(isinstance(each, Exam) for each in score_readings(readings, [film("c.dcm")], landmarks=POINTS_OF_C))


def test_a_reader_who_cannot_be_scored_never_stops_the_others():
    twice = [renamed(reading(regions=[Region.CERVICAL]), {Region.CERVICAL: name}) for name in ("c1.dcm", "c2.dcm")]
    second = reading(reader=Reader(ReaderKind.HUMAN, "r2"))
    failure, exam = score_readings([*twice, *per_image([second])])
    assert isinstance(failure, Failure)
    assert "that r1 read" in failure.message
    assert isinstance(exam, Exam)
    assert exam.reading == second


def test_a_visit_of_two_patients_never_stops_the_next_reader():
    second = Reader(ReaderKind.HUMAN, "r2")
    readings = per_image([reading(), reading(regions=[Region.CERVICAL], reader=second)])
    films = [film("cervical.png", patient_key="key-1"), film("lumbar.png", patient_key="key-2")]
    failure, exam = score_readings(readings, films)
    assert isinstance(failure, Failure)
    assert failure.source == "cervical.png, lumbar.png"
    assert "Expected films of one patient" in failure.message
    assert isinstance(exam, Exam)
    assert exam.reading.reader == second


def test_a_film_in_a_folder_is_joined_to_the_reading_that_names_the_file_alone():
    (exam,) = score_readings(per_image([reading()]), [film("films/cervical.png"), film("films/lumbar.png")])
    assert isinstance(exam, Exam)
    assert [each.source for each in exam.films] == ["films/cervical.png", "films/lumbar.png"]
    assert exam.patient_key == "key-1"


def test_each_film_that_nobody_read_is_a_failure():
    exam, first, second = score_readings(per_image([reading()]), [film("lumbar.png"), film("x.png"), film("y.png")])
    assert isinstance(exam, Exam)
    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert [first.source, second.source] == ["x.png", "y.png"]
    assert first.message.startswith("x.png: Expected a film that a reading names")
