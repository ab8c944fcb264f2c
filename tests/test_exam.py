from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from msasss.anatomy import Region
from msasss.errors import LandmarkError, PairingError, ReadingError
from msasss.exam import Exam, ExamFilm, Provenance
from msasss.reading import Lesion
from msasss.scoring import MSASSS, RASSS_STYLE, score_reading
from support.exams import NOON, column, film, lesions, reading

MADE = Provenance("msasss 0", NOON)


def exam(**changes: object) -> Exam:
    one = reading({"C5 superior": lesions("C5 superior", Lesion.EROSION)})
    films = (
        ExamFilm(Region.LUMBAR, "lumbar.png", "lumbar.png", acquired_on=date(2024, 6, 2)),
        ExamFilm(Region.CERVICAL, "cervical.png", "cervical.png", acquired_on=date(2024, 5, 31)),
    )
    return replace(Exam("key-1", films, one, MSASSS, score_reading(one), (), MADE), **changes)


def test_films_are_kept_cervical_first():
    assert [each.region for each in exam().films] == [Region.CERVICAL, Region.LUMBAR]


def test_the_visit_is_dated_by_the_later_film():
    assert exam().visit_date == date(2024, 6, 2)


def test_an_exam_of_undated_films_has_no_date():
    assert exam(films=tuple(replace(each, acquired_on=None) for each in exam().films)).visit_date is None


def test_a_region_without_a_film_has_none():
    one = reading(regions=[Region.LUMBAR])
    only = exam(reading=one, score=score_reading(one), films=exam().films[1:])
    assert only.film(Region.CERVICAL) is None
    assert only.film(Region.LUMBAR) is only.films[0]


def test_a_score_that_does_not_follow_from_the_reading_is_refused():
    with pytest.raises(ReadingError, match=r"follows from the reading \(total 1.0\), got 0.0"):
        exam(score=score_reading(reading()))


def test_a_score_by_another_scheme_is_refused():
    with pytest.raises(ReadingError, match="follows from the reading"):
        exam(scheme=RASSS_STYLE)


def test_films_that_were_not_read_are_refused():
    other = ExamFilm(Region.LUMBAR, "other.png", "other.png")
    with pytest.raises(PairingError, match=r"lumbar lumbar.png\), got cervical cervical.png, lumbar other.png"):
        exam(films=(exam().films[0], other))


def test_a_film_that_was_read_must_be_there():
    with pytest.raises(PairingError, match="got none"):
        exam(films=())


def test_two_films_of_one_region_are_refused():
    with pytest.raises(PairingError, match="Expected the films that were read"):
        exam(films=(*exam().films, exam().films[0]))


def test_landmarks_are_of_the_films_region():
    with pytest.raises(LandmarkError, match="cervical view, got lumbar ones"):
        ExamFilm(Region.CERVICAL, "c", "c.dcm", landmarks=column(Region.LUMBAR))


def test_two_films_are_equal_whether_or_not_their_pixels_are_at_hand():
    radiograph = film()
    assert ExamFilm(Region.CERVICAL, "c", "c.dcm", radiograph=radiograph) == ExamFilm(Region.CERVICAL, "c", "c.dcm")


def test_the_time_of_scoring_is_in_utc():
    with pytest.raises(ReadingError, match=r"in UTC, got 2024-05-31T12:00:00\+02:00"):
        Provenance("x", datetime(2024, 5, 31, 12, tzinfo=timezone(timedelta(hours=2))))
    assert Provenance("x", datetime(2024, 5, 31, 12, tzinfo=UTC)).weights == {}


def test_the_patient_key_is_not_shown():
    assert "key-1" not in repr(exam())
