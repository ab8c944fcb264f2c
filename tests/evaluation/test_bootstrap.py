import math

import numpy as np
import pytest

from msasss.evaluation.agreement import accuracy, agreement_of_grades, weighted_kappa
from msasss.evaluation.bootstrap import Interval, draw_patients, patient_bootstrap, sums_by_patient


def test_every_resample_is_as_large_as_the_study():
    draws = draw_patients(7, seed=1, draws=50)
    assert draws.patients == 7
    assert (draws.weights.sum(axis=1) == 7).all()


def test_a_statistic_of_sums_equals_the_statistic_of_the_patients_drawn():
    rng = np.random.default_rng(0)
    grades = rng.integers(0, 4, size=(6, 2, 30))  # patients, the two readings, corners
    confusions = np.array([agreement_of_grades(*one.tolist()).confusion for one in grades])
    weights = draw_patients(6, seed=2, draws=1).weights[0]
    drawn = np.repeat(grades, weights.astype(int), axis=0)
    again = agreement_of_grades(drawn[:, 0].ravel().tolist(), drawn[:, 1].ravel().tolist())
    sums = np.tensordot(weights, confusions, 1)
    assert float(accuracy(sums)) == pytest.approx(again.accuracy)
    assert float(weighted_kappa(sums)) == pytest.approx(again.weighted_kappa)


def test_intervals_of_sums_equal_those_of_drawing_patients_one_by_one():
    values = np.random.default_rng(1).normal(3.0, 1.0, size=40)
    quick = draw_patients(40, seed=1, draws=4000).interval_of_sums(
        np.column_stack([values, np.ones(40)]), lambda sums: sums[:, 0] / sums[:, 1]
    )
    slow = patient_bootstrap(values.tolist(), np.mean, seed=1, draws=4000)
    assert quick.estimate == pytest.approx(slow.estimate)
    assert quick.low == pytest.approx(slow.low, abs=0.03)
    assert quick.high == pytest.approx(slow.high, abs=0.03)


def test_corners_of_one_patient_widen_the_interval_where_they_resemble_each_other():
    alike = np.repeat(np.arange(20) % 2, 24)
    patient_of = np.repeat(np.arange(20), 24)
    columns = np.column_stack([alike, np.ones(len(alike))])
    by_patient = sums_by_patient(columns, patient_of, 20)

    def share(sums):
        return sums[:, 0] / sums[:, 1]

    clustered = draw_patients(20, seed=1).interval_of_sums(by_patient, share)
    as_if_independent = draw_patients(len(alike), seed=1).interval_of_sums(columns, share)
    assert clustered.high - clustered.low > 3 * (as_if_independent.high - as_if_independent.low)


def test_one_patient_has_an_estimate_and_no_interval():
    interval = draw_patients(1, seed=1).interval_of_sums(np.array([[2.0]]), lambda sums: sums[:, 0])
    assert interval.estimate == 2.0
    assert math.isnan(interval.low)


def test_a_statistic_undefined_in_most_resamples_has_no_interval():
    interval = draw_patients(5, seed=1).interval(
        lambda weights: np.where(weights.std(axis=1) > 0, np.nan, 1.0)  # defined where each is drawn once
    )
    assert interval == Interval(1.0, interval.low, interval.high)
    assert math.isnan(interval.high)


def test_a_band_is_an_interval_per_value():
    draws = draw_patients(12, seed=3, draws=200)
    values = np.arange(12.0)
    middle, low, high = draws.band(lambda weights: np.stack([weights @ values, weights @ values**2], axis=1))
    one = draws.interval(lambda weights: weights @ values)
    assert (middle[0], low[0], high[0]) == (one.estimate, one.low, one.high)
    assert middle[1] == (values**2).sum()


def test_a_study_without_patients_is_refused():
    with pytest.raises(ValueError, match="got 0"):
        draw_patients(0, seed=1)
