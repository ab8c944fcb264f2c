"""Agreement of corner grades, as functions of their confusion counts.

The last two axes of a confusion are the grades of the reference and those of the other reading, 0 to 3 and "not
scored"; any axes before them are kept, so that one call serves all resamples of a bootstrap. A corner that the
reference scores and the other reading does not counts as wrong: leaving a corner out is an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.evaluation.ratios import ratio

GRADES = (0, 1, 2, 3)
NOT_SCORED = len(GRADES)  # the last row and column of a confusion

Counts = npt.NDArray[np.float64] | npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GradeAgreement:
    """What a confusion table of grades says.

    Args:
        confusion: (4, 5) counts; rows are grades 0 to 3 of the reference, columns those of the other and "not scored".
    """

    confusion: npt.NDArray[np.int64]

    @property
    def corners(self) -> int:
        """Corners that the reference scores."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share of corners with the same grade; NaN without corners."""
        return float(accuracy(self.confusion))

    @property
    def recalls(self) -> tuple[float, ...]:
        """Per grade of the reference the share that the other finds; NaN for a grade that does not occur."""
        return tuple(float(value) for value in recalls(self.confusion))

    @property
    def balanced_accuracy(self) -> float:
        """Mean of the recalls of the grades that occur; NaN without corners."""
        return float(balanced_accuracy(self.confusion))

    @property
    def weighted_kappa(self) -> float:
        """Quadratic-weighted kappa over the corners that both score; NaN if it is not defined."""
        return float(weighted_kappa(self.confusion))


def agreement_of_grades(reference: Sequence[int | None], other: Sequence[int | None]) -> GradeAgreement:
    """Count how the grades of one reading answer those of the reference.

    Args:
        reference: Grade 0 to 3 per corner, None where not scored; such corners are left out.
        other: The same corners in the same order.

    Raises:
        ValueError: If the two are not equally long.
    """
    confusion = np.zeros((len(GRADES), len(GRADES) + 1), dtype=np.int64)
    for true, answer in zip(reference, other, strict=True):
        if true is not None:
            confusion[true, NOT_SCORED if answer is None else answer] += 1
    return GradeAgreement(confusion)


def accuracy(confusion: Counts) -> Values:
    """Return the share of the reference's graded corners with the same grade; NaN without corners."""
    right = np.trace(_scored(confusion), axis1=-2, axis2=-1)
    return ratio(right, confusion[..., :NOT_SCORED, :].sum(axis=(-2, -1)))


def recalls(confusion: Counts) -> Values:
    """Return (..., 4): per grade of the reference the share that the other finds; NaN for one that does not occur."""
    return ratio(_right(confusion), confusion[..., :NOT_SCORED, :].sum(axis=-1))


def precisions(confusion: Counts) -> Values:
    """Return (..., 4): per grade of the other the share that the reference confirms, where the reference scores."""
    return ratio(_right(confusion), _scored(confusion).sum(axis=-2))


def balanced_accuracy(confusion: Counts) -> Values:
    """Return the mean of the recalls of the grades that occur; NaN without corners."""
    found = recalls(confusion)
    occurs = ~np.isnan(found)
    return ratio(np.where(occurs, found, 0.0).sum(axis=-1), occurs.sum(axis=-1))


def weighted_kappa(confusion: Counts) -> Values:
    """Return the quadratic-weighted kappa over the corners that both score; NaN where it is not defined."""
    return _weighted_kappa(_scored(confusion))


def within_one_grade(confusion: Counts) -> Values:
    """Return the share of the reference's graded corners that the other grades at most one grade off."""
    places = np.arange(NOT_SCORED)
    near = np.abs(places[:, None] - places) <= 1
    right = np.where(near, _scored(confusion), 0).sum(axis=(-2, -1))
    return ratio(right, confusion[..., :NOT_SCORED, :].sum(axis=(-2, -1)))


def share_not_scored(confusion: Counts) -> Values:
    """Return the share of the reference's graded corners that the other does not score."""
    left_out = confusion[..., :NOT_SCORED, NOT_SCORED].sum(axis=-1)
    return ratio(left_out, confusion[..., :NOT_SCORED, :].sum(axis=(-2, -1)))


def quadratic_weighted_kappa(confusion: npt.NDArray[np.int64]) -> float:
    """Return Cohen's kappa with quadratic weights (Cohen 1968, Psychol Bull 70:213).

    Args:
        confusion: (K, K) counts of ordered categories.

    Returns:
        Kappa in [-1, 1]; NaN where both readings use one and the same category only.
    """
    return float(_weighted_kappa(confusion))


def _weighted_kappa(confusion: Counts) -> Values:
    places = np.arange(confusion.shape[-1])
    weights = (places[:, None] - places) ** 2
    observed = (weights * confusion).sum(axis=(-2, -1))
    margins = confusion.sum(axis=-1)[..., :, None] * confusion.sum(axis=-2)[..., None, :]
    expected = ratio((weights * margins).sum(axis=(-2, -1)), confusion.sum(axis=(-2, -1)))
    return np.asarray(1.0 - ratio(observed, expected))


def _scored(confusion: Counts) -> Counts:
    return confusion[..., :NOT_SCORED, :NOT_SCORED]


def _right(confusion: Counts) -> Values:
    return np.asarray(np.diagonal(_scored(confusion), axis1=-2, axis2=-1), dtype=np.float64)
