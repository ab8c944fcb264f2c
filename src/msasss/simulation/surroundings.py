"""What lies on a film beside the patient: stray shapes, the collimator's edges, side markers and text."""

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy import ndimage

from msasss.simulation.noise import Field

_MOST_SHAPES = 8
_WORDS = ("LAT", "SEITL", "ERECT", "STAND", "PORT", "L-LAT", "R-LAT", "1", "2", "A", "UPRIGHT", "HWS", "LWS")


class Border(Enum):
    """What the part outside the collimator looks like."""

    BLACK = "black"
    WHITE = "white"
    UNSHUTTERED = "unshuttered"


@dataclass(frozen=True, slots=True, eq=False)
class Collimation:
    """The collimator.

    Args:
        field: (H, W) in [0, 1]: share of the primary beam that passes; 1 where there is no collimator.
        border: What the rest looks like.
    """

    field: Field
    border: Border


def stray_shapes_mm(rng: np.random.Generator, shape: tuple[int, int]) -> Field | None:
    """Return bone-equivalent lines, arcs and blobs of either sign, in mm; None in three films of ten.

    They stand for folds of cloth, tubes, clips, vessels and whatever else no anatomy predicts.
    """
    if rng.random() < 0.3:
        return None
    total = np.zeros(shape, np.float32)
    counts = rng.multinomial(int(rng.integers(1, _MOST_SHAPES + 1)), (0.5, 0.5))
    for count, blur in zip(counts, ((0.4, 1.0), (1.0, 2.5)), strict=True):
        image = Image.new("F", (shape[1], shape[0]), 0.0)
        draw = ImageDraw.Draw(image)
        for _ in range(int(count)):
            sign = 0.8 if rng.random() < 0.7 else -0.5
            _draw_shape(draw, rng, shape, sign * rng.uniform(0.3, 3.0))
        if count:
            total += ndimage.gaussian_filter(np.asarray(image), rng.uniform(*blur), truncate=3.0)
    return total


def _draw_shape(draw: ImageDraw.ImageDraw, rng: np.random.Generator, shape: tuple[int, int], depth_mm: float) -> None:
    x, y = rng.uniform(0, shape[1]), rng.uniform(0, shape[0])
    size = rng.uniform(0.03, 0.25) * min(shape)
    angle, width = rng.uniform(0.0, 2.0 * math.pi), int(rng.integers(1, 6))
    kind = int(rng.integers(4))
    if kind == 0:
        end = (x + size * math.cos(angle), y + size * math.sin(angle))
        draw.line([x, y, *end], fill=depth_mm, width=width)
    elif kind == 1:
        flat = rng.uniform(0.3, 1.0)
        start = math.degrees(angle)
        box = (x - size, y - size * flat, x + size, y + size * flat)
        draw.arc(box, start, start + rng.uniform(30, 300), fill=depth_mm, width=width)
    elif kind == 2:
        flat = rng.uniform(0.1, 0.6)
        draw.ellipse((x - 0.3 * size, y - 0.3 * size * flat, x + 0.3 * size, y + 0.3 * size * flat), fill=depth_mm)
    else:
        turns = np.linspace(0.0, 6.0, 6)
        reach = 0.5 * size * rng.uniform(0.3, 1.0, (6, 2))
        points = [(x + r[0] * math.cos(t), y + r[1] * math.sin(t)) for t, r in zip(turns, reach, strict=True)]
        draw.polygon(points, fill=depth_mm)


def draw_collimation(rng: np.random.Generator, shape: tuple[int, int]) -> Collimation:
    """Draw a collimator: none in a third of the films, else blades at up to 6 % from each side, some of them tilted.

    In one film of five the upper or lower blade comes in up to 16 %, which can cut off the end of the column.
    """
    border = list(Border)[int(rng.choice(3, p=(0.75, 0.07, 0.18)))]
    if rng.random() < 1 / 3:
        return Collimation(np.ones(shape, np.float32), border)
    height, width = shape
    left, right, top, bottom = rng.uniform(-0.02, 0.06, 4)
    if rng.random() < 0.2:
        top, bottom = (
            (max(top, rng.uniform(0.06, 0.16)), bottom) if rng.random() < 0.5 else (top, rng.uniform(0.06, 0.16))
        )
    corners = np.array([[left, top], [1 - right, top], [1 - right, 1 - bottom], [left, 1 - bottom]]) * (width, height)
    angle = math.radians(rng.normal(0.0, 1.5)) if rng.random() < 0.4 else 0.0
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    middle = np.array([width / 2, height / 2])
    image = Image.new("L", (width, height), 0)
    ImageDraw.Draw(image).polygon([tuple(point) for point in (corners - middle) @ turn + middle], fill=255)
    image = image.filter(ImageFilter.BoxBlur(rng.uniform(0.3, 2.0)))
    return Collimation(np.asarray(image, dtype=np.float32) / np.float32(255.0), border)


def shutter(picture: Field, collimation: Collimation) -> Field:
    """Return the picture with its unexposed part black or white, or as it is."""
    if collimation.border is Border.UNSHUTTERED:
        return picture
    blank = np.float32(collimation.border is Border.WHITE)
    return np.asarray(np.where(collimation.field > 0.5, picture, blank))


def draw_ink(rng: np.random.Generator, shape: tuple[int, int], *, flipped: bool) -> Field | None:
    """Draw a side marker and words near the border of the film.

    Args:
        rng: Source of randomness.
        shape: (H, W).
        flipped: The film will be flipped later, so write mirrored now; one marker in twelve is mirrored anyway.

    Returns:
        (H, W) in [0, 1], 1 where ink covers the picture; None in a third of the films.
    """
    if rng.random() < 1 / 3:
        return None
    image = Image.new("L", (shape[1], shape[0]), 0)
    draw = ImageDraw.Draw(image)
    _write(draw, rng, shape, str(rng.choice(["L", "R"])))
    for _ in range(int(rng.integers(0, 3))):
        _write(draw, rng, shape, str(rng.choice(_WORDS)))
    ink = np.asarray(image, dtype=np.float32) * np.float32(rng.uniform(0.6, 1.0) / 255.0)
    backwards = flipped ^ bool(rng.random() < 1 / 12)
    return np.ascontiguousarray(ink[:, ::-1]) if backwards else ink


def _write(draw: ImageDraw.ImageDraw, rng: np.random.Generator, shape: tuple[int, int], text: str) -> None:
    """Write in the outer fifth of the film, sometimes in a frame."""
    height, width = shape
    size = rng.uniform(0.02, 0.05 if len(text) == 1 else 0.03) * height
    font = ImageFont.load_default(size=size)
    x = rng.uniform(0.01, 0.17) if rng.random() < 0.5 else rng.uniform(0.8, 0.93)
    y = (
        rng.uniform(0.01, 0.95)
        if len(text) == 1
        else float(rng.choice([rng.uniform(0.01, 0.12), rng.uniform(0.85, 0.95)]))
    )
    place = (x * width, y * height)
    draw.text(place, text, fill=255, font=font)
    if rng.random() < 0.25:
        left, top, right, bottom = draw.textbbox(place, text, font=font)
        gap = 0.2 * size
        draw.rectangle((left - gap, top - gap, right + gap, bottom + gap), outline=255, width=max(1, int(size / 12)))
