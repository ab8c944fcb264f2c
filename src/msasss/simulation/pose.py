"""Where a structure lies in the patient.

World frame: mm, x anterior, y up, z lateral towards the detector; the mid-sagittal plane is z = 0.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Placement of a local frame: `world = rotation @ local + translation`.

    Args:
        rotation: (3, 3) rotation matrix.
        translation: (3,) in mm.
    """

    rotation: Vectors
    translation: Vectors

    def to_world(self, points: Vectors) -> Vectors:
        """Map (N, 3) local points to the world frame."""
        return np.asarray(points, float) @ self.rotation.T + self.translation

    def to_local(self, points: Vectors) -> Vectors:
        """Map (N, 3) world points to the local frame."""
        return (np.asarray(points, float) - self.translation) @ self.rotation


WORLD = Pose(np.eye(3), np.zeros(3))


def rotation_of(sagittal_rad: float, coronal_rad: float = 0.0, axial_rad: float = 0.0) -> Vectors:
    """Return the rotation matrix of three angles in radians, applied axial first.

    Args:
        sagittal_rad: About the lateral axis; positive leans the upper end forward.
        coronal_rad: About the anterior axis.
        axial_rad: About the vertical axis.
    """
    c, s = math.cos(-sagittal_rad), math.sin(-sagittal_rad)
    sagittal = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    c, s = math.cos(coronal_rad), math.sin(coronal_rad)
    coronal = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
    c, s = math.cos(axial_rad), math.sin(axial_rad)
    axial = np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])
    rotation: Vectors = sagittal @ coronal @ axial
    return rotation
