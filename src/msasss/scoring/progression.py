"""Change between two visits of a patient.

Only corners scored at both visits are compared: a corner that was not visible once has not changed, as far as is known.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from msasss.anatomy import CORNERS, Corner
from msasss.errors import ReadingError, UsageError
from msasss.reading import Reading
from msasss.scoring.citations import BARALIAKOS_2007, HEBEISEN_2020, MEASURE_1, PREVENT, SURPASS
from msasss.scoring.scheme import MSASSS, ScoringScheme
from msasss.scoring.score import score_reading

SYNDESMOPHYTE_GRADE = 2
BRIDGE_GRADE = 3

# 116 patients over two years (Baraliakos 2007). It depends on the readers: a study should measure its own.
USUAL_SDC = 2.0


@dataclass(frozen=True, slots=True)
class Threshold:
    """A change that counts as progression.

    Args:
        name: As it is written in publications, for example "≥ 2".
        bound: In units of the score.
        inclusive: Whether the bound itself counts.
        citation: Who uses it.
    """

    name: str
    bound: float
    inclusive: bool
    citation: str

    def is_met_by(self, change: float) -> bool:
        """Say whether the change counts as progression."""
        return change >= self.bound if self.inclusive else change > self.bound


@dataclass(frozen=True, slots=True)
class CornerChange:
    """The grades of a corner scored at both visits."""

    corner: Corner
    previous: int
    current: int

    @property
    def change(self) -> int:
        """Current less previous grade; negative where the corner was graded lower than before."""
        return self.current - self.previous

    @property
    def is_new_syndesmophyte(self) -> bool:
        """A syndesmophyte or bridge where there was neither: 0 or 1 to 2 or 3 (Baraliakos 2007)."""
        return self.previous < SYNDESMOPHYTE_GRADE <= self.current

    @property
    def is_growing_syndesmophyte(self) -> bool:
        """A syndesmophyte that has become a bridge: 2 to 3."""
        return self.previous == SYNDESMOPHYTE_GRADE and self.current == BRIDGE_GRADE


@dataclass(frozen=True, slots=True)
class Progression:
    """The change between two visits.

    Args:
        scheme: Name of the scheme.
        corners: The corners scored at both visits, cranio-caudally; their number belongs beside every change.
        total_change: Current less previous total, imputed corners included; None unless both visits have a total.
        thresholds: The thresholds in use.
    """

    scheme: str
    corners: tuple[CornerChange, ...]
    total_change: float | None
    thresholds: tuple[Threshold, ...]

    @property
    def change(self) -> int:
        """Sum of the changes at the corners scored at both visits."""
        return sum(corner.change for corner in self.corners)

    @property
    def met(self) -> Mapping[str, bool]:
        """Whether `change` meets each threshold, by the threshold's name."""
        return {threshold.name: threshold.is_met_by(self.change) for threshold in self.thresholds}

    @property
    def new_syndesmophytes(self) -> tuple[Corner, ...]:
        """The corners with a syndesmophyte or bridge where there was neither."""
        return tuple(corner.corner for corner in self.corners if corner.is_new_syndesmophyte)

    @property
    def growing_syndesmophytes(self) -> tuple[Corner, ...]:
        """The corners where a syndesmophyte has become a bridge."""
        return tuple(corner.corner for corner in self.corners if corner.is_growing_syndesmophyte)


def progression_thresholds(sdc: float = USUAL_SDC) -> tuple[Threshold, ...]:
    """Return the thresholds in use in trials and cohorts.

    Args:
        sdc: Smallest detectable change of the readers, in units of the score.

    Raises:
        UsageError: If the smallest detectable change is negative or not finite.
    """
    if not (math.isfinite(sdc) and sdc >= 0):
        msg = f"Expected a smallest detectable change of 0 or more, got {sdc}. The usual one is {USUAL_SDC}."
        raise UsageError(msg)
    return (
        Threshold("> 0", 0.0, inclusive=False, citation=MEASURE_1),
        Threshold("> 0.5", 0.5, inclusive=False, citation=SURPASS),
        Threshold("≥ 2", 2.0, inclusive=True, citation=HEBEISEN_2020),
        Threshold("> SDC", sdc, inclusive=False, citation=f"{PREVENT}; SDC of 2: {BARALIAKOS_2007}"),
    )


def progression(
    previous: Reading, current: Reading, *, scheme: ScoringScheme = MSASSS, sdc: float = USUAL_SDC
) -> Progression:
    """Compare two readings of a patient, corner by corner.

    Args:
        previous: The reading of the earlier visit.
        current: The reading of the later visit.
        scheme: The rules; the same for both.
        sdc: Smallest detectable change of the readers, in units of the score.

    Raises:
        ReadingError: If no corner is scored at both visits.
        UsageError: If the smallest detectable change is negative or not finite.
    """
    before, after = score_reading(previous, scheme), score_reading(current, scheme)
    corners = _changes(before.grades, after.grades)
    if not corners:
        msg = "Expected corners scored at both visits, got none in common. Compare two readings of the same view."
        raise ReadingError(msg)
    total_change = None if before.total is None or after.total is None else after.total - before.total
    return Progression(scheme.name, corners, total_change, progression_thresholds(sdc))


def _changes(previous: Mapping[Corner, int | None], current: Mapping[Corner, int | None]) -> tuple[CornerChange, ...]:
    grades = [(corner, previous[corner], current[corner]) for corner in CORNERS]
    return tuple(
        CornerChange(corner, before, after) for corner, before, after in grades if not (before is None or after is None)
    )
