import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msasss.evaluation.totals import (
    detectable_change,
    detectable_change_from_status,
    icc_agreement,
    icc_consistency,
    limits_of_agreement,
    moments_of,
    spread_of_differences,
)

# Shrout & Fleiss 1979, Table 2: six targets, four judges; ICC(2,1) 0.29, ICC(3,1) 0.71.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
# Bland & Altman 1986: peak flow (l/min) by two meters; mean difference -2.1, standard deviation 38.8.
LARGE_METER = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
SMALL_METER = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]

scores = st.lists(st.tuples(st.integers(0, 72), st.integers(0, 72)), min_size=3, max_size=30)


def moments(rows):
    return moments_of(np.array(rows, dtype=float)).sum(axis=0)


def test_both_coefficients_equal_the_published_example():
    assert float(icc_agreement(moments(SHROUT_FLEISS))) == pytest.approx(0.29, abs=0.005)
    assert float(icc_consistency(moments(SHROUT_FLEISS))) == pytest.approx(0.71, abs=0.005)


def test_both_coefficients_equal_those_of_an_analysis_of_variance_by_statsmodels():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels is a reference here; its own warnings are not ours
        import pandas as pd
        from statsmodels.formula.api import ols
        from statsmodels.stats.anova import anova_lm
    rng = np.random.default_rng(4)
    n, k = 25, 3
    rows = rng.normal(20, 10, size=(n, 1)) + rng.normal(0, 4, size=(n, k)) + np.array([0, 1, 3])
    frame = pd.DataFrame(
        {"score": rows.ravel(), "exam": np.repeat(np.arange(n), k), "reader": np.tile(np.arange(k), n)}
    )
    squares = anova_lm(ols("score ~ C(exam) + C(reader)", frame).fit())["mean_sq"]
    exam, reader, error = squares["C(exam)"], squares["C(reader)"], squares["Residual"]
    agreement = (exam - error) / (exam + (k - 1) * error + k * (reader - error) / n)
    assert float(icc_agreement(moments(rows))) == pytest.approx(agreement)
    assert float(icc_consistency(moments(rows))) == pytest.approx((exam - error) / (exam + (k - 1) * error))


def test_limits_of_agreement_equal_the_published_example():
    found = moments(list(zip(SMALL_METER, LARGE_METER, strict=True)))
    assert float(spread_of_differences(found)) == pytest.approx(38.8, abs=0.05)
    low, high = limits_of_agreement(found)
    assert float(low) == pytest.approx(-2.1 - 1.96 * 38.8, abs=0.2)
    assert float(high) == pytest.approx(-2.1 + 1.96 * 38.8, abs=0.2)


def test_a_constant_difference_lowers_agreement_and_leaves_consistency():
    rows = np.array([[value, value + 4] for value in (0, 5, 9, 20, 33)], dtype=float)
    assert float(icc_consistency(moments(rows))) == pytest.approx(1.0)
    assert float(icc_agreement(moments(rows))) < 0.99


@settings(max_examples=40, deadline=None)
@given(scores)
def test_agreement_is_never_better_than_consistency_when_readers_differ_and_both_are_positive(rows):
    agreement, consistency = float(icc_agreement(moments(rows))), float(icc_consistency(moments(rows)))
    if agreement > 0 and consistency > 0 and abs(np.mean([b - a for a, b in rows])) > 1e-9:
        by_reader = len(rows) * np.var(np.mean(rows, axis=0)) * 2
        error = float(spread_of_differences(moments(rows))) ** 2 / 2
        assert agreement <= consistency or by_reader < error


def test_nothing_that_varies_gives_no_coefficient():
    # 36 / 11 is no number a computer holds; rounding must not pass for variation.
    assert math.isnan(float(icc_agreement(moments([[36 / 11, 36 / 11]] * 7))))
    assert math.isnan(float(icc_consistency(moments([[36 / 11, 36 / 11]] * 7))))


def test_one_exam_gives_no_spread():
    assert math.isnan(float(spread_of_differences(moments([[3.0, 5.0]]))))


def test_the_smallest_detectable_change_follows_its_formula():
    # Differences of the changes: 1, -1, 3, -3; their standard deviation is sqrt(20 / 3).
    changes = moments([[0.0, 1.0], [2.0, 1.0], [1.0, 4.0], [5.0, 2.0]])
    spread = math.sqrt(20 / 3)
    assert float(detectable_change(changes)) == pytest.approx(1.96 * spread / math.sqrt(2))
    assert float(detectable_change(changes, readers_averaged=2)) == pytest.approx(0.98 * spread)


def test_both_ways_to_the_smallest_detectable_change_agree_where_errors_are_independent():
    rng = np.random.default_rng(8)
    true = rng.uniform(0, 40, size=(20_000, 1))
    before, after = (true + rng.normal(0, 1.5, size=(20_000, 2)) for _ in range(2))
    from_status = float(detectable_change_from_status(moments(before)))
    from_change = float(detectable_change(moments(after - before)))
    assert from_status == pytest.approx(from_change, rel=0.03)
    assert from_status == pytest.approx(1.96 * math.sqrt(2) * 1.5, rel=0.03)
