"""Calibration and thresholds of the lesion networks, fitted on held-out films.

Axes: `M` corners, `L` labels in the order of `LABELS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.anatomy import CORNERS
from msasss.models.lesion_classifier import LABELS, NOT_VISIBLE, sigmoid
from msasss.reading import Lesion
from msasss.scoring.scheme import HIGHEST_GRADE, ExcludedCorner, ScoringScheme

NOT_SCORED = HIGHEST_GRADE + 1
CANDIDATES = 61
ROUNDS = 4
_RIDGE = 1e-3
_CONVERGED = 1e-6
_SLOPES = (0.2, 5.0)

Scores = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The probability of a logit is `sigmoid((logit - offset) / temperature)`."""

    temperature: float = 1.0
    offset: float = 0.0

    def apply(self, logits: Scores) -> Scores:
        """Return the calibrated logits."""
        return (logits - self.offset) / self.temperature


def fit_calibration(logits: Scores, targets: Flags, *, steps: int = 50) -> Calibration:
    """Return the calibration with the least negative log likelihood on corners (M,).

    With corners of one kind only there is nothing to fit and the logits are left as they are.
    """
    if targets.all() or not targets.any():
        return Calibration()
    design = np.stack([logits, np.ones_like(logits)], axis=1)
    line = np.array([1.0, 0.0])
    for _ in range(steps):
        chance = sigmoid(design @ line)
        gradient = design.T @ (chance - targets) + _RIDGE * (line - [1.0, 0.0])
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + _RIDGE * np.eye(2)
        change = np.clip(np.linalg.solve(curvature, gradient), -1.0, 1.0)
        line = line - change
        if np.abs(change).max() < _CONVERGED:
            break
    slope = float(np.clip(line[0], *_SLOPES))
    return Calibration(1 / slope, -float(line[1]) / slope)


def youden_threshold(scores: Scores, targets: Flags) -> float:
    """Return the score with the largest sum of sensitivity and specificity; scores from it on are positive."""
    if targets.all() or not targets.any():
        return 0.0
    order = np.argsort(-scores, kind="stable")
    gain = np.cumsum(np.where(targets[order], 1 / targets.sum(), -1 / (~targets).sum()))
    ends = np.append(np.diff(scores[order]) != 0, True)
    best = int(np.argmax(np.where(ends, gain, -np.inf)))
    below = scores[order][best + 1] if best + 1 < len(scores) else scores[order][best] - 1.0
    return float((scores[order][best] + below) / 2)


def corner_grades(present: Flags, corners: Places, scheme: ScoringScheme) -> npt.NDArray[np.int64]:
    """Return the grade of each corner, 0 to 3, or `NOT_SCORED`.

    Args:
        present: (M, L) labels given.
        corners: (M,) place of each corner in `CORNERS`.
        scheme: The rules.
    """
    counted = np.array([[_grade(scheme, label, corner) for label in LABELS] for corner in range(len(CORNERS))])
    grades: npt.NDArray[np.int64] = np.where(present, counted[corners], 0).max(axis=1)
    excluded = present[:, [label in _names(scheme) for label in LABELS]].any(axis=1)
    if scheme.excluded_corner is ExcludedCorner.COUNTED_LESIONS:
        excluded &= grades == 0
    return np.where(excluded | present[:, LABELS.index(NOT_VISIBLE)], NOT_SCORED, grades)


def recalls(truth: npt.NDArray[np.int64], found: npt.NDArray[np.int64]) -> dict[int, float]:
    """Return the share found of each answer that occurs: grades 0 to 3 and `NOT_SCORED`."""
    return {int(answer): float((found[truth == answer] == answer).mean()) for answer in np.unique(truth)}


def balanced_accuracy(truth: npt.NDArray[np.int64], found: npt.NDArray[np.int64]) -> float:
    """Return the mean recall over the answers that occur."""
    return float(np.mean(list(recalls(truth, found).values())))


def choose_thresholds(scores: Scores, targets: Flags, corners: Places, *, scheme: ScoringScheme) -> Scores:
    """Return the threshold per label (L,) that grades corners best, by balanced accuracy.

    A coordinate search from each label's own best threshold; "not scored" counts as an answer of its own, or else
    no corner would ever be called not visible.

    Args:
        scores: (M, L) calibrated logits.
        targets: (M, L) labels given.
        corners: (M,) place of each corner in `CORNERS`.
        scheme: The rules that make grades of labels.
    """
    truth = corner_grades(targets, corners, scheme)
    thresholds = np.array([youden_threshold(scores[:, k], targets[:, k]) for k in range(len(LABELS))])

    def accuracy(candidate: Scores) -> float:
        return balanced_accuracy(truth, corner_grades(scores >= candidate, corners, scheme))

    for _ in range(ROUNDS):
        before = thresholds.copy()
        for label in range(len(LABELS)):
            thresholds = _best_of(thresholds, label, scores[:, label], accuracy)
        if np.array_equal(before, thresholds):
            break
    return thresholds


def review_margin(scores: Scores, thresholds: Scores, *, share: float) -> float:
    """Return the margin within which so large a share of corners has a label near its threshold."""
    nearest = np.abs(scores - thresholds).min(axis=1)
    return float(np.quantile(nearest, share))


def _best_of(thresholds: Scores, label: int, scores: Scores, accuracy: Callable[[Scores], float]) -> Scores:
    """Try other thresholds of one label; the old one stays unless one is better."""
    best, reached = thresholds, accuracy(thresholds)
    for value in np.quantile(scores, np.linspace(0.0, 1.0, CANDIDATES)):
        candidate = thresholds.copy()
        candidate[label] = value
        if (now := accuracy(candidate)) > reached + 1e-9:
            best, reached = candidate, now
    return best


def _grade(scheme: ScoringScheme, label: str, corner: int) -> int:
    if label == NOT_VISIBLE or not scheme.counts(Lesion(label), CORNERS[corner]):
        return 0
    return scheme.grade_of[Lesion(label)]


def _names(scheme: ScoringScheme) -> set[str]:
    return {lesion.value for lesion in scheme.excluding_lesions}
