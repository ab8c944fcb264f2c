from dataclasses import replace
from datetime import date
from importlib.metadata import version

import pytest

from msasss.anatomy import CORNERS, Region
from msasss.errors import LandmarkError, PairingError, RadiographError
from msasss.imaging import Facing, Radiograph
from msasss.pipeline.score import score_exam, score_reading_exam
from msasss.reading import Lesion, ReaderKind
from msasss.scoring import MSASSS, NotScored, SquaringPolicy, with_squaring
from support.exams import (
    BrightnessReader,
    KnownColumns,
    bridged,
    column,
    corner,
    film,
    films_are_shown,
    lesions,
    reading,
)

POINTS = {"c.dcm": column(Region.CERVICAL), "l.dcm": column(Region.LUMBAR)}


def both_films() -> list[Radiograph]:
    return [bridged(film("c.dcm"), POINTS["c.dcm"], "C4"), film("l.dcm", seed=1)]


def test_two_films_make_an_exam_with_a_total():
    exam = score_exam(both_films(), KnownColumns(POINTS), BrightnessReader())
    assert exam.score.total == 6.0
    assert exam.score.grades[corner("C4 inferior")] == exam.score.grades[corner("C5 superior")] == 3
    assert exam.reading.reader.kind is ReaderKind.MODEL
    assert exam.patient_key == "key-1"
    assert films_are_shown(exam)
    assert exam.warnings == ()


def test_the_order_of_the_films_does_not_matter():
    forwards = score_exam(both_films(), KnownColumns(POINTS), BrightnessReader())
    backwards = score_exam(both_films()[::-1], KnownColumns(POINTS), BrightnessReader())
    assert forwards.score == backwards.score
    assert forwards.films == backwards.films


def test_a_mirrored_film_gets_the_same_score():
    mirrored = {"c.dcm": column(Region.CERVICAL, facing=Facing.RIGHT), "l.dcm": POINTS["l.dcm"]}
    first, second = both_films()
    turned = replace(first, pixels=first.pixels[:, ::-1].copy())
    exam = score_exam([turned, second], KnownColumns(mirrored), BrightnessReader())
    assert exam.score == score_exam(both_films(), KnownColumns(POINTS), BrightnessReader()).score


def test_a_corner_that_was_not_found_is_not_visible_and_never_zero():
    points = {**POINTS, "c.dcm": column(Region.CERVICAL, without=["C6 superior"])}
    exam = score_exam(both_films(), KnownColumns(points), BrightnessReader())
    scored = {item.corner: item for item in exam.score.corners}
    assert scored[corner("C6 superior")].grade is None
    assert scored[corner("C6 superior")].not_scored is NotScored.NOT_VISIBLE
    assert exam.score.imputed == (corner("C6 superior"),)


def test_a_disc_space_of_which_nothing_was_found_is_not_visible():
    points = {**POINTS, "c.dcm": column(Region.CERVICAL, without=["C6 inferior", "C7 superior"])}
    exam = score_exam(both_films(), KnownColumns(points), BrightnessReader())
    assert exam.score.grades[corner("C6 inferior")] is exam.score.grades[corner("C7 superior")] is None


def test_one_region_alone_is_scored_and_the_other_said_to_be_missing():
    exam = score_exam(both_films()[:1], KnownColumns(POINTS), BrightnessReader())
    assert exam.score.cervical == 6.0
    assert exam.score.lumbar is exam.score.total is None
    assert any("No lumbar view was read" in warning for warning in exam.warnings)


def test_doubtful_levels_are_in_the_warnings():
    points = {**POINTS, "l.dcm": replace(POINTS["l.dcm"], level_margin=0.01)}
    exam = score_exam(both_films(), KnownColumns(points), BrightnessReader())
    assert [warning[:35] for warning in exam.warnings] == ["Check levels of the lumbar film l.d"]


def test_the_exam_says_what_made_it():
    exam = score_exam(both_films(), KnownColumns(POINTS), BrightnessReader(), weights={"localiser": "cd" * 32})
    assert exam.provenance.software == exam.reading.software == f"msasss {version('msasss')}"
    assert exam.provenance.weights == {"localiser": "cd" * 32}


def test_the_scheme_is_the_one_asked_for():
    scheme = with_squaring(MSASSS, SquaringPolicy.NO_CERVICAL)
    exam = score_exam(both_films(), KnownColumns(POINTS), BrightnessReader(), scheme=scheme)
    assert exam.score.scheme == "mSASSS (squaring no-cervical)"


