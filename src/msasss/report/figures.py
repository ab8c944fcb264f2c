"""The pictures of a report as PNG data URIs: the films cut to the spine, and a patch of each disc space.

Marks are not drawn into them: a page lays them over a film as vectors and text, which stay sharp in print.
"""

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from msasss.anatomy import Disc, Region
from msasss.errors import LandmarkError
from msasss.exam import Exam, ExamFilm
from msasss.imaging import Landmarks, PointKind, Radiograph, disc_patches
from msasss.imaging.geometry import Affine, Points, invert, resample, transform
from msasss.imaging.radiograph import Pixels
from msasss.report.film_marks import FilmChip, LevelName, film_chips, level_names

# Both films are shown in the same size: 88 x 100 mm in print, at some 220 px per inch.
FILM_WIDTH_PX, FILM_HEIGHT_PX = 750, 850
# Around the points: one vertebra and its disc above and below, for the odontoid and the sacrum that name the levels.
MARGIN_STEPS = 1.0
# Room in front of the spine for the marks, in the same unit.
FRONT_STEPS = 1.2
# A patch as the lesion networks see it, in mean heights of its two vertebrae; 128 px print at 14 mm.
PATCH_SIDE, PATCH_SIDE_PX = 2.4, 128
DARKEST_PERCENT, BRIGHTEST_PERCENT = 0.5, 99.5
# The contrast of a film is set by its spine, with this much around it, not by bright shoulders or dark air.
CONTRAST_MARGIN_PX = 60


@dataclass(frozen=True, slots=True)
class FilmFigure:
    """A film cut to the spine, with what is laid over it.

    Args:
        region: The view.
        picture: PNG as a data URI, `FILM_WIDTH_PX` x `FILM_HEIGHT_PX`.
        chips: The grades of its corners, in px of the picture.
        levels: The names of its vertebrae, in px of the picture.
    """

    region: Region
    picture: str
    chips: tuple[FilmChip, ...]
    levels: tuple[LevelName, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The pictures of an exam; what is not at hand is left out.

    Args:
        films: By view.
        patches: PNG as a data URI by disc space, front left and head up.
    """

    films: Mapping[Region, FilmFigure]
    patches: Mapping[Disc, str]


def exam_figures(exam: Exam) -> Figures:
    """Draw the films and disc spaces of which pixels and points are known."""
    films: dict[Region, FilmFigure] = {}
    patches: dict[Disc, str] = {}
    for film in exam.films:
        figure = film_figure(exam, film)
        if figure is not None:
            films[film.region] = figure
            patches.update(patch_pictures(film))
    return Figures(films, patches)


def film_figure(exam: Exam, film: ExamFilm) -> FilmFigure | None:
    """Cut a film to the spine and place its marks; None without pixels or points."""
    if film.radiograph is None or film.landmarks is None:
        return None
    to_film = _spine_frame(film.landmarks, film.radiograph)
    pixels = resample(film.radiograph.pixels, to_film, (FILM_HEIGHT_PX, FILM_WIDTH_PX))
    chips, levels = film_chips(exam, film.landmarks, to_film), level_names(film.landmarks, to_film)
    picture = png_uri(pixels, contrast_of=_around_spine(pixels, film.landmarks, to_film))
    return FilmFigure(film.region, picture, chips, levels)


def patch_pictures(film: ExamFilm) -> dict[Disc, str]:
    """Return a picture of each disc space of a film; none where nothing tells the scale."""
    if film.radiograph is None or film.landmarks is None:
        return {}
    try:
        patches = disc_patches(film.radiograph, film.landmarks, side=PATCH_SIDE, side_px=PATCH_SIDE_PX)
    except LandmarkError:
        return {}
    return {patch.disc: png_uri(patch.pixels) for patch in patches}


def png_uri(pixels: Pixels, *, contrast_of: Pixels | None = None) -> str:
    """Return a grey picture as a PNG data URI.

    Args:
        pixels: (H, W) float32.
        contrast_of: The part whose darkest and brightest pixels are to be black and white; all of it by default.
    """
    part = pixels if contrast_of is None else contrast_of
    inside = part[part > 0]  # what lies beyond the film's border is 0
    low, high = np.percentile(inside, (DARKEST_PERCENT, BRIGHTEST_PERCENT)) if inside.size else (0.0, 1.0)
    grey = np.clip((pixels - low) / max(float(high - low), 1e-6), 0, 1) * 255
    stream = io.BytesIO()
    Image.fromarray(grey.round().astype(np.uint8)).save(stream, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


def _around_spine(pixels: Pixels, landmarks: Landmarks, to_film: Affine) -> Pixels | None:
    """Return the part of the picture that the spine fills; None where no point is known."""
    points = _all_points(landmarks)
    if not len(points):
        return None
    placed = transform(invert(to_film), points)
    (left, top), (right, bottom) = placed.min(axis=0) - CONTRAST_MARGIN_PX, placed.max(axis=0) + CONTRAST_MARGIN_PX
    return pixels[max(int(top), 0) : max(int(bottom), 0), max(int(left), 0) : max(int(right), 0)]


def _spine_frame(landmarks: Landmarks, radiograph: Radiograph) -> Affine:
    """Return the map from the picture to the film: an upright box around the spine, kept inside the film if it fits."""
    points = _all_points(landmarks)
    if not len(points):
        points = np.array([(0.0, 0.0), (radiograph.width_px, radiograph.height_px)])
    low, high = points.min(axis=0), points.max(axis=0)
    step = max(float(high[1] - low[1]) / max(len(landmarks.vertebrae) - 1, 1), 1.0)
    margin = np.array([FRONT_STEPS, MARGIN_STEPS]) * step
    size = high - low + 2 * margin
    scale = max(size[0] / FILM_WIDTH_PX, size[1] / FILM_HEIGHT_PX)
    box = scale * np.array([FILM_WIDTH_PX, FILM_HEIGHT_PX], dtype=np.float64)
    corner = (low + high - box) / 2
    room = np.array([radiograph.width_px, radiograph.height_px]) - box
    corner = np.where(room >= 0, np.clip(corner, 0, np.maximum(room, 0)), room / 2)
    return np.array([[scale, 0.0, corner[0]], [0.0, scale, corner[1]]])


def _all_points(landmarks: Landmarks) -> Points:
    known = [point for item in landmarks for kind in PointKind if (point := item.point(kind)) is not None]
    return np.array([(point.x, point.y) for point in known], dtype=np.float64)
