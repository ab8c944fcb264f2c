"""`landmarks.csv`: points on images, one row per image, reader, vertebra and point; a missing point has no row.

The file has no column for the side the patient faces nor for confidence: the side follows from the points, and points
in a table count as set by a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from msasss.anatomy import Region, Vertebra
from msasss.errors import LandmarkError
from msasss.formats.annotated_films import facing_told
from msasss.formats.tables import Columns, Row, read_rows, write_rows
from msasss.imaging import Facing, Landmarks, Point, PointKind, VertebraLandmarks

COLUMNS = Columns(required=("image", "vertebra", "point", "x_px", "y_px", "reader"), error=LandmarkError)


@dataclass(frozen=True, slots=True)
class ImageLandmarks:
    """The points one reader set on one image.

    Args:
        image: SOP instance UID, or file name where the image has none.
        reader: Who set them.
        landmarks: The points.
    """

    image: str
    reader: str
    landmarks: Landmarks


def load(path: Path) -> tuple[ImageLandmarks, ...]:
    """Read the points of a table, one entry per image and reader, in the order in which they first appear.

    Args:
        path: UTF-8 CSV file; see `COLUMNS`. Coordinates are pixels from the outer corner of the top-left pixel.

    Raises:
        LandmarkError: If the table is not well formed, a point is repeated, or the side the patient faces cannot be
            told from the points.
    """
    of_image: dict[tuple[str, str], list[Row]] = {}
    for row in read_rows(path, COLUMNS):
        of_image.setdefault((row.filled("image"), row.filled("reader")), []).append(row)
    if not of_image:
        msg = f"{path.name}: Expected at least one point, got none below the header."
        raise LandmarkError(msg)
    return tuple(ImageLandmarks(image, reader, _landmarks(rows)) for (image, reader), rows in of_image.items())


def dump(images: Iterable[ImageLandmarks]) -> str:
    """Return points as CSV text; confidence and level margin have no column and are left out."""
    return write_rows(COLUMNS, [cells for image in images for cells in _image_cells(image)])


def _landmarks(rows: list[Row]) -> Landmarks:
    points: dict[Vertebra, dict[str, Point]] = {}
    first = rows[0]
    region = first.member("vertebra", Vertebra).region
    for row in rows:
        vertebra = row_vertebra(row, region)
        kind = row.member("point", PointKind)
        of_vertebra = points.setdefault(vertebra, {})
        if kind.value in of_vertebra:
            row.fail(
                "point", f"Expected {vertebra.value} {kind.value} once per image and reader, got it again. Remove one."
            )
        of_vertebra[kind.value] = row_point(row)
    vertebrae = tuple(VertebraLandmarks(vertebra, **found) for vertebra, found in points.items())
    return Landmarks(region, facing_of(vertebrae, first), vertebrae)


def row_vertebra(row: Row, region: Region) -> Vertebra:
    """Return the vertebra a row is about, which must be of the region its image shows.

    Raises:
        LandmarkError: If it is not.
    """
    vertebra = row.member("vertebra", Vertebra)
    if vertebra.region is not region:
        row.fail("vertebra", f"Expected a {region.value} vertebra as in the image's other rows, got {vertebra.value}.")
    return vertebra


def row_point(row: Row) -> Point:
    """Return the point a row gives.

    Raises:
        LandmarkError: If a coordinate is no finite number.
    """
    x, y = row.number_in("x_px"), row.number_in("y_px")
    try:
        return Point(x, y)
    except LandmarkError as error:
        row.fail("x_px", str(error))


def facing_of(vertebrae: tuple[VertebraLandmarks, ...], first: Row) -> Facing:
    """Return the side the patient faces, as the points tell.

    Args:
        vertebrae: The points.
        first: The row to name where they do not tell it.

    Raises:
        LandmarkError: If no anterior corner has a centre beside it.
    """
    facing = facing_told(vertebrae)
    if facing is None:
        first.fail(
            "point", "Expected a centre beside an anterior corner to tell where the patient faces, got none. Add one."
        )
    return facing


def _image_cells(image: ImageLandmarks) -> list[tuple[str, ...]]:
    cells: list[tuple[str, ...]] = []
    for item in image.landmarks:
        for kind in PointKind:
            point = item.point(kind)
            if point is not None:
                place = (repr(float(point.x)), repr(float(point.y)))
                cells.append((image.image, item.vertebra.value, kind.value, *place, image.reader))
    return cells
