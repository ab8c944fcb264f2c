"""How far the empty space around bone reaches, so that rays may step through it without stepping over thin bone."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from msasss.simulation.fields import FAR_MM, Grid
from msasss.simulation.primitives import REACH_MM

_BLOCK = 4


def bound_empty_space(grid: Grid) -> None:
    """Give the nodes that no shape has reached a distance that is never greater than the true one.

    Shapes are written no farther than `REACH_MM` from their surface, so what they left alone is at least that far
    from bone; beyond, the distance to the nearest block of written nodes is used.

    Args:
        grid: Changed in place, before roughening or carving.
    """
    empty = grid.distance >= FAR_MM
    blocks = _all_of_block(empty)
    if not blocks.any() or blocks.all():
        np.copyto(grid.distance, REACH_MM, where=empty)
        return
    side = _BLOCK * grid.step_mm
    between = ndimage.distance_transform_edt(blocks, sampling=side) - 2.0 * float(np.linalg.norm(side))
    bound = np.maximum(between, REACH_MM).astype(np.float32)
    for axis in range(3):
        bound = np.repeat(bound, _BLOCK, axis=axis)
    inside = tuple(slice(0, size) for size in empty.shape)
    np.copyto(grid.distance, bound[inside], where=empty)


def _all_of_block(nodes: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    spare = [(0, -size % _BLOCK) for size in nodes.shape]
    padded = np.pad(nodes, spare, mode="edge")
    x, y, z = (size // _BLOCK for size in padded.shape)
    return np.asarray(padded.reshape(x, _BLOCK, y, _BLOCK, z, _BLOCK).all(axis=(1, 3, 5)))
