"""How well a probability ranks corners with a finding above those without, for weighted patients.

    ranking = rank(probabilities, truth, patient_of, patients=200)
    draws.interval(ranking.area_under_roc)

Corners with the same probability are taken together. Both areas follow from counts per patient at the probabilities of
the positive corners, so that all resamples are products of matrices.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.evaluation.ratios import ratio

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Counts per patient (P) at the M distinct probabilities of positive corners, falling.

    Args:
        positives: (P, M) positive corners of just that probability.
        negatives_below: (P, M) negative corners of a lower one, those of the same one counted half.
        at_or_above: (P, M) corners, positive or negative, of at least that probability.
        negatives: (P, 1) negative corners.
    """

    positives: Array
    negatives_below: Array
    at_or_above: Array
    negatives: Array

    def area_under_roc(self, weights: Array) -> Array:
        """Return the area under the receiver operating characteristic (B,) for weights of patients (B, P).

        It is the share of pairs of a positive and a negative corner in which the positive one ranks higher.
        """
        found = weights @ self.positives
        pairs_won = (found * (weights @ self.negatives_below)).sum(axis=1)
        return ratio(pairs_won, found.sum(axis=1) * (weights @ self.negatives)[:, 0])

    def average_precision(self, weights: Array) -> Array:
        """Return the average precision, the step-wise area under the precision-recall curve (B,)."""
        found = weights @ self.positives
        precision = np.nan_to_num(ratio(np.cumsum(found, axis=1), weights @ self.at_or_above))
        return ratio((found * precision).sum(axis=1), found.sum(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class OperatingCurve:
    """What each threshold finds and falsely flags, from the highest probability down.

    Args:
        sensitivity: (T,) share of the positives at or above the threshold.
        false_positive_rate: (T,) share of the negatives.
        precision: (T,) share of what is flagged that is positive.
    """

    sensitivity: Array
    false_positive_rate: Array
    precision: Array


def rank(
    probabilities: Array, truth: npt.NDArray[np.bool_], patient_of: npt.NDArray[np.intp], *, patients: int
) -> Ranking:
    """Count corners per patient at each probability of a positive corner.

    Args:
        probabilities: (N,) without missing values.
        truth: (N,) whether the reference has the finding.
        patient_of: (N,) number of the patient, 0 to P - 1.
        patients: P.
    """
    levels = np.unique(probabilities[truth])[::-1]
    shape = (patients, len(levels))
    positives, at_or_above, below, equal = (np.zeros(shape) for _ in range(4))
    place = np.searchsorted(-levels, -probabilities)  # the first level that the probability reaches
    reached = place < len(levels)
    np.add.at(at_or_above, (patient_of[reached], place[reached]), 1.0)
    np.add.at(positives, (patient_of[truth], place[truth]), 1.0)
    of_negatives = np.bincount(patient_of[~truth], minlength=patients).astype(np.float64)[:, None]
    at_or_above = np.cumsum(at_or_above, axis=1)
    negatives_reached = at_or_above - np.cumsum(positives, axis=1)
    ties = ~truth & np.isin(probabilities, levels)
    np.add.at(equal, (patient_of[ties], place[ties]), 1.0)
    below = of_negatives - negatives_reached + equal / 2
    return Ranking(positives, below, at_or_above, of_negatives)


def operating_curve(probabilities: Array, truth: npt.NDArray[np.bool_]) -> OperatingCurve:
    """Return sensitivity, false positive rate and precision at every probability that occurs.

    Args:
        probabilities: (N,) without missing values.
        truth: (N,) whether the reference has the finding.
    """
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order]
    last_of_tie = np.flatnonzero(np.append(np.diff(ranked) != 0, [True] * bool(len(ranked))))
    flagged = last_of_tie + 1.0
    found = np.cumsum(truth[order].astype(np.float64))[last_of_tie]
    return OperatingCurve(ratio(found, truth.sum()), ratio(flagged - found, (~truth).sum()), ratio(found, flagged))
