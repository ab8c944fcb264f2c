"""From the findings of a reading to the grades of the corners and the score of the exam."""

from msasss.anatomy import Region, corners_of
from msasss.reading import CornerFinding, Reading
from msasss.scoring.grades import CornerScore, MsasssScore, NotScored, RegionScore
from msasss.scoring.missing import region_total
from msasss.scoring.scheme import MSASSS, ExcludedCorner, ScoringScheme
from msasss.scoring.warnings import bridge_warnings, total_warnings

__all__ = ["CornerScore", "MsasssScore", "NotScored", "RegionScore", "score_corner", "score_reading"]


def score_corner(finding: CornerFinding, scheme: ScoringScheme = MSASSS) -> CornerScore:
    """Grade one corner: its highest counted lesion, 0 if it bears none.

    A corner that is not visible, or bears an osteophyte or another excluding lesion, is not scored; the scheme says
    whether a counted lesion beside the excluding one is graded all the same.
    """
    if finding.not_visible:
        return CornerScore(finding.corner, not_scored=NotScored.NOT_VISIBLE)
    grades = [scheme.grade_of[lesion] for lesion in finding.lesions if scheme.counts(lesion, finding.corner)]
    graded_all_the_same = bool(grades) and scheme.excluded_corner is ExcludedCorner.COUNTED_LESIONS
    if finding.lesions & scheme.excluding_lesions and not graded_all_the_same:
        return CornerScore(finding.corner, not_scored=NotScored.EXCLUDED_LESION)
    return CornerScore(finding.corner, grade=max(grades, default=0))


def score_reading(reading: Reading, scheme: ScoringScheme = MSASSS) -> MsasssScore:
    """Score a reading of one or both views.

    Args:
        reading: The findings of one reader.
        scheme: The rules.

    Returns:
        The score. Where only one view was read, its total is given and the exam's is None; the range then covers
        the view that is absent.
    """
    cervical, lumbar = (_score_region(reading, region, scheme) for region in (Region.CERVICAL, Region.LUMBAR))
    totals = [warning for region in (cervical, lumbar) for warning in total_warnings(region, scheme.missing)]
    return MsasssScore(scheme.name, (cervical, lumbar), (*bridge_warnings(reading), *totals))


def _score_region(reading: Reading, region: Region, scheme: ScoringScheme) -> RegionScore:
    if region not in reading.images:
        unread = tuple(CornerScore(corner, not_scored=NotScored.NOT_READ) for corner in corners_of(region))
        return RegionScore(region, unread, None, scheme.highest_grade)
    corners = tuple(score_corner(reading[corner], scheme) for corner in corners_of(region))
    grades = [corner.grade for corner in corners if corner.grade is not None]
    return RegionScore(region, corners, region_total(grades, scheme.missing), scheme.highest_grade)
