import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, precision_score, recall_score

from msasss.evaluation import detection
from msasss.evaluation.agreement import agreement_of_grades


def answers(seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.random(200) < 0.2
    return truth, truth ^ (rng.random(200) < 0.1)


def table_of(truth, flagged):
    table = np.zeros((2, 2))
    np.add.at(table, (truth.astype(int), flagged.astype(int)), 1)
    return table


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (detection.accuracy, accuracy_score),
        (detection.sensitivity, recall_score),
        (detection.specificity, lambda truth, flagged: recall_score(~truth, ~flagged)),
        (detection.positive_predictive_value, precision_score),
        (detection.negative_predictive_value, lambda truth, flagged: precision_score(~truth, ~flagged)),
        (detection.f1, f1_score),
    ],
)
def test_measures_equal_scikit_learn(ours, theirs):
    truth, flagged = answers()
    assert float(ours(table_of(truth, flagged))) == pytest.approx(theirs(truth, flagged))


def test_balanced_accuracy_of_grades_equals_scikit_learn():
    rng = np.random.default_rng(1)
    truth, said = rng.integers(0, 4, size=(2, 300))
    found = agreement_of_grades(truth.tolist(), said.tolist()).balanced_accuracy
    assert found == pytest.approx(balanced_accuracy_score(truth, said))


def test_never_flagging_is_right_as_often_as_there_is_nothing():
    truth, _ = answers()
    table = table_of(truth, np.zeros(200, dtype=bool))
    assert float(detection.accuracy_of_never(table)) == float(detection.accuracy(table)) == 1 - truth.mean()
    assert float(detection.accuracy_at_one_to_three(table)) == 0.75


def test_accuracy_at_one_to_three_equals_that_of_thinned_negatives():
    # Of 40 positives 30 are found; of 120 negatives, three each, 108 are left alone.
    assert float(detection.accuracy_at_one_to_three(np.array([[108.0, 12.0], [10.0, 30.0]]))) == pytest.approx(
        138 / 160
    )


def test_nothing_there_gives_no_sensitivity():
    table = np.array([[9.0, 1.0], [0.0, 0.0]])
    assert math.isnan(float(detection.sensitivity(table)))
    assert float(detection.specificity(table)) == 0.9
