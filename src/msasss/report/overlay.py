"""The picture of a film with its corners, levels and grades, and a legend below it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from msasss.anatomy import Region
from msasss.errors import LandmarkError
from msasss.exam import Exam
from msasss.imaging import Facing, Landmarks, Point, Radiograph
from msasss.report.legend import with_legend
from msasss.report.marks import (
    GRADE_COLOURS,
    POINT_COLOUR,
    UNSCORED_COLOUR,
    CornerMark,
    graded_marks,
    notes_on_exam,
    notes_on_points,
    point_marks,
    region_sum,
)

# Every film is drawn at one size, so that marks and text are as readable on a film of 5,000 px as on one of 500.
LONGEST_SIDE_PX = 1600
FONT_SHARE = 0.3  # of the height of a vertebra
SMALLEST_FONT_PX, LARGEST_FONT_PX = 16, 34
INK = (0, 0, 0)
LEVEL_COLOUR = (255, 255, 255)

Point2 = tuple[float, float]


def draw_exam_film(exam: Exam, region: Region) -> Image.Image:
    """Draw a scored film.

    Raises:
        LandmarkError: If the exam has no pixels or no points of that region.
    """
    film = exam.film(region)
    if film is None or film.radiograph is None or film.landmarks is None:
        msg = f"Expected a {region.value} film with its pixels and points, got none. Score the exam from its images."
        raise LandmarkError(msg)
    picture = _draw(film.radiograph, film.landmarks, graded_marks(exam, film.landmarks))
    key = [(colour, str(grade), False) for grade, colour in GRADE_COLOURS.items()]
    key.append((UNSCORED_COLOUR, "not scored", True))
    return with_legend(picture, region_sum(exam, region), key, notes_on_exam(exam, film.landmarks))


def draw_landmarks(radiograph: Radiograph, landmarks: Landmarks, warnings: Sequence[str] = ()) -> Image.Image:
    """Draw the points found on a film, without grades."""
    picture = _draw(radiograph, landmarks, point_marks(landmarks))
    title = f"{landmarks.region.value} view, facing {landmarks.facing.value}"
    return with_legend(picture, title, [(POINT_COLOUR, "corner", False)], (*notes_on_points(landmarks), *warnings))


@dataclass(frozen=True, slots=True)
class _Pen:
    """Where and how large to draw: the scale from the film to the picture, and the size of the text."""

    draw: ImageDraw.ImageDraw
    scale: float
    font_px: float
    towards_front: float  # -1 where the patient faces left, 1 where right

    @property
    def font(self) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
        return ImageFont.load_default(self.font_px)

    def at(self, point: Point) -> Point2:
        return point.x * self.scale, point.y * self.scale

    def write(self, at: Point2, text: str, colour: tuple[int, int, int], *, anchor: str) -> None:
        self.draw.text(at, text, fill=colour, font=self.font, anchor=anchor, stroke_width=2, stroke_fill=INK)


def _draw(radiograph: Radiograph, landmarks: Landmarks, marks: Sequence[CornerMark]) -> Image.Image:
    scale = LONGEST_SIDE_PX / max(radiograph.height_px, radiograph.width_px)
    picture = _picture(radiograph, scale)
    forwards = -1.0 if landmarks.facing is Facing.LEFT else 1.0
    pen = _Pen(ImageDraw.Draw(picture), scale, _font_px(landmarks, scale), forwards)
    for item in landmarks:
        anchor = item.centre or item.upper_anterior or item.lower_anterior
        if anchor is not None:
            _draw_level(pen, item.vertebra.value, anchor, beside=item.centre is None)
    for mark in marks:
        _draw_corner(pen, mark)
    return picture


def _picture(radiograph: Radiograph, scale: float) -> Image.Image:
    low, high = np.percentile(radiograph.pixels[::8, ::8], (0.5, 99.5))
    span = max(float(high - low), 1e-6)
    grey: npt.NDArray[np.uint8] = (np.clip((radiograph.pixels - low) / span, 0, 1) * 255).astype(np.uint8)
    size = (max(1, round(radiograph.width_px * scale)), max(1, round(radiograph.height_px * scale)))
    return Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0).convert("RGB")


def _font_px(landmarks: Landmarks, scale: float) -> float:
    heights = [
        math.dist((item.upper_anterior.x, item.upper_anterior.y), (item.lower_anterior.x, item.lower_anterior.y))
        for item in landmarks
        if item.upper_anterior is not None and item.lower_anterior is not None
    ]
    wanted = FONT_SHARE * scale * float(np.median(heights)) if heights else LARGEST_FONT_PX
    return float(np.clip(wanted, SMALLEST_FONT_PX, LARGEST_FONT_PX))


def _draw_level(pen: _Pen, name: str, anchor: Point, *, beside: bool) -> None:
    x, y = pen.at(anchor)
    # Without a centre the name goes behind the corner, into the body, so as not to cover the mark.
    pen.write((x - pen.towards_front * 2 * pen.font_px if beside else x, y), name, LEVEL_COLOUR, anchor="mm")


def _draw_corner(pen: _Pen, mark: CornerMark) -> None:
    x, y = pen.at(mark.point)
    radius = pen.font_px * 0.28
    box = (x - radius, y - radius, x + radius, y + radius)
    outline = mark.colour if mark.hollow else INK
    pen.draw.ellipse(_grown(box, 1.5), outline=INK, width=2)
    pen.draw.ellipse(box, fill=None if mark.hollow else mark.colour, outline=outline, width=2)
    if mark.doubtful:
        _dashed_ring(pen.draw, _grown(box, radius))
    if mark.label:
        # The labels of the two corners of a disc space part from each other, each towards its own vertebra.
        aside = (radius + pen.font_px * 0.55) * pen.towards_front
        along = pen.font_px * (0.3 if mark.is_upper else -0.3)
        pen.write((x + aside, y + along), mark.label, mark.colour, anchor="rm" if aside < 0 else "lm")


def _dashed_ring(draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float]) -> None:
    for start in range(0, 360, 45):
        draw.arc(_grown(box, 1), start, start + 26, fill=INK, width=5)
        draw.arc(box, start, start + 24, fill=UNSCORED_COLOUR, width=3)


def _grown(box: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by
