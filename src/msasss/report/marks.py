"""What is drawn at each corner of a film: shape, colour and label, the same in every picture."""

from dataclasses import dataclass

from msasss.anatomy import Corner, Endplate, Region, corners_of
from msasss.exam import Exam
from msasss.imaging import Landmarks, Point
from msasss.report.table import rounded

Colour = tuple[int, int, int]

# Okabe and Ito's colours, told apart by people with any colour vision; the digit beside each mark says the same.
GRADE_COLOURS: dict[int, Colour] = {0: (86, 180, 233), 1: (240, 228, 66), 2: (230, 159, 0), 3: (213, 94, 0)}
UNSCORED_COLOUR: Colour = (255, 255, 255)
POINT_COLOUR: Colour = (0, 158, 115)
UNSCORED_LABEL = "-"
DOUBT = "?"
# A point below this is no more than a guess of the localiser.
DOUBTFUL_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class CornerMark:
    """A corner as drawn.

    Args:
        corner: The corner.
        point: Where it lies, in px of the film.
        label: Its grade, or what stands for none.
        colour: RGB, 0 to 255.
        hollow: Drawn as an outline only: the corner has no grade.
        doubtful: Drawn with a dashed ring: the finding or the point should be checked.
    """

    corner: Corner
    point: Point
    label: str
    colour: Colour
    hollow: bool = False
    doubtful: bool = False

    @property
    def is_upper(self) -> bool:
        """Whether it is the upper corner of its vertebra."""
        return self.corner.endplate is Endplate.SUPERIOR


def graded_marks(exam: Exam, landmarks: Landmarks) -> tuple[CornerMark, ...]:
    """Return the marks of a scored film, cranio-caudally; corners without a point are left out."""
    marks = []
    for corner in corners_of(landmarks.region):
        point = landmarks.corner(corner)
        if point is None:
            continue
        grade = exam.score.grades[corner]
        doubtful = exam.reading[corner].in_doubt or point.confidence < DOUBTFUL_CONFIDENCE
        label = (UNSCORED_LABEL if grade is None else str(grade)) + (DOUBT if doubtful else "")
        colour = UNSCORED_COLOUR if grade is None else GRADE_COLOURS[grade]
        marks.append(CornerMark(corner, point, label, colour, hollow=grade is None, doubtful=doubtful))
    return tuple(marks)


def point_marks(landmarks: Landmarks) -> tuple[CornerMark, ...]:
    """Return the marks of a film on which the corners were found but not graded."""
    marks = []
    for corner in corners_of(landmarks.region):
        point = landmarks.corner(corner)
        if point is not None:
            doubtful = point.confidence < DOUBTFUL_CONFIDENCE
            marks.append(CornerMark(corner, point, DOUBT if doubtful else "", POINT_COLOUR, doubtful=doubtful))
    return tuple(marks)


def notes_on_exam(exam: Exam, landmarks: Landmarks) -> tuple[str, ...]:
    """Return the lines below a scored film: what was not found, not scored, in doubt, and the warnings."""
    lines = [*notes_on_points(landmarks)]
    unscored = [
        f"{item.corner} ({item.not_scored.value})"
        for item in exam.score.region(landmarks.region).corners
        if item.not_scored is not None and landmarks.corner(item.corner) is not None
    ]
    if unscored:
        lines.append(f"Not scored: {', '.join(unscored)}")
    return (*lines, *exam.warnings)


def notes_on_points(landmarks: Landmarks) -> tuple[str, ...]:
    """Return the line below a film that names the corners not found on it, if any."""
    absent = [str(corner) for corner in corners_of(landmarks.region) if landmarks.corner(corner) is None]
    return (f"Not found: {', '.join(absent)}",) if absent else ()


def region_sum(exam: Exam, region: Region) -> str:
    """Return a region's sum as text, or that it has none."""
    value = exam.score.region(region).total
    return f"{exam.scheme.name}, {region.value}: " + ("no sum" if value is None else f"{rounded(value)} of 36")
