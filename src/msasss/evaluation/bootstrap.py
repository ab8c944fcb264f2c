"""Intervals that respect that corners of one patient resemble each other: patients are drawn, not corners.

    draws = draw_patients(patients=200, seed=1)
    draws.interval_of_sums(confusion_by_patient, accuracy)

Most statistics here are functions of sums over patients, so that all resamples are one product of two matrices.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Item = TypeVar("Item")
Array = npt.NDArray[np.float64]

DRAWS = 1000
# Resamples are taken in parts, so that a statistic of 10^5 corners stays within some 100 MB.
PART = 125
# An interval from resamples half of which have no value would describe the other half.
SMALLEST_SHARE_DEFINED = 0.5


FEWEST_PATIENTS = 2  # one patient, drawn again and again, has no spread


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval; NaN where it is not defined."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.estimate:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True, eq=False)
class PatientDraws:
    """Resamples of the patients of a study, with replacement.

    Args:
        weights: (D, P): how often each of P patients is drawn in each of D resamples.
    """

    weights: Array

    @property
    def patients(self) -> int:
        """Number of patients in the study."""
        return int(self.weights.shape[1])

    def interval(self, statistic: Callable[[Array], Array]) -> Interval:
        """Return a statistic with its percentile interval.

        Args:
            statistic: From weights of patients (B, P) to values (B,).
        """
        estimate = float(statistic(np.ones((1, self.patients)))[0])
        if self.patients < FEWEST_PATIENTS:
            return Interval(estimate, float("nan"), float("nan"))
        parts = [self.weights[start : start + PART] for start in range(0, len(self.weights), PART)]
        return _interval(estimate, np.concatenate([statistic(part) for part in parts]))

    def band(self, statistic: Callable[[Array], Array]) -> tuple[Array, Array, Array]:
        """Return statistics (S,) with their lower and upper bounds, as `interval` does for one.

        Args:
            statistic: From weights of patients (B, P) to values (B, S).
        """
        estimates = statistic(np.ones((1, self.patients)))[0]
        parts = [self.weights[start : start + PART] for start in range(0, len(self.weights), PART)]
        values = np.concatenate([statistic(part) for part in parts])
        intervals = [_interval(float(one), values[:, place]) for place, one in enumerate(estimates)]
        return estimates, np.array([it.low for it in intervals]), np.array([it.high for it in intervals])

    def interval_of_sums(self, by_patient: npt.NDArray[np.number], statistic: Callable[[Array], Array]) -> Interval:
        """Return a statistic of sums over patients with its percentile interval.

        Args:
            by_patient: (P, ...) what each patient adds to the sums.
            statistic: From sums (B, ...) to values (B,).
        """
        flat = by_patient.reshape(self.patients, -1).astype(np.float64)
        return self.interval(lambda weights: statistic((weights @ flat).reshape(-1, *by_patient.shape[1:])))


def draw_patients(patients: int, *, seed: int, draws: int = DRAWS) -> PatientDraws:
    """Draw resamples of patients, each as large as the study.

    Raises:
        ValueError: If there is no patient.
    """
    if patients < 1:
        msg = f"Expected at least one patient, got {patients}."
        raise ValueError(msg)
    rng = np.random.default_rng(seed)
    return PatientDraws(rng.multinomial(patients, np.full(patients, 1 / patients), size=draws).astype(np.float64))


def sums_by_patient(values: npt.NDArray[np.number], patient_of: npt.NDArray[np.intp], patients: int) -> Array:
    """Add up values by patient.

    Args:
        values: (N, ...) one entry per visit or corner.
        patient_of: (N,) number of the patient of each.
        patients: How many patients there are.

    Returns:
        (P, ...) sums.
    """
    sums = np.zeros((patients, *values.shape[1:]))
    np.add.at(sums, patient_of, values)
    return sums


def patient_bootstrap(
    patients: Sequence[Item], statistic: Callable[[Sequence[Item]], float], *, seed: int, draws: int = DRAWS
) -> Interval:
    """Return a statistic of patients with its percentile interval, for statistics that are no function of sums.

    Args:
        patients: Whatever the statistic takes, one item per patient.
        statistic: From patients to a number; draws for which it is NaN are left out.
        seed: Of the draws.
        draws: How many.

    Raises:
        ValueError: If there is no patient.
    """
    if not patients:
        msg = "Expected at least one patient, got none."
        raise ValueError(msg)
    rng = np.random.default_rng(seed)
    values = [
        statistic([patients[place] for place in rng.integers(0, len(patients), len(patients))]) for _ in range(draws)
    ]
    return _interval(float(statistic(patients)), np.asarray(values, dtype=np.float64))


def _interval(estimate: float, values: Array) -> Interval:
    defined = values[~np.isnan(values)]
    if np.isnan(estimate) or not len(defined) or len(defined) < SMALLEST_SHARE_DEFINED * len(values):
        return Interval(estimate, float("nan"), float("nan"))
    low, high = np.percentile(defined, [2.5, 97.5])
    return Interval(estimate, float(low), float(high))
