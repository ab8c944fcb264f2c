import numpy as np
import pytest

from msasss.anatomy import CORNERS
from msasss.errors import UsageError
from msasss.evaluation.agreement import NOT_SCORED
from msasss.evaluation.answers import FINDINGS, always_zero, answers_of, assessed
from msasss.evaluation.reference import description_of, reference_of
from msasss.evaluation.study import study_of
from msasss.formats.readings_csv import per_image
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind
from msasss.scoring import score_reading
from support.exams import corner
from support.studies import NETWORK, human, reading_of, study, visit

ANNA, BEN, CLEO = human("anna"), human("ben"), human("cleo")
AT = visit("P1")
PLACE = {str(it): place for place, it in enumerate(CORNERS)}


def bears(name, *lesions, **fields):
    return {name: CornerFinding(corner(name), frozenset(lesions), **fields)}


def test_answers_say_what_the_readings_say():
    made = study(patients=4)
    answers = answers_of(made, NETWORK)
    for number, at in enumerate(made.visits):
        for reading in made.readings_of(next(iter(at.images.values())), (NETWORK,)):
            score = score_reading(reading)
            for finding in reading:
                place = PLACE[str(finding.corner)]
                grade = score.grades[finding.corner]
                assert answers.grades[number, place] == (NOT_SCORED if grade is None else grade)
                assert answers.visible[number, place] is np.bool_(not finding.not_visible)
                assert answers.probabilities[number, place, 4] == finding.probabilities[Lesion.BRIDGE]
                assert answers.probabilities[number, place, 7] == finding.not_visible_probability


def test_totals_are_those_of_the_score():
    reading = reading_of(AT, ANNA, bears("C5 superior", Lesion.BRIDGE) | bears("L1 superior", not_visible=True))
    answers = answers_of(study_of([AT], [reading]), ANNA)
    score = score_reading(reading)
    assert answers.totals[0].tolist() == [score.cervical, score.lumbar, score.total]


def test_an_image_that_was_not_read_is_neither_scored_nor_read_nor_zero():
    cervical, lumbar = per_image([reading_of(AT, ANNA)])
    answers = answers_of(study_of([AT], [cervical, reading_of(AT, BEN)]), ANNA)
    assert answers.read[0].tolist() == [True] * 12 + [False] * 12
    assert not answers.scored[0, 12:].any()
    assert np.isnan(answers.totals[0]).tolist() == [False, True, True]
    assert lumbar.reader is ANNA


def test_a_lesion_is_not_assessed_where_the_corner_is_not_visible():
    answers = answers_of(study_of([AT], [reading_of(AT, ANNA, bears("C5 superior", not_visible=True))]), ANNA)
    place = PLACE["C5 superior"]
    assert not assessed(answers, FINDINGS.index("bridge"))[0, place]
    assert assessed(answers, FINDINGS.index("not visible"))[0, place]


def test_always_zero_grades_what_the_reference_read():
    reference = answers_of(study_of([AT], [reading_of(AT, ANNA, bears("C5 superior", not_visible=True))]), ANNA)
    baseline = always_zero(reference)
    assert set(baseline.grades.ravel().tolist()) == {0}
    assert not baseline.present.any()
    assert baseline.totals[0].tolist() == [0.0, 0.0, 0.0]


def test_the_reference_can_be_a_reader():
    made = study_of([AT], [reading_of(AT, ANNA), reading_of(AT, BEN)])
    reference = reference_of(made, "ben")
    assert reference.reader == BEN
    assert description_of(reference, made) == "the reading of ben (human)"


def test_the_reference_is_the_consensus_that_is_there():
    agreed = Reader(ReaderKind.CONSENSUS, "meeting")
    made = study_of([AT], [reading_of(AT, ANNA), reading_of(AT, agreed, bears("C5 superior", Lesion.BRIDGE))])
    reference = reference_of(made, "consensus")
    assert reference.reader == agreed
    assert reference.grades[0, PLACE["C5 superior"]] == 3


def test_the_reference_is_else_the_majority_of_the_persons_and_never_of_the_network():
    bridge = bears("C5 superior", Lesion.BRIDGE)
    readings = [
        reading_of(AT, ANNA),
        reading_of(AT, BEN, bridge),
        reading_of(AT, CLEO),
        reading_of(AT, NETWORK, bridge),
    ]
    made = study_of([AT], readings)
    reference = reference_of(made, "consensus")
    assert reference.grades[0, PLACE["C5 superior"]] == 0
    assert reference.undecided == 0
    assert "the majority of the persons who read an image (anna, ben, cleo)" in description_of(reference, made)


def test_a_corner_without_a_majority_has_no_reference():
    readings = [reading_of(AT, ANNA, bears("C5 superior", Lesion.BRIDGE)), reading_of(AT, BEN)]
    reference = reference_of(study_of([AT], readings), "consensus")
    assert reference.undecided == 1
    assert not reference.read[0, PLACE["C5 superior"]]
    assert int(reference.read.sum()) == 23


def test_an_image_that_one_person_read_has_no_majority():
    cervical, _ = per_image([reading_of(AT, BEN)])
    reference = reference_of(study_of([AT], [reading_of(AT, ANNA), cervical]), "consensus")
    assert reference.read[0].tolist() == [True] * 12 + [False] * 12


@pytest.mark.parametrize(
    ("name", "readers", "message"),
    [
        ("dora", (ANNA, BEN), "one of anna, ben, got 'dora'"),
        ("consensus", (ANNA, NETWORK), r"to make a consensus of, got none \(readers: network, anna\)"),
        (
            "consensus",
            (Reader(ReaderKind.CONSENSUS, "first"), Reader(ReaderKind.CONSENSUS, "second")),
            "one consensus among the readers, got first, second",
        ),
    ],
)
def test_a_reference_that_is_not_there_is_refused(name, readers, message):
    with pytest.raises(UsageError, match=message):
        reference_of(study_of([AT], [reading_of(AT, reader) for reader in readers]), name)
