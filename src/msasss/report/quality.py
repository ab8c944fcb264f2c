"""What a reader of a report should look at before using its score."""

from collections.abc import Iterator

from msasss.anatomy import Region, corners_of
from msasss.exam import Exam
from msasss.imaging import Landmarks
from msasss.report.marks import DOUBTFUL_CONFIDENCE
from msasss.report.sums import why_no_total


def quality_warnings(exam: Exam) -> tuple[str, ...]:
    """Return what is doubtful about an exam, as sentences, the gravest first.

    That a view has no total is left out: a report says so where the total would stand.
    """
    said = set(why_no_total(exam))
    warnings = [warning for warning in exam.warnings if warning not in said]
    return (*warnings, *_film_warnings(exam), *_reading_warnings(exam))


def _film_warnings(exam: Exam) -> Iterator[str]:
    for film in exam.films:
        if film.landmarks is not None:
            yield from _point_warnings(film.landmarks)
    days = [film.acquired_on for film in exam.films if film.acquired_on is not None]
    if len(days) == len(Region) and (apart := (max(days) - min(days)).days):
        yield f"The two films were taken {apart} {'day' if apart == 1 else 'days'} apart."
    if undated := [film.region.value for film in exam.films if film.acquired_on is None]:
        yield f"No date of exposure is known of the {' and the '.join(undated)} film."


def _point_warnings(landmarks: Landmarks) -> Iterator[str]:
    points = {corner: landmarks.corner(corner) for corner in corners_of(landmarks.region)}
    name = f"{landmarks.region.value.capitalize()} film"
    if absent := [str(corner) for corner, point in points.items() if point is None]:
        yield f"{name}: {', '.join(absent)} not found."
    doubtful = [str(corner) for corner, point in points.items() if point and point.confidence < DOUBTFUL_CONFIDENCE]
    if doubtful:
        yield f"{name}: the position of {', '.join(doubtful)} is a guess (confidence below {DOUBTFUL_CONFIDENCE:g})."


def _reading_warnings(exam: Exam) -> Iterator[str]:
    if doubtful := [str(finding.corner) for finding in exam.reading if finding.in_doubt]:
        yield f"In doubt, to be looked at by a person: {', '.join(doubtful)}."
