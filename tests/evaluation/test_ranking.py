import math

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from msasss.evaluation.bootstrap import draw_patients
from msasss.evaluation.ranking import operating_curve, rank


def corners(*, digits, seed=0, count=240, patients=10):
    """Probabilities with ties (few digits) or without, truth that follows them, and patients."""
    rng = np.random.default_rng(seed)
    probabilities = np.round(rng.random(count), digits)
    return probabilities, rng.random(count) < probabilities * 0.4, np.arange(count) % patients


@pytest.mark.parametrize("digits", [1, 2, 12])
def test_both_areas_equal_scikit_learn_with_and_without_ties(digits):
    probabilities, truth, patient_of = corners(digits=digits)
    ranking = rank(probabilities, truth, patient_of, patients=10)
    ones = np.ones((1, 10))
    assert float(ranking.area_under_roc(ones)[0]) == pytest.approx(roc_auc_score(truth, probabilities))
    assert float(ranking.average_precision(ones)[0]) == pytest.approx(average_precision_score(truth, probabilities))


def test_both_areas_of_a_resample_equal_scikit_learn_with_weights():
    probabilities, truth, patient_of = corners(digits=1, seed=1)
    ranking = rank(probabilities, truth, patient_of, patients=10)
    draws = draw_patients(10, seed=3, draws=4)
    areas, precisions = ranking.area_under_roc(draws.weights), ranking.average_precision(draws.weights)
    for place, weights in enumerate(draws.weights[:, patient_of]):
        assert float(areas[place]) == pytest.approx(roc_auc_score(truth, probabilities, sample_weight=weights))
        expected = average_precision_score(truth, probabilities, sample_weight=weights)
        assert float(precisions[place]) == pytest.approx(expected)


@pytest.mark.parametrize("answer", [True, False])
def test_one_class_alone_has_no_area_under_roc(answer):
    ranking = rank(np.array([0.2, 0.7]), np.array([answer, answer]), np.array([0, 0]), patients=1)
    assert math.isnan(float(ranking.area_under_roc(np.ones((1, 1)))[0]))


def test_no_corner_gives_no_area():
    empty = rank(np.zeros(0), np.zeros(0, dtype=bool), np.zeros(0, dtype=np.intp), patients=2)
    assert math.isnan(float(empty.average_precision(np.ones((1, 2)))[0]))


def test_the_curve_equals_scikit_learn():
    probabilities, truth, _ = corners(digits=1)
    curve = operating_curve(probabilities, truth)
    false_positive_rate, sensitivity, _ = roc_curve(truth, probabilities, drop_intermediate=False)
    assert curve.false_positive_rate == pytest.approx(false_positive_rate[1:])
    assert curve.sensitivity == pytest.approx(sensitivity[1:])
    assert curve.precision[-1] == pytest.approx(truth.mean())
