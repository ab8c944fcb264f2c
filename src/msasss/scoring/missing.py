"""What becomes of a region's total when some of its twelve corners are not scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from msasss.errors import SchemeError

CORNERS_PER_REGION = 12


class MissingKind(Enum):
    """How corners that are not scored enter the total. None of them ever counts as 0.

    SEGMENT_MEAN: each is replaced by the mean of the region's scored corners, if few enough are missing.
    NONE: nothing is imputed; a region with a missing corner has no total.
    OBSERVED_WITH_BOUNDS: the same, and the observed sum with its possible range is stated in the total's place.
    """

    SEGMENT_MEAN = "segment-mean"
    NONE = "none"
    OBSERVED_WITH_BOUNDS = "observed-with-bounds"


@dataclass(frozen=True, slots=True)
class MissingPolicy:
    """The rule for corners that are not scored.

    The rule of at most 3 of 12 corners is the one commonly quoted in trials and cohorts; its first wording could not
    be verified, which is why it is a setting. Imputation of up to 3 corners of a segment: Ramiro 2013 (PMC3672818).

    Args:
        kind: How missing corners enter the total.
        max_missing: Corners of a region that may be missing for its total to be imputed, 0 to 11; read by
            SEGMENT_MEAN alone.

    Raises:
        SchemeError: If `max_missing` leaves no corner to take the mean of, or is negative.
    """

    kind: MissingKind = MissingKind.SEGMENT_MEAN
    max_missing: int = 3

    def __post_init__(self) -> None:
        if not 0 <= self.max_missing < CORNERS_PER_REGION:
            msg = f"Expected 0 to 11 corners that may be missing, got {self.max_missing}. The usual rule allows 3."
            raise SchemeError(msg)

    @property
    def imputable(self) -> int:
        """How many corners of a region are imputed at most."""
        return self.max_missing if self.kind is MissingKind.SEGMENT_MEAN else 0


SEGMENT_MEAN_OF_UP_TO_3 = MissingPolicy()


def region_total(grades: Sequence[int], policy: MissingPolicy) -> float | None:
    """Return a region's total from the grades of its scored corners, in [0, 36]; None where the policy gives none."""
    if CORNERS_PER_REGION - len(grades) > policy.imputable:
        return None
    return sum(grades) * CORNERS_PER_REGION / len(grades)
