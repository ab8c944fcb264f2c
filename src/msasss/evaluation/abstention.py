"""What share of corners must a person look at so that the rest are right?

Corners are sorted by how sure the network is of the grade it gives. A corner that it gives no grade is always looked
at by a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.anatomy import CORNERS
from msasss.evaluation.agreement import NOT_SCORED
from msasss.evaluation.answers import Answers, Array, Bools
from msasss.evaluation.ratios import ratio
from msasss.reading import Lesion
from msasss.scoring import ScoringScheme


@dataclass(frozen=True, slots=True, eq=False)
class Abstention:
    """Corners by falling certainty.

    Args:
        right: (N,) 1.0 where the grade is that of the reference.
        patient_of: (N,) number of the patient.
        last_of_tie: Places of the last corner of each run of equal certainty, among those that are graded.
    """

    right: Array
    patient_of: npt.NDArray[np.intp]
    last_of_tie: npt.NDArray[np.intp]

    def share_to_look_at(self, weights: Array, *, accuracy: float) -> Array:
        """Return the smallest share (B,) to look at so that the rest are right often enough; 1 where none suffices."""
        kept, right, total = self._cumulated(weights)
        enough = (kept > 0) & (right >= accuracy * kept - 1e-9)
        largest = np.where(enough, kept, 0.0).max(axis=1, initial=0.0)
        return 1.0 - ratio(largest, total)

    def accuracy_of_rest(self, weights: Array, shares: Sequence[float]) -> Array:
        """Return the accuracy (B, S) of the rest after shares of the corners were looked at; NaN where none is left.

        Where more corners than the share are not scored, these are the ones looked at.
        """
        kept, right, total = self._cumulated(weights)
        if not kept.shape[1]:
            return np.full((len(weights), len(shares)), np.nan)
        rows = np.arange(len(weights))
        result = np.full((len(weights), len(shares)), np.nan)
        for place, share in enumerate(shares):
            allowed = kept <= (1.0 - share) * total[:, None] + 1e-9
            last = np.maximum(allowed.sum(axis=1) - 1, 0)
            result[:, place] = np.where(allowed[:, 0], ratio(right[rows, last], kept[rows, last]), np.nan)
        return result

    def _cumulated(self, weights: Array) -> tuple[Array, Array, Array]:
        of_corner = weights[:, self.patient_of]
        kept = np.cumsum(of_corner, axis=1)[:, self.last_of_tie]
        right = np.cumsum(of_corner * self.right, axis=1)[:, self.last_of_tie]
        return kept, right, of_corner.sum(axis=1)


def abstention_of(certainty: Array, right: Bools, graded: Bools, patient_of: npt.NDArray[np.intp]) -> Abstention:
    """Sort corners by certainty.

    Args:
        certainty: (N,).
        right: (N,) whether the grade is that of the reference.
        graded: (N,) whether there is a grade.
        patient_of: (N,) number of the patient.
    """
    order = np.lexsort((-certainty, ~graded))
    ranked = np.where(graded, certainty, -1.0)[order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, [True] * bool(len(ranked))))
    return Abstention(right[order].astype(np.float64), patient_of[order], last[graded[order][last]])


def certainty_of_grades(answers: Answers, scheme: ScoringScheme) -> Array:
    """Return (V, 24): the probability of the grade given, from those of the lesions taken as independent.

    A lesion without a probability at a corner is taken to be absent. NaN where a corner has no probability at all.
    """
    absent = 1.0 - np.nan_to_num(answers.probabilities)
    grade_of = np.array([[_grade(scheme, lesion, place) for lesion in Lesion] for place in range(len(CORNERS))])
    excluding = np.array([lesion in scheme.excluding_lesions for lesion in Lesion] + [True])
    scored = np.where(excluding, absent, 1.0).prod(axis=-1)
    lesions_absent, given = absent[..., :-1], answers.grades[..., None]
    none_above = np.where(grade_of > given, lesions_absent, 1.0).prod(axis=-1)
    none_of_it = np.where(grade_of == given, lesions_absent, 1.0).prod(axis=-1)
    of_grade = none_above * np.where(answers.grades == 0, 1.0, 1.0 - none_of_it)
    certain = np.where(answers.grades == NOT_SCORED, 1.0 - scored, scored * of_grade)
    return np.where(np.isnan(answers.probabilities).all(axis=-1), np.nan, certain)


def _grade(scheme: ScoringScheme, lesion: Lesion, place: int) -> int:
    return scheme.grade_of[lesion] if scheme.counts(lesion, CORNERS[place]) else 0
