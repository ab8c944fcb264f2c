"""The sums of an exam in words and numbers: cervical, lumbar and total, with their range and the counts behind them."""

from collections.abc import Iterable
from dataclasses import dataclass

from msasss.anatomy import Corner, Region
from msasss.exam import Exam
from msasss.reading import Lesion
from msasss.scoring import RegionScore
from msasss.scoring.warnings import total_warnings

NO_TOTAL = "no total"


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum as a report states it.

    Args:
        name: Cervical, lumbar or total.
        value: The sum, imputed corners included; None where the scheme gives none.
        highest: The highest sum possible.
        observed: Sum of the grades of the scored corners.
        low: Lowest sum that the corners not scored allow.
        high: Highest such sum.
        graded: Number of corners with a grade.
        corners: Number of corners there are.
        syndesmophytes: Number of graded corners that bear a syndesmophyte.
        bridges: Number of disc spaces with a bridge at a graded corner.
        why_none: Why there is no sum; empty where there is one.
    """

    name: str
    value: float | None
    highest: int
    observed: int
    low: int
    high: int
    graded: int
    corners: int
    syndesmophytes: int
    bridges: int
    why_none: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The sum, or that there is none."""
        return NO_TOTAL if self.value is None else number(self.value)


def number(value: float) -> str:
    """Return a sum as text, with up to two decimals where it holds imputed corners."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def region_sum(exam: Exam, region: Region) -> Sum:
    """Return the sum of one view."""
    return _sum(exam, region.value.capitalize(), exam.score.region(region).total, (exam.score.region(region),))


def exam_sum(exam: Exam) -> Sum:
    """Return the sum of both views."""
    return _sum(exam, "Total", exam.score.total, exam.score.regions)


def why_no_total(exam: Exam) -> tuple[str, ...]:
    """Return why views have no total, as sentences; empty where both have one."""
    return tuple(warning for region in exam.score.regions for warning in total_warnings(region, exam.scheme.missing))


def _sum(exam: Exam, name: str, value: float | None, regions: tuple[RegionScore, ...]) -> Sum:
    graded = [item.corner for region in regions for item in region.corners if item.grade is not None]
    bridged = _bearing(exam, graded, Lesion.BRIDGE)
    return Sum(
        name=name,
        value=value,
        highest=sum(region.highest_grade * len(region.corners) for region in regions),
        observed=sum(region.observed for region in regions),
        low=sum(region.range[0] for region in regions),
        high=sum(region.range[1] for region in regions),
        graded=len(graded),
        corners=sum(len(region.corners) for region in regions),
        syndesmophytes=len(_bearing(exam, graded, Lesion.SYNDESMOPHYTE)),
        bridges=len({corner.disc for corner in bridged}),
        why_none=tuple(text for region in regions for text in total_warnings(region, exam.scheme.missing)),
    )


def _bearing(exam: Exam, corners: Iterable[Corner], lesion: Lesion) -> list[Corner]:
    return [corner for corner in corners if lesion in exam.reading[corner].lesions]
