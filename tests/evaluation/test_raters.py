import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from msasss.evaluation.bootstrap import draw_patients
from msasss.evaluation.raters import (
    NO_RATING,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    mean_cohen_kappa,
    percent_agreement,
    tallies_of,
)

# Fleiss 1971, Table 1: six psychiatrists, 30 patients, five diagnoses; kappa 0.430.
FLEISS = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
# Krippendorff 2011, section C: four observers, twelve units, five values; alpha nominal 0.743, interval 0.849. Gwet's
# AC1 of the same data is 0.775 (Gwet, Handbook of Inter-Rater Reliability, 4th edition).
KRIPPENDORFF = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
# Two raters, 125 subjects, 118 and 2 of whom both put in the same category (Gwet 2002): kappa is below 0, AC1 is not.
PARADOX = np.array([[118.0, 5.0], [2.0, 0.0]])


def fleiss_ratings():
    rows = [[category for category, count in enumerate(row) for _ in range(int(count))] for row in FLEISS.split()]
    return np.array(rows).T


def krippendorff_ratings():
    return np.array([[NO_RATING if sign == "." else int(sign) - 1 for sign in row] for row in KRIPPENDORFF])


def tallies(ratings, categories, patients=1):
    patient_of = np.arange(ratings.shape[1]) % patients
    return tallies_of(ratings, patient_of, patients=patients, categories=categories)


def ratings_of(table):
    pairs = [(row, column) for (row, column), count in np.ndenumerate(table) for _ in range(int(count))]
    return np.array(pairs).T


def total(parts):
    return parts.sum(axis=0)


def test_fleiss_kappa_equals_the_published_example():
    assert float(fleiss_kappa(total(tallies(fleiss_ratings(), 5).by_all))) == pytest.approx(0.430, abs=0.0005)


def test_fleiss_kappa_equals_statsmodels():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels is a reference here; its own warnings are not ours
        from statsmodels.stats.inter_rater import aggregate_raters
        from statsmodels.stats.inter_rater import fleiss_kappa as of_statsmodels
    ratings = np.random.default_rng(3).integers(0, 4, size=(3, 60))
    expected = of_statsmodels(aggregate_raters(ratings.T)[0])
    assert float(fleiss_kappa(total(tallies(ratings, 4).by_all))) == pytest.approx(expected)


def test_krippendorff_alpha_equals_the_published_example():
    coincidences = total(tallies(krippendorff_ratings(), 5).coincidences)
    assert float(krippendorff_alpha(coincidences)) == pytest.approx(0.743, abs=0.0005)
    assert float(krippendorff_alpha(coincidences, ordered=True)) == pytest.approx(0.849, abs=0.0005)


def test_gwet_ac1_equals_the_published_example():
    assert float(gwet_ac1(total(tallies(krippendorff_ratings(), 5).by_some))) == pytest.approx(0.77544, abs=0.00001)


def test_ac1_is_not_upset_by_a_rare_category_where_kappa_is():
    counted = tallies(ratings_of(PARADOX), 2)
    assert float(cohen_kappa(PARADOX)) == pytest.approx(-0.0234, abs=0.0001)
    assert float(gwet_ac1(total(counted.by_some))) == pytest.approx(0.941, abs=0.001)
    assert float(percent_agreement(total(counted.agreement))) == pytest.approx(118 / 125)


def test_cohen_kappa_equals_scikit_learn():
    ratings = np.random.default_rng(5).integers(0, 3, size=(2, 80))
    counted = total(tallies(ratings, 3).pairs)
    assert float(mean_cohen_kappa(counted)) == pytest.approx(cohen_kappa_score(*ratings))


def test_percent_agreement_counts_pairs():
    # Three raters, two subjects: 3 of 3 pairs, then 1 of 3.
    counted = tallies(np.array([[1, 1], [1, 1], [1, 0]]), 2)
    assert float(percent_agreement(total(counted.agreement))) == pytest.approx(4 / 6)


def test_a_subject_that_one_rater_did_not_see_counts_for_the_others():
    counted = tallies(np.array([[1, 1], [1, NO_RATING], [1, 0]]), 2)
    assert total(counted.by_all)[0] == 1
    assert total(counted.by_some)[0] == 2
    assert float(percent_agreement(total(counted.agreement))) == pytest.approx(3 / 4)


@pytest.mark.parametrize("coefficient", [cohen_kappa, lambda table: krippendorff_alpha(table + table.T)])
def test_no_coefficient_is_invented_where_only_one_category_is_used(coefficient):
    assert np.isnan(coefficient(np.array([[7.0, 0.0], [0.0, 0.0]])))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-1, 2)] * 3), min_size=4, max_size=25))
def test_coefficients_do_not_depend_on_the_order_of_raters_or_subjects(rows):
    ratings = np.array(rows).T
    there, back = tallies(ratings, 3), tallies(ratings[::-1, ::-1], 3)
    for measure, part in ((fleiss_kappa, "by_all"), (gwet_ac1, "by_some"), (krippendorff_alpha, "coincidences")):
        one, other = float(measure(total(getattr(there, part)))), float(measure(total(getattr(back, part))))
        assert one == pytest.approx(other, nan_ok=True)


def test_a_resample_equals_the_coefficients_of_the_patients_drawn():
    rng = np.random.default_rng(2)
    patients, each = 6, 4
    ratings = rng.integers(0, 2, size=(3, patients * each))
    patient_of = np.repeat(np.arange(patients), each)
    counted = tallies_of(ratings, patient_of, patients=patients, categories=2)
    draws = draw_patients(patients, seed=9, draws=3)
    for weights in draws.weights:
        drawn = np.repeat(np.arange(patients), weights.astype(int))
        columns = np.concatenate([np.flatnonzero(patient_of == patient) for patient in drawn])
        again = tallies(ratings[:, columns], 2)
        assert weights @ counted.by_all == pytest.approx(total(again.by_all))
        assert weights @ counted.by_some == pytest.approx(total(again.by_some))
        assert np.tensordot(weights, counted.pairs, 1) == pytest.approx(total(again.pairs))
