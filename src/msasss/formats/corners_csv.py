"""`corners.csv`: the 24 corners of one exam, for people and spreadsheets. Written, never read back."""

from msasss.anatomy import Corner
from msasss.exam import Exam
from msasss.formats.tables import Columns, write_rows
from msasss.imaging import Point
from msasss.reading import CornerFinding, Lesion

COLUMNS = Columns(
    required=(
        "region",
        "disc",
        "vertebra",
        "endplate",
        "grade",
        "not_scored",
        "lesions",
        "review",
        "x_px",
        "y_px",
        "image",
        *(f"probability_{lesion.value}" for lesion in Lesion),
        "probability_not_visible",
    )
)


def dump(exam: Exam) -> str:
    """Return the corners of an exam as CSV text: 24 rows, cranio-caudally; an empty cell is a missing value."""
    return write_rows(COLUMNS, [_cells(exam, item.corner) for item in exam.score.corners])


def _cells(exam: Exam, corner: Corner) -> tuple[str, ...]:
    scored = exam.score.region(corner.region)
    item = next(each for each in scored.corners if each.corner == corner)
    film = exam.film(corner.region)
    finding = None if film is None else exam.reading[corner]
    point = film.landmarks.corner(corner) if film is not None and film.landmarks is not None else None
    return (
        corner.region.value,
        str(corner.disc),
        corner.vertebra.value,
        corner.endplate.value,
        "" if item.grade is None else str(item.grade),
        "" if item.not_scored is None else item.not_scored.value,
        "" if finding is None else ";".join(lesion.value for lesion in Lesion if lesion in finding.lesions),
        "1" if finding is not None and finding.in_doubt else "0",
        *_point_cells(point),
        "" if film is None else film.uid,
        *_probability_cells(finding),
    )


def _point_cells(point: Point | None) -> tuple[str, str]:
    return ("", "") if point is None else (f"{point.x:.2f}", f"{point.y:.2f}")


def _probability_cells(finding: CornerFinding | None) -> tuple[str, ...]:
    by_lesion = {} if finding is None or finding.probabilities is None else finding.probabilities
    values = [by_lesion.get(lesion) for lesion in Lesion]
    values.append(None if finding is None else finding.not_visible_probability)
    return tuple("" if value is None else f"{value:.4f}" for value in values)
