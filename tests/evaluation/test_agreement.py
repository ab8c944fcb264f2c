import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.evaluation import agreement_of_grades, agreement_of_totals, patient_bootstrap, quadratic_weighted_kappa
from msasss.evaluation.totals import intraclass_correlation

grades = st.lists(st.integers(0, 3), min_size=1, max_size=40)

# Shrout & Fleiss 1979, Table 2: six targets, four judges; ICC(2,1) = 0.29.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


@given(grades)
def test_a_reading_agrees_with_itself(reference):
    agreement = agreement_of_grades(reference, reference)
    assert agreement.accuracy == 1.0
    assert agreement.balanced_accuracy == 1.0


def test_a_corner_left_out_counts_as_wrong():
    agreement = agreement_of_grades([0, 0, 3, None], [0, None, 3, 2])
    assert agreement.corners == 3
    assert agreement.accuracy == pytest.approx(2 / 3)
    assert agreement.recalls[0] == 0.5
    assert math.isnan(agreement.recalls[1])
    assert agreement.balanced_accuracy == 0.75


def test_always_normal_is_right_as_often_as_normal_is():
    agreement = agreement_of_grades([0] * 7 + [1, 2, 3], [0] * 10)
    assert agreement.accuracy == pytest.approx(0.7)
    assert agreement.balanced_accuracy == pytest.approx(0.25)
    assert agreement.weighted_kappa == pytest.approx(0.0)


def test_no_corner_gives_no_number():
    agreement = agreement_of_grades([None], [2])
    assert math.isnan(agreement.accuracy)
    assert math.isnan(agreement.balanced_accuracy)
    assert math.isnan(agreement.weighted_kappa)


def test_kappa_follows_the_formula_worked_by_hand():
    # Weighted disagreement: observed 1 + 1 = 2; expected 4 * 4 / 8 in each of two cells = 4.
    assert quadratic_weighted_kappa(np.array([[3, 1], [1, 3]])) == pytest.approx(0.5)


def test_kappa_of_a_single_category_is_not_defined():
    assert math.isnan(quadratic_weighted_kappa(np.array([[5, 0], [0, 0]])))


@given(grades, grades)
def test_kappa_does_not_depend_on_who_is_the_reference(one, other):
    size = min(len(one), len(other))
    there = agreement_of_grades(one[:size], other[:size]).weighted_kappa
    back = agreement_of_grades(other[:size], one[:size]).weighted_kappa
    assert there == pytest.approx(back, nan_ok=True)


def test_icc_equals_the_published_example():
    assert intraclass_correlation(np.array(SHROUT_FLEISS, dtype=float)) == pytest.approx(0.29, abs=0.005)


def test_icc_of_equal_totals_is_one():
    totals = agreement_of_totals([3.0, 10.0, 40.0], [3.0, 10.0, 40.0])
    assert totals.icc == pytest.approx(1.0)
    assert totals.bias == 0.0


def test_totals_are_compared_where_both_have_one():
    totals = agreement_of_totals([10.0, None, 20.0, 30.0], [12.0, 5.0, None, 34.0])
    assert totals.exams == 2
    assert totals.bias == pytest.approx(3.0)
    assert totals.mean_absolute_error == pytest.approx(3.0)
    assert totals.limits == pytest.approx((3 - 1.96 * math.sqrt(2), 3 + 1.96 * math.sqrt(2)))


def test_one_exam_gives_a_bias_and_no_limits():
    totals = agreement_of_totals([10.0], [12.0])
    assert totals.bias == 2.0
    assert math.isnan(totals.icc)
    assert math.isnan(totals.limits[0])


def test_totals_without_a_common_exam_are_refused():
    with pytest.raises(ValueError, match="got none of 2"):
        agreement_of_totals([None, 3.0], [1.0, None])


def test_lists_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        agreement_of_grades([1, 2], [1])


def test_the_interval_holds_the_estimate_and_repeats_with_its_seed():
    patients = [float(value) for value in range(30)]
    first = patient_bootstrap(patients, np.mean, seed=4)
    assert first.low < first.estimate < first.high
    assert first == patient_bootstrap(patients, np.mean, seed=4)
    assert str(first).startswith("14.500 (")


def test_patients_that_do_not_differ_have_no_spread():
    interval = patient_bootstrap([2.0] * 5, np.mean, seed=1)
    assert (interval.low, interval.high) == (2.0, 2.0)


def test_no_patient_is_refused():
    with pytest.raises(ValueError, match="got none"):
        patient_bootstrap([], np.mean, seed=1)
