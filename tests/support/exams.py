"""Small films, readings and exams for tests.

A film is 600 x 400 px with seven vertebrae one below the other at even steps: grey bodies on a dark ground, anterior
corners at the front, the front to the left or to the right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from msasss.anatomy import Corner, Endplate, Region, Vertebra, corners_of, vertebrae_of
from msasss.errors import RadiographError
from msasss.exam import Exam
from msasss.imaging import (
    DiscPatch,
    Facing,
    Landmarks,
    PixelSpacing,
    Point,
    Radiograph,
    SpacingSource,
    VertebraLandmarks,
)
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading

HEIGHT_PX, WIDTH_PX, STEP_PX, BODY_PX = 600, 400, 80, 56
NOON = datetime(2024, 5, 31, 12, 0, tzinfo=UTC)
READER = Reader(ReaderKind.HUMAN, "r1")


def corner(name: str) -> Corner:
    vertebra, endplate = name.split()
    return Corner(Vertebra(vertebra), Endplate(endplate))


def column(region: Region, *, facing: Facing = Facing.LEFT, without: Sequence[str] = ()) -> Landmarks:
    """Landmarks of an even column; corners named in `without`, such as "C4 superior", are missing."""
    front = WIDTH_PX / 2 - 40 if facing is Facing.LEFT else WIDTH_PX / 2 + 40
    vertebrae = []
    for place, vertebra in enumerate(vertebrae_of(region)):
        middle = 60.0 + place * STEP_PX
        upper = Point(front, middle - BODY_PX / 2, 0.9) if place > 0 else None
        lower = Point(front, middle + BODY_PX / 2, 0.9) if place < 6 else None
        vertebrae.append(
            VertebraLandmarks(
                vertebra,
                None if f"{vertebra.value} superior" in without else upper,
                None if f"{vertebra.value} inferior" in without else lower,
                Point(WIDTH_PX / 2, middle, 0.95),
            )
        )
    return Landmarks(region, facing, tuple(vertebrae), level_margin=0.8)


def film(
    source: str = "c.dcm",
    *,
    seed: int = 0,
    patient_key: str | None = "key-1",
    acquired_on: date | None = date(2024, 5, 31),
) -> Radiograph:
    rng = np.random.default_rng(seed)
    pixels = np.full((HEIGHT_PX, WIDTH_PX), 0.15, dtype=np.float32)
    for place in range(7):
        top = 60 + place * STEP_PX - BODY_PX // 2
        pixels[top : top + BODY_PX, WIDTH_PX // 2 - 40 : WIDTH_PX // 2 + 40] = 0.7
    pixels += rng.normal(0, 0.01, pixels.shape).astype(np.float32)
    return Radiograph(
        np.clip(pixels, 0, 1),
        source,
        PixelSpacing(0.3, SpacingSource.DETECTOR),
        uid=f"1.2.3.{source}",
        patient_key=patient_key,
        acquired_on=acquired_on,
    )


def reading(
    findings: Mapping[str, CornerFinding] | None = None,
    *,
    regions: Sequence[Region] = tuple(Region),
    reader: Reader = READER,
) -> Reading:
    """A reading without lesions but for the findings given by corner name."""
    given = findings or {}
    return Reading(
        reader,
        {region: f"{region.value}.png" for region in regions},
        tuple(given.get(str(each), CornerFinding(each)) for region in regions for each in corners_of(region)),
        NOON,
        "reader 1.0",
    )


def lesions(name: str, *found: Lesion) -> CornerFinding:
    return CornerFinding(corner(name), frozenset(found))


@dataclass(frozen=True)
class KnownColumns:
    """A localiser that knows the films of the test by their source."""

    by_source: Mapping[str, Landmarks]

    def locate(self, radiograph: Radiograph) -> Landmarks:
        if radiograph.source not in self.by_source:
            msg = f"{radiograph.source}: no lateral spine found."
            raise RadiographError(msg)
        return self.by_source[radiograph.source]


@dataclass(frozen=True)
class BrightnessReader:
    """A classifier that calls a bridge where the front of the disc space is bright."""

    patch_side: float = 2.4
    patch_side_px: int = 64
    threshold: float = 0.5

    def classify(self, patches: Sequence[DiscPatch]) -> tuple[CornerFinding, ...]:
        return tuple(
            self._finding(each, float(patch.pixels[24:40, 16:26].mean()))
            for patch in patches
            for each in (patch.disc.above, patch.disc.below)
        )

    def _finding(self, each: Corner, brightness: float) -> CornerFinding:
        found = frozenset({Lesion.BRIDGE}) if brightness > self.threshold else frozenset()
        probabilities = {lesion: brightness if lesion is Lesion.BRIDGE else 0.0 for lesion in Lesion}
        return CornerFinding(each, found, False, probabilities, 0.0, abs(brightness - self.threshold) < 0.05)


def bridged(radiograph: Radiograph, landmarks: Landmarks, upper: str) -> Radiograph:
    """The film with a bright bridge in front of the disc space below a vertebra."""
    point = landmarks.corner(Corner(Vertebra(upper), Endplate.INFERIOR))
    assert point is not None
    pixels = radiograph.pixels.copy()
    x, y = int(point.x), int(point.y)
    pixels[y - 4 : y + 30, x - 14 : x + 14] = 0.95
    return Radiograph(
        pixels,
        radiograph.source,
        radiograph.spacing,
        radiograph.uid,
        None,
        radiograph.patient_key,
        radiograph.acquired_on,
    )


def films_are_shown(exam: Exam) -> bool:
    return all(each.radiograph is not None for each in exam.films)
