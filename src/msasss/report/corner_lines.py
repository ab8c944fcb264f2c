"""What a report says about each of the 24 corners."""

from collections.abc import Mapping
from dataclasses import dataclass

from msasss.anatomy import Corner, Region, corners_of
from msasss.exam import Exam
from msasss.reading import CornerFinding, Lesion
from msasss.report.sums import number
from msasss.scoring import CornerScore, NotScored, RegionScore


@dataclass(frozen=True, slots=True)
class LesionLine:
    """A lesion found at a corner.

    Args:
        name: As in the glossary.
        is_counted: Whether it counts at this corner in the exam's scheme.
        probability: The network's, in [0, 1]; None from a person.
    """

    name: str
    is_counted: bool
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class CornerLine:
    """A corner as a report states it.

    Args:
        corner: The corner.
        grade: 0 to 3; None where it is not scored.
        lesions: The lesions found, in the order of the glossary.
        not_scored: Why it has no grade; None where it has one.
        imputed: What stands for its grade in the total: the mean of its region; None where nothing does.
        next_likely: The likeliest lesion that was not called, with its probability; None from a person.
        not_visible_probability: In [0, 1]; None from a person or where the network does not say.
        check: Whether a person should look at it.
    """

    corner: Corner
    grade: int | None = None
    lesions: tuple[LesionLine, ...] = ()
    not_scored: str | None = None
    imputed: float | None = None
    next_likely: LesionLine | None = None
    not_visible_probability: float | None = None
    check: bool = False

    @property
    def label(self) -> str:
        """The grade as a mark, or a dash."""
        return "–" if self.grade is None else str(self.grade)

    @property
    def treatment(self) -> str:
        """What the total has in place of a grade that is missing; empty where the corner has a grade."""
        if self.grade is not None:
            return ""
        if self.imputed is None:
            return "Nothing stands for it; see the range"
        return f"Counts as {number(self.imputed)}, the mean of its region"


def corner_lines(exam: Exam) -> tuple[CornerLine, ...]:
    """Return the 24 corners, cranio-caudally."""
    return tuple(_line(exam, item, region) for region in exam.score.regions for item in region.corners)


def has_probabilities(lines: tuple[CornerLine, ...]) -> bool:
    """Say whether a network's probabilities are known at any corner."""
    return any(
        line.next_likely is not None or any(item.probability is not None for item in line.lesions) for line in lines
    )


@dataclass(frozen=True, slots=True)
class UnscoredGroup:
    """Corners of one view without a grade, for one reason.

    Args:
        corners: Their names.
        reason: Why they have no grade.
        treatment: What the total has in their place.
    """

    corners: str
    reason: str
    treatment: str


def unscored_groups(lines: tuple[CornerLine, ...]) -> tuple[UnscoredGroup, ...]:
    """Return the corners without a grade, those of one view and reason together."""
    groups: dict[tuple[Region, str, str], list[Corner]] = {}
    for line in lines:
        if line.not_scored is not None:
            groups.setdefault((line.corner.region, line.not_scored, line.treatment), []).append(line.corner)
    return tuple(
        UnscoredGroup(_names(region, corners), reason, treatment)
        for (region, reason, treatment), corners in groups.items()
    )


def _line(exam: Exam, item: CornerScore, region: RegionScore) -> CornerLine:
    reason = None if item.not_scored is None else item.not_scored.value
    imputed = region.total / len(region.corners) if item.grade is None and region.total is not None else None
    if item.not_scored is NotScored.NOT_READ:
        return CornerLine(item.corner, not_scored=reason)
    finding = exam.reading[item.corner]
    return CornerLine(
        corner=item.corner,
        grade=item.grade,
        lesions=tuple(_lesion(exam, finding, lesion) for lesion in Lesion if lesion in finding.lesions),
        not_scored=reason,
        imputed=imputed,
        next_likely=_next_likely(finding),
        not_visible_probability=finding.not_visible_probability,
        check=finding.in_doubt,
    )


def _lesion(exam: Exam, finding: CornerFinding, lesion: Lesion) -> LesionLine:
    known: Mapping[Lesion, float] = finding.probabilities or {}
    is_counted = exam.scheme.counts(lesion, finding.corner)
    return LesionLine(lesion.value, is_counted, known.get(lesion))


def _next_likely(finding: CornerFinding) -> LesionLine | None:
    uncalled = {lesion: p for lesion, p in (finding.probabilities or {}).items() if lesion not in finding.lesions}
    if finding.not_visible or not uncalled:
        return None
    likeliest = max(uncalled, key=lambda lesion: uncalled[lesion])
    return LesionLine(likeliest.value, is_counted=False, probability=uncalled[likeliest])


def _names(region: Region, corners: list[Corner]) -> str:
    if len(corners) == len(corners_of(region)):
        return f"All {len(corners)} {region.value} corners"
    return ", ".join(str(corner) for corner in corners)
