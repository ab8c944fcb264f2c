import pytest

from msasss.anatomy import CORNERS, Region
from msasss.cohort.records import Fold
from msasss.errors import ReadingError, UsageError
from msasss.evaluation.study import centres_of, of_centre, of_fold, study_of, study_of_images
from msasss.formats.readings_csv import per_image
from msasss.reading import CornerFinding, Reader, ReaderKind, Reading
from support.studies import NETWORK, human, parts, reading_of, study, visit

ANNA, BEN = human("anna"), human("ben")


def test_visits_are_ordered_by_patient_and_date():
    later, earlier, other = visit("P1", 1), visit("P1", 0), visit("P0")
    made = study_of([later, other, earlier], [reading_of(other, ANNA)])
    assert made.visits == (other, earlier, later)


def test_networks_come_before_persons():
    at = visit("P1")
    made = study_of([at], [reading_of(at, BEN), reading_of(at, NETWORK), reading_of(at, ANNA)])
    assert [reader.id for reader in made.readers] == ["network", "anna", "ben"]
    assert made.persons == (ANNA, BEN)


def test_readings_of_one_image_per_region_are_one_visit():
    at = visit("P1")
    made = study_of_images([*per_image([reading_of(at, ANNA)]), reading_of(at, BEN)])
    assert [dict(it.images) for it in made.visits] == [dict(at.images)]
    assert not made.has_patients


def test_without_visits_every_image_stands_for_a_patient():
    readings = [reading_of(visit("P1"), ANNA), reading_of(visit("P2"), ANNA)]
    assert len(study_of_images(readings).patient_names) == 4


def test_a_reading_of_an_image_that_no_visit_names_is_refused():
    with pytest.raises(ReadingError, match=r"got P2-0-cervical\.dcm by anna"):
        study_of([visit("P1")], [reading_of(visit("P2"), ANNA)])


def test_an_image_read_as_the_other_region_is_refused():
    at = visit("P1")
    swapped = {region: at.images[other] for region, other in zip(Region, reversed(Region), strict=True)}
    reading = Reading(ANNA, swapped, tuple(CornerFinding(corner) for corner in CORNERS))
    with pytest.raises(
        ReadingError, match="read as the lumbar image that its visit names, got cervical corners by anna"
    ):
        study_of([at], [reading])


def test_two_readings_of_an_image_by_one_reader_are_refused():
    at = visit("P1")
    with pytest.raises(ReadingError, match=r"one reading of P1-0-cervical\.dcm by reader anna, got two"):
        study_of([at], [reading_of(at, ANNA), reading_of(at, ANNA)])


def test_a_reader_of_two_kinds_is_refused():
    one, other = visit("P1"), visit("P2")
    readings = [reading_of(one, ANNA), reading_of(other, Reader(ReaderKind.MODEL, "anna"))]
    with pytest.raises(ReadingError, match="reader anna to be human throughout, got also model"):
        study_of([one, other], readings)


def test_no_readings_are_refused():
    with pytest.raises(ReadingError, match="got none"):
        study_of([visit("P1")], [])


def test_software_that_simulates_makes_the_study_simulated():
    at = visit("P1")
    reading = reading_of(at, ANNA)
    claimed = Reading(reading.reader, reading.images, reading.findings, software="msasss 1.0 (simulated truth)")
    assert study_of([at], [claimed]).simulated
    assert not study_of([at], [reading]).simulated


def test_a_fold_keeps_its_patients():
    made = study()
    kept = of_fold(made, Fold.TRAIN)
    assert {made.folds[name] for name in kept.patient_names} == {Fold.TRAIN}
    assert kept.all_visits == made.visits
    assert of_fold(made, None) is made


def test_a_fold_without_patients_is_refused():
    with pytest.raises(UsageError, match="fold validation, got none"):
        of_fold(study(), Fold.VALIDATION)


def test_a_centre_keeps_its_visits_and_patients():
    made = study()
    assert centres_of(made) == ("north", "south")
    north = of_centre(made, "north")
    assert set(north.patients) == set(north.patient_names) == {f"P{number:02d}" for number in range(1, 12, 2)}
    assert len(north.visits) + len(of_centre(made, "south").visits) == len(parts().visits)
