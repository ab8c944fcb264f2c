"""Agreement of two lists of total scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


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
    difference = scores[:, 1] - scores[:, 0]
    bias = float(difference.mean())
    spread = 1.96 * float(difference.std(ddof=1)) if len(pairs) > 1 else float("nan")
    return TotalAgreement(
        exams=len(pairs),
        icc=intraclass_correlation(scores),
        bias=bias,
        limits=(bias - spread, bias + spread),
        mean_absolute_error=float(np.abs(difference).mean()),
    )


def intraclass_correlation(scores: npt.NDArray[np.float64]) -> float:
    """Return ICC(2,1): two-way random effects, absolute agreement, single reader (Shrout & Fleiss 1979).

    Args:
        scores: (exams, readers).

    Returns:
        The coefficient; NaN with fewer than two exams, or where nothing varies.
    """
    exams, readers = scores.shape
    if exams < 2:
        return float("nan")
    mean = scores.mean()
    between_exams = readers * float(((scores.mean(axis=1) - mean) ** 2).sum()) / (exams - 1)
    between_readers = exams * float(((scores.mean(axis=0) - mean) ** 2).sum()) / (readers - 1)
    residual = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0, keepdims=True) + mean
    error = float((residual**2).sum()) / ((exams - 1) * (readers - 1))
    denominator = between_exams + (readers - 1) * error + readers * (between_readers - error) / exams
    return (between_exams - error) / denominator if denominator else float("nan")
