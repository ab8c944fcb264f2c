"""How well a finding is detected, as functions of (..., 2, 2) counts.

Rows are no and yes of the reference, columns those of the other. Axes before the last two are kept, for resamples.
"""

import numpy as np
import numpy.typing as npt

from msasss.evaluation.ratios import ratio

Array = npt.NDArray[np.float64]

# Chen 2024 thinned the negatives of its validation sets to three per positive.
NEGATIVES_PER_POSITIVE = 3


def accuracy(table: Array) -> Array:
    """Return the share answered as the reference does."""
    return ratio(np.trace(table, axis1=-2, axis2=-1), table.sum(axis=(-2, -1)))


def sensitivity(table: Array) -> Array:
    """Return the share of the positives that is found; NaN without positives."""
    return ratio(table[..., 1, 1], table[..., 1, :].sum(axis=-1))


def specificity(table: Array) -> Array:
    """Return the share of the negatives that is left alone; NaN without negatives."""
    return ratio(table[..., 0, 0], table[..., 0, :].sum(axis=-1))


def positive_predictive_value(table: Array) -> Array:
    """Return the share of what is flagged that the reference confirms, at the prevalence of the study."""
    return ratio(table[..., 1, 1], table[..., :, 1].sum(axis=-1))


def negative_predictive_value(table: Array) -> Array:
    """Return the share of what is not flagged that the reference confirms, at the prevalence of the study."""
    return ratio(table[..., 0, 0], table[..., :, 0].sum(axis=-1))


def f1(table: Array) -> Array:
    """Return the harmonic mean of sensitivity and positive predictive value; NaN where nothing is there or flagged."""
    return ratio(2 * table[..., 1, 1], 2 * table[..., 1, 1] + table[..., 0, 1] + table[..., 1, 0])


def accuracy_at_one_to_three(table: Array) -> Array:
    """Return the accuracy expected after thinning the negatives at random to three per positive, as Chen 2024 did."""
    parts = 1 + NEGATIVES_PER_POSITIVE
    return np.asarray((sensitivity(table) + NEGATIVES_PER_POSITIVE * specificity(table)) / parts)


def accuracy_of_never(table: Array) -> Array:
    """Return the accuracy of never flagging anything: the share of negatives."""
    return ratio(table[..., 0, :].sum(axis=-1), table.sum(axis=(-2, -1)))
