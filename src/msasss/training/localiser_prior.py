"""How the columns of a region are built, taken from labelled films."""

import warnings
from collections.abc import Sequence

import numpy as np

from msasss.models.chain import Array, ColumnPrior, local_axis
from msasss.models.column_points import CENTRES, LEVELS, LOWER, UPPER, Positions, level_of

# Real columns vary more than simulated ones; narrower spreads than these let a wrong chain win.
LEAST_SPACING_SD = 0.2


def column_prior(columns: Sequence[Positions]) -> ColumnPrior:
    """Return spacing and corner statistics.

    Args:
        columns: (19, 2) points each, px of films that face right, NaN where missing.
    """
    centres = np.array([column[CENTRES] for column in columns])
    spacing = np.hypot(*np.moveaxis(np.diff(centres, axis=1), -1, 0))
    corners = np.array([_corners(column) for column in columns])
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # a level or corner that no film shows gives NaN
        ratio = np.log(spacing / np.nanmean(spacing, axis=1, keepdims=True))
        mean, spread = np.nanmean(ratio, axis=0), np.nanstd(ratio, axis=0)
        corner_mean, corner_sd = np.nanmean(corners, axis=0), np.nanstd(corners, axis=0)
    return ColumnPrior(
        log_spacing=np.nan_to_num(mean),
        log_spacing_sd=np.maximum(np.nan_to_num(spread), LEAST_SPACING_SD),
        corner_mean=corner_mean,
        corner_sd=corner_sd,
    )


def _corners(column: Positions) -> Array:
    """Return the corners (7, 2, 2) seen from their centres, in spacings; NaN where missing."""
    seen = np.full((LEVELS, 2, 2), np.nan)
    for which, kind in enumerate((LOWER, UPPER)):
        for index in range(kind.start, kind.stop):
            level = level_of(index)
            axis = local_axis(column[CENTRES], level)
            if axis is not None:
                caudal, spacing = axis
                away = (column[index] - column[level]) / spacing
                seen[level, which] = away @ [caudal[1], -caudal[0]], away @ caudal
    return seen
