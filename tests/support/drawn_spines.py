"""Films of a crudely drawn spine, for tests of the localiser.

Data sheet: bodies are bright quadrilaterals on a darker slope with noise and a skull or a sacrum-like block at one end;
cervical bodies are small and wide, lumbar ones large. Nothing anatomical can be learnt from them; they only have the
columns' layout, so that heads, targets and decoding can be exercised in seconds.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from msasss.anatomy import Region, corners_of, vertebrae_of
from msasss.imaging.landmarks import Facing, Landmarks, Point, VertebraLandmarks
from msasss.reading import CornerFinding
from msasss.training.examples import Example, example_name, save_example

LAYOUT = {Region.CERVICAL: (16.0, 11.0, 17.0), Region.LUMBAR: (34.0, 25.0, 36.0)}  # mm: depth, height, spacing


def drawn_example(region: Region, seed: int, *, pixel_mm: float = 1.0, facing: Facing | None = None) -> Example:
    random = np.random.default_rng([seed, region is Region.LUMBAR])
    depth, height, spacing = (value / pixel_mm for value in LAYOUT[region])
    shape = (int(9.0 * spacing), int(6.5 * spacing))
    image = Image.new("L", (shape[1], shape[0]), int(random.integers(30, 70)))
    draw = ImageDraw.Draw(image)
    centre = np.array([shape[1] / 2 + random.normal(0, 0.2 * spacing), 1.3 * spacing])
    tilt, bend = random.normal(0.0, 0.1), random.normal(0.0, 0.04)
    vertebrae = []
    for level, vertebra in enumerate(vertebrae_of(region)):
        caudal = np.array([np.sin(tilt), np.cos(tilt)])
        anterior = np.array([caudal[1], -caudal[0]])
        front, half = anterior * depth / 2, caudal * height / 2
        upper, lower = centre + front - half, centre + front + half
        quad = [upper, lower, centre - front + half, centre - front - half]
        draw.polygon([tuple(corner) for corner in quad], fill=int(random.integers(150, 220)))
        back = centre - front * 2.2 + half
        draw.line([tuple(centre - front), tuple(back)], fill=140, width=max(2, int(height / 4)))
        vertebrae.append(
            VertebraLandmarks(
                vertebra,
                upper_anterior=Point(*upper) if level > 0 else None,
                lower_anterior=Point(*lower) if level < 6 else None,
                centre=Point(*centre),
            )
        )
        centre, tilt = centre + caudal * spacing, tilt + bend
    end = vertebrae[0 if region is Region.CERVICAL else -1].centre
    offset = -1.25 * spacing if region is Region.CERVICAL else 1.1 * spacing
    draw.ellipse(
        [end.x - spacing, end.y + offset - 0.5 * spacing, end.x + spacing, end.y + offset + 0.5 * spacing], fill=230
    )
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)
    pixels = np.clip(pixels + random.normal(0, 6, shape), 0, 255).astype(np.uint8)
    if facing is None:
        facing = Facing.LEFT if random.random() < 0.5 else Facing.RIGHT
    landmarks = Landmarks(region, Facing.RIGHT, tuple(vertebrae))
    if facing is Facing.LEFT:
        pixels, landmarks = np.ascontiguousarray(pixels[:, ::-1]), mirrored(landmarks, shape[1])
    return Example(pixels, pixel_mm, landmarks, tuple(CornerFinding(corner) for corner in corners_of(region)))


def mirrored(landmarks: Landmarks, width_px: float) -> Landmarks:
    def turn(point: Point | None) -> Point | None:
        return None if point is None else Point(width_px - point.x, point.y, point.confidence)

    facing = Facing.LEFT if landmarks.facing is Facing.RIGHT else Facing.RIGHT
    vertebrae = tuple(
        VertebraLandmarks(item.vertebra, turn(item.upper_anterior), turn(item.lower_anterior), turn(item.centre))
        for item in landmarks
    )
    return Landmarks(landmarks.region, facing, vertebrae, landmarks.level_margin)


def write_drawn_examples(folder: Path, seeds: range, *, pixel_mm: float = 1.0) -> None:
    for region in Region:
        for seed in seeds:
            save_example(folder / example_name(region, seed, 0), drawn_example(region, seed, pixel_mm=pixel_mm))
