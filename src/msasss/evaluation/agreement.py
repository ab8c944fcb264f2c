"""Agreement of two lists of corner grades.

A corner that the reference scores and the other reading does not counts as wrong: leaving a corner out is an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

GRADES = (0, 1, 2, 3)
NOT_SCORED = len(GRADES)  # the last column of a confusion table


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
        return float(np.trace(self.confusion[:, :NOT_SCORED]) / self.corners) if self.corners else float("nan")

    @property
    def recalls(self) -> tuple[float, ...]:
        """Per grade of the reference the share that the other finds; NaN for a grade that does not occur."""
        totals = self.confusion.sum(axis=1)
        return tuple(
            float(self.confusion[grade, grade] / totals[grade]) if totals[grade] else float("nan") for grade in GRADES
        )

    @property
    def balanced_accuracy(self) -> float:
        """Mean of the recalls of the grades that occur; NaN without corners."""
        known = [recall for recall in self.recalls if not np.isnan(recall)]
        return float(np.mean(known)) if known else float("nan")

    @property
    def weighted_kappa(self) -> float:
        """Quadratic-weighted kappa over the corners that both score; NaN if it is not defined."""
        return quadratic_weighted_kappa(self.confusion[:, :NOT_SCORED])


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


def quadratic_weighted_kappa(confusion: npt.NDArray[np.int64]) -> float:
    """Return Cohen's kappa with quadratic weights (Cohen 1968, Psychol Bull 70:213).

    Args:
        confusion: (K, K) counts of ordered categories.

    Returns:
        Kappa in [-1, 1]; NaN where both readings use one and the same category only.
    """
    total = confusion.sum()
    if total == 0:
        return float("nan")
    places = np.arange(len(confusion))
    weights = (places[:, None] - places) ** 2
    expected = np.outer(confusion.sum(axis=1), confusion.sum(axis=0)) / total
    disagreement = float((weights * expected).sum())
    return 1.0 - float((weights * confusion).sum()) / disagreement if disagreement else float("nan")
