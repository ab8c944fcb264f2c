"""What the localiser's network answers, and how points are read from it.

Maps are in cells of the network's stride: `K` points, `h` rows, `w` columns. Places in a map are (x, y) in cells with
the origin at the outer corner of the first cell, as everywhere.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region
from msasss.models.column_points import region_slice

# In cells. Offsets are trained within 2.5 cells of a point; longer ones stem from places where they mean nothing.
FARTHEST = 4.0

Maps = npt.NDArray[np.float32]
Place = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PoseMaps:
    """The network's answer for the 19 points of one region.

    Args:
        mass: (K, h, w) probability of each point's place; sums to 1 over the cells.
        offsets: (K, 2, h, w) cells from a cell's centre to the point, (x, y); means something near the point only.
        seen: (K,) probability that the point lies in the picture.
    """

    mass: Maps
    offsets: Maps
    seen: Maps


def read_maps(heat: Maps, offsets: Maps, visibility: Maps, region: Region) -> PoseMaps:
    """Read one region's maps from the network's raw answers for one image.

    Args:
        heat: (38, h, w) logits over the cells.
        offsets: (76, h, w) or (38, 2, h, w) cells.
        visibility: (38,) logits.
        region: The region to read.
    """
    points = region_slice(region)
    own = heat[points].astype(np.float32)
    height, width = own.shape[1:]
    weights = np.exp(own - own.max(axis=(1, 2), keepdims=True))
    return PoseMaps(
        mass=weights / weights.sum(axis=(1, 2), keepdims=True),
        offsets=np.clip(offsets.reshape(-1, 2, height, width)[points], -FARTHEST, FARTHEST).astype(np.float32),
        seen=(1.0 / (1.0 + np.exp(-visibility[points].astype(np.float32)))).astype(np.float32),
    )


def box_sum(maps: Maps, radius: int) -> Maps:
    """Sum over the square neighbourhood of each cell; beyond the border counts as 0."""
    height, width = maps.shape[-2:]
    padded = np.zeros((*maps.shape[:-2], height + 2 * radius, width + 2 * radius), np.float32)
    padded[..., radius : radius + height, radius : radius + width] = maps
    along, total = padded[..., :width].copy(), np.zeros(maps.shape, np.float32)
    for step in range(1, 2 * radius + 1):
        along += padded[..., step : step + width]
    for step in range(2 * radius + 1):
        total += along[..., step : step + height, :]
    return total


def peaks(scores: Maps, *, above: float, apart: int, most: int) -> npt.NDArray[np.intp]:
    """Return the cells (n, 2) as (row, column) that are highest among their neighbours, the highest first.

    Args:
        scores: (h, w).
        above: Lower cells are left out.
        apart: A peak is highest among the cells up to so far away.
        most: At most so many.
    """
    highest = scores
    for axis in (0, 1):
        reach = [(apart, apart) if axis == side else (0, 0) for side in (0, 1)]
        padded = np.pad(highest, reach, constant_values=-np.inf)
        highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * apart + 1, axis=axis).max(axis=-1)
    cells = np.argwhere((scores == highest) & (scores > above))
    order = np.argsort(-scores[cells[:, 0], cells[:, 1]], kind="stable")
    kept: list[npt.NDArray[np.intp]] = []
    for cell in cells[order]:
        # Equal neighbours are one peak: a point on the border between cells.
        if all(np.abs(cell - other).max() > apart for other in kept):
            kept.append(cell)
        if len(kept) == most:
            break
    return np.array(kept, dtype=np.intp).reshape(-1, 2)


def place_at(mass: Maps, offsets: Maps, cell: tuple[int, int], *, radius: int = 2) -> tuple[Place, float]:
    """Read a point's place near a cell: where the cells around it point to, weighted by their mass.

    Args:
        mass: (K, h, w) of the points that are pooled.
        offsets: (K, 2, h, w) of the same.
        cell: Row and column of the peak.
        radius: How far the cells that are asked lie from the peak.

    Returns:
        (x, y) in cells, and the mass that was asked, at most 1.
    """
    rows = slice(max(cell[0] - radius, 0), cell[0] + radius + 1)
    columns = slice(max(cell[1] - radius, 0), cell[1] + radius + 1)
    weight = mass[:, rows, columns].astype(np.float64)
    pointed = offsets[:, :, rows, columns]
    total = float(weight.sum())
    x = pointed[:, 0] + (np.arange(columns.start, columns.start + weight.shape[2]) + 0.5)
    y = pointed[:, 1] + (np.arange(rows.start, rows.start + weight.shape[1]) + 0.5)[:, None]
    share = weight / max(total, 1e-12)
    return np.array([(share * x).sum(), (share * y).sum()]), min(total, 1.0)
