"""Points that a person set or corrected, in place of those a localiser would find."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from msasss.errors import LandmarkError
from msasss.formats import landmarks_csv
from msasss.imaging import Landmarks, Point, PointKind, Radiograph
from msasss.models.ports import Localiser


@dataclass(frozen=True, slots=True)
class KnownPoints:
    """Takes the points of a table, and asks a localiser for the films that the table does not name.

    Args:
        by_image: Points by SOP instance UID or file name.
        otherwise: The localiser; None if every film must be in the table.
    """

    by_image: Mapping[str, Landmarks]
    otherwise: Localiser | None = None

    def locate(self, radiograph: Radiograph) -> Landmarks:
        """Return the points of a film.

        Raises:
            LandmarkError: If a point lies outside the film, or the film is not in the table and there is no localiser.
            RadiographError: If the localiser finds no spine.
        """
        points = points_of(self.by_image, radiograph)
        if points is not None:
            return points
        if self.otherwise is None:
            msg = f"{radiograph.source}: Expected points of this film in the table, got none. Add them."
            raise LandmarkError(msg)
        return self.otherwise.locate(radiograph)


def points_of(
    by_image: Mapping[str, Landmarks], radiograph: Radiograph | None, image: str | None = None
) -> Landmarks | None:
    """Return the points of a film, named in the table as a reading names it, by its UID or by its file name.

    Args:
        by_image: Points by any of these names.
        radiograph: The film; None if it is not at hand.
        image: What a reading calls it; None if nobody read it.

    Returns:
        The points, or None if the table has none of this film.

    Raises:
        LandmarkError: If a point lies outside the film.
    """
    names = (image, radiograph.uid, radiograph.source) if radiograph is not None else (image,)
    name = next((name for name in names if name in by_image), None)
    if name is None:
        return None
    return by_image[name] if radiograph is None else _inside(by_image[name], radiograph)


def load_points(path: Path) -> dict[str, Landmarks]:
    """Read points by image from a `landmarks.csv`.

    Raises:
        LandmarkError: If the table is not well formed, or several readers set points on one image.
    """
    by_image: dict[str, Landmarks] = {}
    for item in landmarks_csv.load(path):
        if item.image in by_image:
            msg = f"{path.name}: Expected points of one reader per image, got several of {item.image}. Keep one reader."
            raise LandmarkError(msg)
        by_image[item.image] = item.landmarks
    return by_image


def check_all_named(
    by_image: Mapping[str, Landmarks], radiographs: Iterable[Radiograph], table: str, *, read: Iterable[str] = ()
) -> None:
    """Refuse a table of points that names a film that is not there, as a misspelt name would go unnoticed.

    Args:
        by_image: Points by SOP instance UID, file name, or name in a reading.
        radiographs: The films given.
        table: What to call the table.
        read: Images as readings name them.

    Raises:
        LandmarkError: If it does.
    """
    there = {name for radiograph in radiographs for name in (radiograph.uid, radiograph.source)}.union(read)
    absent = [image for image in by_image if image not in there]
    if absent:
        msg = f"{table}: Expected points of the films given, got some of {', '.join(absent)}. Correct the name."
        raise LandmarkError(msg)


def _inside(landmarks: Landmarks, radiograph: Radiograph) -> Landmarks:
    for item in landmarks:
        for kind in PointKind:
            point = item.point(kind)
            if point is not None and not _is_inside(point, radiograph):
                msg = (
                    f"{radiograph.source}: Expected points inside the film of {radiograph.width_px} x "
                    f"{radiograph.height_px} px, got {item.vertebra.value} {kind.value} at ({point.x:g}, {point.y:g})."
                )
                raise LandmarkError(msg)
    return landmarks


def _is_inside(point: Point, radiograph: Radiograph) -> bool:
    return 0 <= point.x <= radiograph.width_px and 0 <= point.y <= radiograph.height_px
