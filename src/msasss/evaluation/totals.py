"""Agreement of total scores, and of their changes.

Everything here follows from the moments of the scores of k readers over the same exams: (..., k + 1, k + 1) sums of
products of (1, score of reader 1, ..., score of reader k). Axes before the last two are kept, for resamples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.evaluation.ratios import ratio

Array = npt.NDArray[np.float64]

# Of a normal distribution 95 % lie within this many standard deviations (Bland & Altman 1986, Lancet 327:307).
NORMAL_95 = 1.96
# Sums of squares are differences of large numbers; below this share of them they are rounding, not variation.
ROUNDING = 1e-10


@dataclass(frozen=True, slots=True)
class TotalAgreement:
    """How two readings' totals agree.

    Args:
        exams: Exams for which both give a total.
        icc: ICC(2,1), absolute agreement of single readings (Shrout & Fleiss 1979); NaN with fewer than two exams.
        bias: Mean of other minus reference (Bland & Altman 1986), in points.
        limits: 95 % limits of agreement, in points.
        mean_absolute_error: In points.
    """

    exams: int
    icc: float
    bias: float
    limits: tuple[float, float]
    mean_absolute_error: float


def agreement_of_totals(reference: Sequence[float | None], other: Sequence[float | None]) -> TotalAgreement:
    """Compare totals, over the exams for which both readings give one.

    Raises:
        ValueError: If the two are not equally long, or no exam has both totals.
    """
    pairs = [(a, b) for a, b in zip(reference, other, strict=True) if a is not None and b is not None]
    if not pairs:
        msg = f"Expected an exam with both totals, got none of {len(reference)}."
        raise ValueError(msg)
    scores = np.asarray(pairs, dtype=np.float64)
    moments = moments_of(scores).sum(axis=0)
    low, high = limits_of_agreement(moments)
    return TotalAgreement(
        exams=len(pairs),
        icc=float(icc_agreement(moments)),
        bias=float(bias(moments)),
        limits=(float(low), float(high)),
        mean_absolute_error=float(np.abs(scores[:, 1] - scores[:, 0]).mean()),
    )


def intraclass_correlation(scores: Array) -> float:
    """Return ICC(2,1): two-way random effects, absolute agreement, single reader (Shrout & Fleiss 1979).

    Args:
        scores: (exams, readers).

    Returns:
        The coefficient; NaN with fewer than two exams, or where nothing varies.
    """
    return float(icc_agreement(moments_of(scores).sum(axis=0)))


def moments_of(scores: Array) -> Array:
    """Return (exams, k + 1, k + 1): what each exam adds to the moments.

    Args:
        scores: (exams, k readers), without missing scores.
    """
    rows = np.column_stack([np.ones(len(scores)), scores])
    return np.asarray(rows[:, :, None] * rows[:, None, :])


def icc_agreement(moments: Array) -> Array:
    """Return ICC(2,1), two-way random effects, absolute agreement (Shrout & Fleiss 1979, Psychol Bull 86:420)."""
    exams, readers = moments[..., 0, 0], moments.shape[-1] - 1
    between_exams, between_readers, error = _mean_squares(moments)
    spread = between_exams + (readers - 1) * error + readers * ratio(between_readers - error, exams)
    return ratio(between_exams - error, spread)


def icc_consistency(moments: Array) -> Array:
    """Return ICC(3,1), two-way mixed effects, consistency (Shrout & Fleiss 1979, Psychol Bull 86:420)."""
    readers = moments.shape[-1] - 1
    between_exams, _, error = _mean_squares(moments)
    return ratio(between_exams - error, between_exams + (readers - 1) * error)


def bias(moments: Array) -> Array:
    """Return the mean of the second reader's scores minus the first's, in points."""
    return ratio(moments[..., 0, 2] - moments[..., 0, 1], moments[..., 0, 0])


def spread_of_differences(moments: Array) -> Array:
    """Return the standard deviation of the second reader's scores minus the first's; NaN with fewer than two exams."""
    exams = moments[..., 0, 0]
    squares = moments[..., 1, 1] + moments[..., 2, 2] - 2 * moments[..., 1, 2]
    centred = squares - np.nan_to_num(bias(moments)) ** 2 * exams
    variance = ratio(np.maximum(centred, 0.0), np.where(exams > 1, exams - 1, 0))
    return np.sqrt(variance)


def limits_of_agreement(moments: Array) -> tuple[Array, Array]:
    """Return the 95 % limits of agreement, in points (Bland & Altman 1986)."""
    middle, reach = bias(moments), NORMAL_95 * spread_of_differences(moments)
    return middle - reach, middle + reach


def lower_limit(moments: Array) -> Array:
    """Return the lower 95 % limit of agreement, in points."""
    return limits_of_agreement(moments)[0]


def upper_limit(moments: Array) -> Array:
    """Return the upper 95 % limit of agreement, in points."""
    return limits_of_agreement(moments)[1]


def detectable_change_from_status(moments: Array) -> Array:
    """Return the smallest change beyond measurement error of a single reader, from scores of one visit.

    1.96 · √2 · SEM with SEM the standard deviation of the differences / √2 (de Vet 2006, J Clin Epidemiol 59:1033):
    it takes the errors at two visits to be independent, which in paired reading they are not, and is then too large.
    """
    return np.asarray(NORMAL_95 * spread_of_differences(moments))


def detectable_change(moments: Array, *, readers_averaged: int = 1) -> Array:
    """Return the smallest detectable change, from change scores of two readers.

    1.96 · SD of the difference of the changes / (√2 · √k) (Bruynesteyn 2005, Ann Rheum Dis 64:179).

    Args:
        moments: Of the two readers' change scores.
        readers_averaged: k, the number of readers whose scores are averaged in use.
    """
    return np.asarray(NORMAL_95 * spread_of_differences(moments) / np.sqrt(2 * readers_averaged))


def _mean_squares(moments: Array) -> tuple[Array, Array, Array]:
    """Return the mean squares between exams, between readers, and of the error; NaN with fewer than two exams."""
    exams, readers = moments[..., 0, 0], moments.shape[-1] - 1
    sums, products = moments[..., 0, 1:], moments[..., 1:, 1:]
    overall = ratio(sums.sum(axis=-1) ** 2, exams * readers)
    by_exam = products.sum(axis=(-2, -1)) / readers - overall
    by_reader = ratio((sums**2).sum(axis=-1), exams) - overall
    squares = np.trace(products, axis1=-2, axis2=-1)
    by_exam, by_reader, left = (
        np.where(np.abs(part) > ROUNDING * squares, part, 0.0)
        for part in (by_exam, by_reader, squares - overall - by_exam - by_reader)
    )
    freedom = np.where(exams > 1, exams - 1, 0)
    return ratio(by_exam, freedom), by_reader / (readers - 1), ratio(left, freedom * (readers - 1))
