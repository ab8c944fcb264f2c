"""Intervals that respect that corners of one patient resemble each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.estimate:.3f} ({self.low:.3f} to {self.high:.3f})"


def patient_bootstrap(
    patients: Sequence[Item], statistic: Callable[[Sequence[Item]], float], *, seed: int, draws: int = 1000
) -> Interval:
    """Return a statistic of patients with its percentile interval, patients drawn with replacement.

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
    values = []
    for _ in range(draws):
        drawn = [patients[place] for place in rng.integers(0, len(patients), len(patients))]
        values.append(statistic(drawn))
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return Interval(statistic(patients), float(low), float(high))
