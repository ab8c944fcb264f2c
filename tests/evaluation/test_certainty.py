import warnings

import numpy as np
import pytest

from msasss.anatomy import CORNERS
from msasss.evaluation.abstention import abstention_of, certainty_of_grades
from msasss.evaluation.answers import answers_of
from msasss.evaluation.calibration import (
    BINS,
    binned,
    calibration_curve,
    expected_calibration_error,
    predicted_over_observed,
)
from msasss.evaluation.study import study_of
from msasss.reading import CornerFinding, Lesion
from msasss.scoring import MSASSS
from support.exams import corner
from support.studies import NETWORK, reading_of, visit

ONE_PATIENT = np.ones((1, 1))
AT = visit("P1")


def certainty(name, lesions, probabilities, not_visible=None):
    finding = CornerFinding(corner(name), frozenset(lesions), False, probabilities, not_visible)
    answers = answers_of(study_of([AT], [reading_of(AT, NETWORK, {name: finding})]), NETWORK)
    return float(certainty_of_grades(answers, MSASSS)[0, [str(it) for it in CORNERS].index(name)])


def ranked(certainty_, right, graded=None):
    given = np.ones(len(right), dtype=bool) if graded is None else np.array(graded)
    patients = np.zeros(len(right), dtype=np.intp)
    return abstention_of(np.array(certainty_), np.array(right), given, patients)


def test_calibration_equals_scikit_learn():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sklearn.calibration import calibration_curve as of_scikit_learn
    rng = np.random.default_rng(0)
    probabilities = rng.random(500)
    truth = rng.random(500) < probabilities**2
    curve = calibration_curve(binned(probabilities, truth).sum(axis=0))
    observed, predicted = of_scikit_learn(truth, probabilities, n_bins=BINS)
    assert curve.observed == pytest.approx(observed)
    assert curve.predicted == pytest.approx(predicted)


def test_the_calibration_error_is_the_mean_distance_over_the_corners():
    probabilities = np.array([0.05, 0.05, 0.95, 1.0])
    sums = binned(probabilities, np.array([False, True, True, True])).sum(axis=0)
    assert float(expected_calibration_error(sums)) == pytest.approx((abs(0.1 - 1) + abs(1.95 - 2)) / 4)
    assert float(predicted_over_observed(sums)) == pytest.approx(2.05 / 3)


def test_the_certainty_of_a_bridge_is_its_probability():
    assert certainty("C5 superior", [Lesion.BRIDGE], {Lesion.BRIDGE: 0.8, Lesion.SYNDESMOPHYTE: 0.9}) == pytest.approx(
        0.8
    )


def test_the_certainty_of_a_syndesmophyte_takes_in_that_there_is_no_bridge():
    found = certainty("C5 superior", [Lesion.SYNDESMOPHYTE], {Lesion.BRIDGE: 0.3, Lesion.SYNDESMOPHYTE: 0.9})
    assert found == pytest.approx(0.7 * 0.9)


def test_the_certainty_of_grade_0_is_that_of_no_counted_lesion_at_a_visible_corner():
    probabilities = {Lesion.BRIDGE: 0.1, Lesion.SQUARING: 0.2, Lesion.OSTEOPHYTE: 0.5}
    assert certainty("C5 superior", [], probabilities, 0.25) == pytest.approx(0.9 * 0.8 * 0.5 * 0.75)


def test_squaring_of_c3_is_no_reason_for_doubt():
    assert certainty("C3 superior", [], {Lesion.SQUARING: 0.9}) == pytest.approx(1.0)


def test_a_corner_without_probabilities_has_no_certainty():
    assert np.isnan(certainty("C5 superior", [], None))


def test_the_least_certain_corners_are_looked_at_first():
    abstention = ranked([0.9, 0.8, 0.7, 0.6], [True, True, True, False])
    assert float(abstention.share_to_look_at(ONE_PATIENT, accuracy=0.99)[0]) == 0.25
    assert float(abstention.share_to_look_at(ONE_PATIENT, accuracy=0.75)[0]) == 0.0
    rest = abstention.accuracy_of_rest(ONE_PATIENT, (0.0, 0.25, 0.5, 1.0))[0]
    assert rest[:3].tolist() == [0.75, 1.0, 1.0]
    assert np.isnan(rest[3])


def test_corners_of_equal_certainty_are_looked_at_together():
    abstention = ranked([0.9, 0.5, 0.5], [True, True, False])
    assert float(abstention.share_to_look_at(ONE_PATIENT, accuracy=0.95)[0]) == pytest.approx(2 / 3)


def test_a_corner_that_is_not_scored_is_always_looked_at():
    abstention = ranked([0.99, 0.6], [False, True], graded=[False, True])
    assert float(abstention.share_to_look_at(ONE_PATIENT, accuracy=0.5)[0]) == 0.5
    assert float(abstention.accuracy_of_rest(ONE_PATIENT, (0.0,))[0, 0]) == 1.0


def test_all_are_looked_at_where_no_share_suffices():
    assert float(ranked([0.9], [False]).share_to_look_at(ONE_PATIENT, accuracy=0.9)[0]) == 1.0


def test_nothing_graded_leaves_nothing():
    abstention = ranked([0.9], [False], graded=[False])
    assert np.isnan(abstention.accuracy_of_rest(ONE_PATIENT, (0.5,))).all()
    assert float(abstention.share_to_look_at(ONE_PATIENT, accuracy=0.9)[0]) == 1.0
