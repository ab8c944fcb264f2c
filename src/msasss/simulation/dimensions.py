"""Published dimensions of the vertebrae and discs of the two views.

Sources: Panjabi et al., Spine 1991 (cervical and thoracic) and 1992 (lumbar); body heights moved towards Gilad and
Nissan, Spine 1985, and Cook and Baker, Int J Spine Surg 2021;15:1072 (L5); thoracic discs: Kunkel et al. 2011. Cells
without a measurement were filled in between their neighbours.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Sizes of one vertebra in mm; the spinous process is measured from the back of the canal."""

    width_upper: float
    depth_upper: float
    width_lower: float
    depth_lower: float
    height_anterior: float
    height_posterior: float
    canal_depth: float
    canal_width: float
    pedicle_height: float
    pedicle_width: float
    spinous_length: float

    @property
    def depth(self) -> float:
        """Mean depth of the two endplates in mm."""
        return 0.5 * (self.depth_upper + self.depth_lower)

    @property
    def height(self) -> float:
        """Mean height of the body in mm."""
        return 0.5 * (self.height_anterior + self.height_posterior)

    def times(self, factors: npt.NDArray[np.float64]) -> "Dimensions":
        """Return the sizes multiplied by (11,) factors, in the order of the fields."""
        return Dimensions(*(float(value) for value in np.asarray(astuple(self)) * factors))


@dataclass(frozen=True, slots=True)
class DiscDimensions:
    """Mean height in mm of a disc and the angle in degrees by which it opens to the front."""

    height_mm: float
    wedge_deg: float


_CERVICAL = {
    "T3": Dimensions(24.9, 19.3, 27.4, 20.2, 17.5, 18.5, 15.5, 19.5, 11.4, 8.2, 34),
    "T2": Dimensions(24.9, 18.3, 27.4, 19.2, 17.0, 18.0, 15.5, 19.5, 11.4, 8.2, 34),
    "T1": Dimensions(24.5, 17.5, 27.8, 18.6, 15.4, 16.4, 16.4, 21.8, 9.6, 8.5, 34),
    "C7": Dimensions(22.0, 16.9, 23.4, 17.0, 14.0, 14.4, 15.2, 24.5, 7.5, 6.6, 33),
    "C6": Dimensions(19.5, 16.2, 21.5, 17.2, 12.4, 13.1, 15.9, 25.8, 7.3, 6.0, 24),
    "C5": Dimensions(18.2, 15.4, 19.4, 16.6, 12.2, 13.0, 15.8, 24.9, 7.0, 5.6, 17),
    "C4": Dimensions(17.6, 15.3, 17.4, 15.9, 12.8, 13.3, 15.8, 24.7, 7.4, 5.4, 14),
    "C3": Dimensions(17.2, 15.0, 17.2, 15.6, 13.2, 13.6, 16.2, 22.9, 7.4, 5.6, 14),
    "C2": Dimensions(16.0, 14.5, 17.5, 15.6, 19.5, 17.0, 20.0, 23.0, 7.5, 7.0, 18),
}
_LUMBAR = {
    "S1": Dimensions(50.0, 33.0, 40.0, 26.0, 29.0, 24.0, 17.0, 30.0, 14.0, 16.0, 16),
    "L5": Dimensions(48.3, 35.2, 49.4, 34.2, 30.0, 25.5, 17.5, 27.1, 14.5, 15.0, 20),
    "L4": Dimensions(46.6, 35.5, 49.5, 34.6, 27.6, 26.3, 17.0, 25.4, 14.5, 12.5, 28),
    "L3": Dimensions(44.1, 35.2, 48.0, 34.8, 26.9, 27.0, 16.5, 24.3, 14.4, 10.3, 31),
    "L2": Dimensions(42.6, 34.6, 45.5, 34.9, 26.0, 27.0, 17.0, 23.8, 15.0, 8.3, 30),
    "L1": Dimensions(41.2, 34.1, 43.3, 35.3, 24.8, 26.4, 17.5, 23.7, 15.9, 8.6, 28),
    "T12": Dimensions(39.0, 32.8, 42.1, 33.4, 22.0, 23.9, 18.1, 22.2, 16.7, 8.8, 22),
    "T11": Dimensions(34.9, 31.9, 39.1, 31.8, 20.8, 22.3, 15.8, 17.2, 17.4, 9.8, 22),
    "T10": Dimensions(33.0, 30.5, 35.0, 31.0, 20.2, 21.5, 15.8, 17.2, 17.4, 9.8, 22),
    "T9": Dimensions(31.0, 29.5, 33.0, 30.0, 19.8, 21.0, 15.8, 17.2, 16.0, 9.0, 22),
    "T8": Dimensions(30.0, 28.5, 32.0, 29.0, 19.4, 20.5, 15.8, 17.2, 15.0, 8.0, 22),
}
_CERVICAL_DISCS = {
    "T3": DiscDimensions(4.4, -2.0),
    "T2": DiscDimensions(4.4, 0.0),
    "T1": DiscDimensions(4.6, 1.0),
    "C7": DiscDimensions(5.2, 3.0),
    "C6": DiscDimensions(5.8, 4.0),
    "C5": DiscDimensions(5.4, 4.0),
    "C4": DiscDimensions(5.6, 4.0),
    "C3": DiscDimensions(5.6, 3.8),
    "C2": DiscDimensions(5.4, 3.6),
}
_LUMBAR_DISCS = {
    "L5": DiscDimensions(10.2, 14.0),
    "L4": DiscDimensions(11.0, 11.5),
    "L3": DiscDimensions(10.4, 8.5),
    "L2": DiscDimensions(9.2, 6.5),
    "L1": DiscDimensions(7.8, 4.5),
    "T12": DiscDimensions(7.2, 2.0),
    "T11": DiscDimensions(6.0, 1.0),
    "T10": DiscDimensions(5.0, 0.0),
    "T9": DiscDimensions(4.6, -2.0),
    "T8": DiscDimensions(4.4, -3.0),
}
VERTEBRAE: Mapping[Region, Mapping[str, Dimensions]] = {Region.CERVICAL: _CERVICAL, Region.LUMBAR: _LUMBAR}
DISC_BELOW: Mapping[Region, Mapping[str, DiscDimensions]] = {
    Region.CERVICAL: _CERVICAL_DISCS,
    Region.LUMBAR: _LUMBAR_DISCS,
}
