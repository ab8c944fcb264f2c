"""The grades of the corners, the score of a view and the score of an exam."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from msasss.anatomy import Corner, Region
from msasss.errors import ReadingError
from msasss.scoring.scheme import HIGHEST_GRADE


class NotScored(Enum):
    """Why a corner has no grade."""

    NOT_VISIBLE = "not visible"
    EXCLUDED_LESION = "osteophyte or other"
    NOT_READ = "not read"


@dataclass(frozen=True, slots=True)
class CornerScore:
    """The grade of a corner, or the reason why it has none.

    Args:
        corner: The corner.
        grade: 0 to 3; None if the corner is not scored.
        not_scored: The reason; None if it is scored.

    Raises:
        ReadingError: If both or neither are given, or the grade is not 0 to 3.
    """

    corner: Corner
    grade: int | None = None
    not_scored: NotScored | None = None

    def __post_init__(self) -> None:
        if (self.grade is None) is (self.not_scored is None):
            got = "neither" if self.grade is None else "both"
            msg = f"Expected a grade or the reason why there is none at {self.corner}, got {got}. Give one of the two."
            raise ReadingError(msg)
        if self.grade is not None and not 0 <= self.grade <= HIGHEST_GRADE:
            msg = f"Expected a grade of 0 to 3, got {self.grade} at {self.corner}."
            raise ReadingError(msg)


@dataclass(frozen=True, slots=True)
class RegionScore:
    """The score of one view.

    Args:
        region: The view.
        corners: Its twelve corners, cranio-caudally.
        total: Sum of the twelve grades, imputed ones included, in [0, 36]; None where the scheme gives none.
        highest_grade: The highest grade the scheme gives to a corner.
    """

    region: Region
    corners: tuple[CornerScore, ...]
    total: float | None
    highest_grade: int = HIGHEST_GRADE

    @property
    def grades(self) -> tuple[int, ...]:
        """The grades of the scored corners."""
        return tuple(corner.grade for corner in self.corners if corner.grade is not None)

    @property
    def observed(self) -> int:
        """Sum of the grades of the scored corners."""
        return sum(self.grades)

    @property
    def not_scored(self) -> tuple[Corner, ...]:
        """The corners without a grade."""
        return tuple(corner.corner for corner in self.corners if corner.grade is None)

    @property
    def imputed(self) -> tuple[Corner, ...]:
        """The corners for which the total has a mean in place of a grade."""
        return () if self.total is None else self.not_scored

    @property
    def range(self) -> tuple[int, int]:
        """Lowest and highest sum possible, whatever the corners that are not scored would have been."""
        return self.observed, self.observed + self.highest_grade * len(self.not_scored)

    @property
    def is_read(self) -> bool:
        """Whether the view was read at all."""
        return any(corner.not_scored is not NotScored.NOT_READ for corner in self.corners)


@dataclass(frozen=True, slots=True)
class MsasssScore:
    """The score of an exam.

    Args:
        scheme: Name of the scheme.
        regions: The cervical and the lumbar score, in this order.
        warnings: What a reader of the score must know, as sentences.
    """

    scheme: str
    regions: tuple[RegionScore, RegionScore]
    warnings: tuple[str, ...] = ()

    def region(self, region: Region) -> RegionScore:
        """Return the score of one view."""
        return self.regions[0] if region is Region.CERVICAL else self.regions[1]

    @property
    def corners(self) -> tuple[CornerScore, ...]:
        """All 24 corners, cranio-caudally; those of a view that was not read say so."""
        return tuple(corner for region in self.regions for corner in region.corners)

    @property
    def grades(self) -> Mapping[Corner, int | None]:
        """Grade by corner; None if not scored."""
        return {corner.corner: corner.grade for corner in self.corners}

    @property
    def cervical(self) -> float | None:
        """Cervical total in [0, 36]; None where the scheme gives none."""
        return self.regions[0].total

    @property
    def lumbar(self) -> float | None:
        """Lumbar total in [0, 36]; None where the scheme gives none."""
        return self.regions[1].total

    @property
    def total(self) -> float | None:
        """Total in [0, 72]; None unless both views have a total."""
        if self.cervical is None or self.lumbar is None:
            return None
        return self.cervical + self.lumbar

    @property
    def observed(self) -> int:
        """Sum of the grades of the scored corners."""
        return sum(region.observed for region in self.regions)

    @property
    def imputed(self) -> tuple[Corner, ...]:
        """The corners for which a region's total has a mean in place of a grade."""
        return tuple(corner for region in self.regions for corner in region.imputed)

    @property
    def range(self) -> tuple[int, int]:
        """Lowest and highest sum of the 24 corners possible, a view that was not read included."""
        return sum(region.range[0] for region in self.regions), sum(region.range[1] for region in self.regions)
