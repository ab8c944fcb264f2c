"""Radiographs, landmarks and disc patches as arrays, in image coordinates.

Frame used in memory and in every file of ours: `(x, y)` in pixels, x to the right, y down, origin at the OUTER corner
of the top-left pixel, as DICOM SCOORD has it; the centre of the top-left pixel is (0.5, 0.5).
"""

from msasss.imaging.landmarks import Facing, Landmarks, Point, PointKind, VertebraLandmarks
from msasss.imaging.patches import DiscPatch, disc_patches
from msasss.imaging.radiograph import PixelSpacing, Radiograph, SpacingSource

__all__ = [
    "DiscPatch",
    "Facing",
    "Landmarks",
    "PixelSpacing",
    "Point",
    "PointKind",
    "Radiograph",
    "SpacingSource",
    "VertebraLandmarks",
    "disc_patches",
]
