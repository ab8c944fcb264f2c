from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msasss.anatomy import CORNERS, Corner, Endplate, Vertebra
from msasss.models.lesion_classifier import LABELS, sigmoid
from msasss.reading import CornerFinding, Lesion
from msasss.scoring.scheme import MSASSS, ExcludedCorner
from msasss.scoring.score import score_corner
from msasss.training.thresholds import (
    NOT_SCORED,
    balanced_accuracy,
    choose_thresholds,
    corner_grades,
    fit_calibration,
    recalls,
    review_margin,
    youden_threshold,
)

EVERY_CORNER = np.arange(len(CORNERS))


def present(*labels: str) -> np.ndarray:
    return np.array([[label in labels for label in LABELS]])


def grade(corner: Corner, *labels: str, scheme=MSASSS) -> int:
    return int(corner_grades(present(*labels), np.array([CORNERS.index(corner)]), scheme)[0])


C4, C3 = Corner(Vertebra.C4, Endplate.SUPERIOR), Corner(Vertebra.C3, Endplate.SUPERIOR)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ((), 0),
        (("erosion",), 1),
        (("squaring", "syndesmophyte"), 2),
        (("bridge", "syndesmophyte"), 3),
        (("osteophyte",), NOT_SCORED),
        (("bridge", "other"), NOT_SCORED),
        (("not_visible",), NOT_SCORED),
    ],
)
def test_labels_make_the_grade_of_the_scheme(labels: tuple[str, ...], expected: int):
    assert grade(C4, *labels) == expected


def test_squaring_counts_at_its_sites_only():
    assert (grade(C3, "squaring"), grade(C4, "squaring")) == (0, 1)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sets(st.sampled_from(LABELS)), min_size=24, max_size=24))
def test_grades_agree_with_the_rule_book(drawn: list[set[str]]):
    labels = [{"not_visible"} if "not_visible" in names else names for names in drawn]
    findings = tuple(
        CornerFinding(corner, frozenset(lesion for lesion in Lesion if lesion.value in names), "not_visible" in names)
        for corner, names in zip(CORNERS, labels, strict=True)
    )
    found = corner_grades(np.concatenate([present(*names) for names in labels]), EVERY_CORNER, MSASSS)
    expected = [score_corner(finding).grade for finding in findings]
    assert found.tolist() == [NOT_SCORED if grade is None else grade for grade in expected]


def test_an_excluded_corner_can_be_graded_by_its_counted_lesions():
    scheme = replace(MSASSS, excluded_corner=ExcludedCorner.COUNTED_LESIONS)
    assert grade(C4, "bridge", "other", scheme=scheme) == 3
    assert grade(C4, "other", scheme=scheme) == NOT_SCORED


def test_balanced_accuracy_is_the_mean_recall_of_the_answers_that_occur():
    truth, found = np.array([0, 0, 0, 3]), np.array([0, 0, 1, 2])
    assert recalls(truth, found) == {0: pytest.approx(2 / 3), 3: 0.0}
    assert balanced_accuracy(truth, found) == pytest.approx(1 / 3)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.5, 3.0), st.floats(-2.0, 2.0), st.integers(0, 99))
def test_calibration_finds_the_spread_and_offset_that_made_the_answers(temperature: float, offset: float, seed: int):
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 2, 20_000)
    targets = rng.random(20_000) < sigmoid(true)
    fit = fit_calibration(true * temperature + offset, targets)
    assert fit.temperature == pytest.approx(temperature, rel=0.1)
    assert fit.offset == pytest.approx(offset, abs=0.1 * temperature + 0.05)


@pytest.mark.parametrize("answer", [True, False])
def test_calibration_leaves_logits_alone_where_all_corners_are_alike(answer: bool):
    fit = fit_calibration(np.arange(5.0), np.full(5, answer))
    np.testing.assert_array_equal(fit.apply(np.arange(5.0)), np.arange(5.0))
    assert youden_threshold(np.arange(5.0), np.full(5, answer)) == 0.0


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2, max_size=30))
def test_no_threshold_beats_the_best_one(rows: list[tuple[int, bool]]):
    scores, targets = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    if targets.all() or not targets.any():
        return

    def gain(threshold: float) -> float:
        found = scores >= threshold
        return float(found[targets].mean() - found[~targets].mean())

    best = gain(youden_threshold(scores, targets))
    assert best >= max(gain(value) for value in [*np.unique(scores)]) - 1e-9


def drawn_scores(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    targets = rng.random((1200, len(LABELS))) < np.array([0.1, 0.1, 0.2, 0.15, 0.1, 0.03, 0.03, 0.03])
    targets[targets[:, -1], :-1] = False
    scores = np.where(targets, 1.5, -1.5) + rng.normal(0, 1.5, targets.shape) - 2.0
    return scores, targets, rng.integers(0, len(CORNERS), len(targets))


@pytest.mark.parametrize("seed", [0, 1])
def test_chosen_thresholds_grade_better_than_each_label_alone(seed: int):
    scores, targets, corners = drawn_scores(seed)
    truth = corner_grades(targets, corners, MSASSS)
    alone = np.array([youden_threshold(scores[:, k], targets[:, k]) for k in range(len(LABELS))])
    chosen = choose_thresholds(scores, targets, corners, scheme=MSASSS)
    reached = [balanced_accuracy(truth, corner_grades(scores >= cut, corners, MSASSS)) for cut in (alone, chosen)]
    assert reached[1] > reached[0]


def test_the_review_margin_marks_the_share_asked_for():
    scores, _, _ = drawn_scores(0)
    thresholds = np.zeros(len(LABELS))
    margin = review_margin(scores, thresholds, share=0.2)
    assert (np.abs(scores).min(axis=1) < margin).mean() == pytest.approx(0.2, abs=0.01)