def test_two_films_of_one_region_are_refused():
    points = {"c.dcm": column(Region.CERVICAL), "d.dcm": column(Region.CERVICAL)}
    with pytest.raises(PairingError, match=r"c.dcm, d.dcm: Expected one cervical film per visit"):
        score_exam([film("c.dcm"), film("d.dcm")], KnownColumns(points), BrightnessReader())


def test_films_of_two_patients_are_refused():
    with pytest.raises(PairingError, match="films of one patient, got two") as raised:
        score_exam([film("c.dcm"), film("l.dcm", patient_key="key-2")], KnownColumns(POINTS), BrightnessReader())
    assert "key-2" not in str(raised.value)


def test_no_film_at_all_is_refused():
    with pytest.raises(PairingError, match="at least one film"):
        score_exam([], KnownColumns({}), BrightnessReader())


def test_a_film_without_a_spine_is_refused():
    with pytest.raises(RadiographError, match=r"x.dcm: no lateral spine"):
        score_exam([film("x.dcm")], KnownColumns(POINTS), BrightnessReader())


def test_films_far_apart_are_scored_with_a_warning():
    films = [film("c.dcm", acquired_on=date(2023, 5, 31)), film("l.dcm")]
    exam = score_exam(films, KnownColumns(POINTS), BrightnessReader())
    assert "The two films are 366 days apart; a visit's are at most 92." in exam.warnings


def test_a_human_reading_needs_neither_films_nor_network():
    found = {"L1 inferior": lesions("L1 inferior", Lesion.SYNDESMOPHYTE)}
    exam = score_reading_exam(reading(found))
    assert exam.score.total == 2.0
    assert exam.provenance.weights == {}
    assert len(exam.score.corners) == len(CORNERS)
    assert exam.visit_date is None


def test_films_are_joined_to_a_human_reading_by_name():
    radiograph = film("cervical.png")
    exam = score_reading_exam(reading(), [radiograph], landmarks={"cervical.png": POINTS["c.dcm"]})
    shown = exam.film(Region.CERVICAL)
    assert shown is not None
    assert shown.radiograph is radiograph
    assert shown.landmarks == POINTS["c.dcm"]
    assert exam.patient_key == "key-1"
    assert exam.visit_date == date(2024, 5, 31)


def test_a_film_that_was_not_read_is_refused():
    with pytest.raises(PairingError, match=r"other.png: Expected a film that was read \(cervical.png, lumbar.png\)"):
        score_reading_exam(reading(), [film("other.png")])


def test_a_header_that_claims_another_region_than_was_read_is_a_warning():
    films = [replace(film(f"{name}.png"), claimed_region=Region.LUMBAR) for name in ("cervical", "lumbar")]
    assert score_reading_exam(reading(), films).warnings == (
        "cervical.png: Read as the cervical view, but its header says lumbar. Check which film is which.",
    )


def test_one_film_read_under_two_names_is_refused():
    one = replace(reading(), images={Region.CERVICAL: "c.dcm", Region.LUMBAR: "1.2.3.c.dcm"})
    with pytest.raises(PairingError, match=r"c\.dcm, 1\.2\.3\.c\.dcm: Expected a film per region"):
        score_reading_exam(one, [film("c.dcm")])


def test_points_of_another_region_than_read_are_refused():
    with pytest.raises(LandmarkError, match=r"cervical.png: Expected landmarks of the cervical view, got lumbar"):
        score_reading_exam(reading(), landmarks={"cervical.png": POINTS["l.dcm"]})


def test_read_films_of_two_patients_are_refused_without_naming_them():
    films = [film("cervical.png"), film("lumbar.png", patient_key="key-2")]
    with pytest.raises(PairingError, match=r"cervical\.png, lumbar\.png: Expected films of one patient") as caught:
        score_reading_exam(reading(), films)
    assert "key-" not in str(caught.value)


def test_a_read_film_that_names_no_patient_is_joined_to_one_that_does():
    exam = score_reading_exam(reading(), [film("cervical.png", patient_key=None), film("lumbar.png")])
    assert exam.patient_key == "key-1"


@pytest.mark.parametrize("name", ["1.2.3.cervical.png", "cervical.png"])
def test_points_named_by_the_uid_of_a_read_film_are_shown(name: str):
    exam = score_reading_exam(reading(), [film("cervical.png")], landmarks={name: POINTS["c.dcm"]})
    assert [each.landmarks for each in exam.films] == [POINTS["c.dcm"], None]
