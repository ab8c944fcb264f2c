"""Whether what a network calls 30 % likely is there in 30 % of cases."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.evaluation.ratios import ratio

Array = npt.NDArray[np.float64]

BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationCurve:
    """Predicted and observed frequency in bins of equal width.

    Args:
        counts: (bins,) corners.
        predicted: (bins,) mean probability; NaN where there is no corner.
        observed: (bins,) share with the finding; NaN where there is no corner.
    """

    counts: Array
    predicted: Array
    observed: Array


def binned(probabilities: Array, truth: npt.NDArray[np.bool_]) -> Array:
    """Return (N, bins, 3): what each corner adds to number, sum of probabilities and number of findings of its bin."""
    place = np.minimum((probabilities * BINS).astype(np.intp), BINS - 1)
    values = np.column_stack([np.ones(len(truth)), probabilities, truth])
    sums = np.zeros((len(truth), BINS, 3))
    sums[np.arange(len(truth)), place] = values
    return sums


def calibration_curve(bins: Array) -> CalibrationCurve:
    """Return the curve of the sums (bins, 3)."""
    return CalibrationCurve(bins[:, 0], ratio(bins[:, 1], bins[:, 0]), ratio(bins[:, 2], bins[:, 0]))


def expected_calibration_error(bins: Array) -> Array:
    """Return the mean distance of predicted and observed frequency over the corners, from sums (..., bins, 3).

    Naeini 2015 (AAAI, Obtaining well calibrated probabilities using Bayesian binning), bins of equal width.
    """
    return ratio(np.abs(bins[..., 1] - bins[..., 2]).sum(axis=-1), bins[..., 0].sum(axis=-1))


def predicted_over_observed(bins: Array) -> Array:
    """Return the findings expected from the probabilities over those that are there; 1 is right on the whole."""
    return ratio(bins[..., 1].sum(axis=-1), bins[..., 2].sum(axis=-1))
