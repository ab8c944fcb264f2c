"""One lateral radiograph, the same whatever file it came from."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region
from msasss.errors import RadiographError

Pixels = npt.NDArray[np.float32]

# A lateral spine film is some 500 to 5,000 px on a side; the bounds leave room and keep memory under a gigabyte.
SHORTEST_SIDE_PX = 64
LONGEST_SIDE_PX = 12_000


class SpacingSource(Enum):
    """What a pixel spacing measures (DICOM PS3.3, 10.7.1.3)."""

    CALIBRATED = "calibrated"  # corrected for magnification, at the patient
    DETECTOR = "detector"  # at the detector plane, magnified by some 1.1 to 1.4
    UNKNOWN = "unknown"  # the file does not say which of the two


@dataclass(frozen=True, slots=True)
class PixelSpacing:
    """Distance between pixel centres, in mm; pixels are square.

    Raises:
        RadiographError: If the spacing is not a positive, finite number.
    """

    mm: float
    source: SpacingSource

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mm) and self.mm > 0):
            msg = f"Expected a positive pixel spacing in mm, got {self.mm}. Correct the file's spacing or remove it."
            raise RadiographError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class Radiograph:
    """A lateral radiograph of the spine.

    Args:
        pixels: (H, W) float32 in [0, 1], bone bright, monotone in log attenuation as far as the file allows; made
            read-only.
        source: Where it came from, for messages: a file name without its folder.
        spacing: Pixel spacing with its source, or None if the file gives none.
        uid: SOP instance UID; for files without one, the file name.
        study_uid: Study instance UID, or None.
        patient_key: What the file identifies its patient by, or None. Never logged.
        acquired_on: Date of the exposure, or None.
        claimed_region: What the header says is shown; None if it does not say. Not trusted.

    Raises:
        RadiographError: If the pixels are not a finite, non-constant 2-D image of plausible size in [0, 1].
    """

    pixels: Pixels
    source: str
    spacing: PixelSpacing | None = None
    uid: str = ""
    study_uid: str | None = None
    patient_key: str | None = None
    acquired_on: date | None = None
    claimed_region: Region | None = None

    def __post_init__(self) -> None:
        problem = _problem(self.pixels)
        if problem:
            msg = f"{self.source}: {problem}"
            raise RadiographError(msg)
        pixels = np.ascontiguousarray(self.pixels)
        if pixels is self.pixels:
            pixels = pixels.view()
        pixels.flags.writeable = False
        object.__setattr__(self, "pixels", pixels)
        object.__setattr__(self, "uid", self.uid or self.source)

    @property
    def height_px(self) -> int:
        """Number of rows."""
        return int(self.pixels.shape[0])

    @property
    def width_px(self) -> int:
        """Number of columns."""
        return int(self.pixels.shape[1])


def check_size(height_px: int, width_px: int, source: str) -> None:
    """Refuse an image too small or too large for a spine film, before its pixels are decoded.

    Raises:
        RadiographError: If a side is outside the plausible range.
    """
    if min(height_px, width_px) < SHORTEST_SIDE_PX or max(height_px, width_px) > LONGEST_SIDE_PX:
        msg = (
            f"{source}: Expected sides of {SHORTEST_SIDE_PX} to {LONGEST_SIDE_PX} px, got {width_px} x {height_px}. "
            "Give the original radiograph."
        )
        raise RadiographError(msg)


def _problem(pixels: Pixels) -> str | None:
    if pixels.ndim != 2 or pixels.dtype != np.float32:
        return f"Expected a 2-D float32 image, got shape {pixels.shape} of {pixels.dtype}."
    if not (min(pixels.shape) >= SHORTEST_SIDE_PX and max(pixels.shape) <= LONGEST_SIDE_PX):
        return (
            f"Expected sides of {SHORTEST_SIDE_PX} to {LONGEST_SIDE_PX} px, got {pixels.shape[1]} x {pixels.shape[0]}."
        )
    low, high = float(pixels.min()), float(pixels.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        return "Expected finite pixels, got NaN or infinity. Export the radiograph again."
    if low < 0.0 or high > 1.0:
        return f"Expected pixels in [0, 1], got {low:.3g} to {high:.3g}."
    if low == high:
        return f"Expected an image, got the constant {low:.3g}. The export may have failed; give the original file."
    return None
