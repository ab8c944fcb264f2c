"""Answers of a network that knows the truth, to test what is read from them."""

import numpy as np

from msasss.anatomy import Region
from msasss.models.chain import ColumnPrior
from msasss.models.column_points import LEVELS, POINTS_PER_REGION, level_of
from msasss.models.heatmaps import PoseMaps


def straight_column(*, top=(30.0, 10.0), spacing=11.0, depth=8.0, height=7.0):
    """A column that runs straight down and faces right: 19 places in cells."""
    places = np.zeros((POINTS_PER_REGION, 2))
    for index in range(POINTS_PER_REGION):
        centre = np.array([top[0], top[1] + spacing * level_of(index)])
        down = 0.0 if index < 7 else (height / 2 if index < 13 else -height / 2)
        places[index] = centre + np.array([0.0 if index < 7 else depth / 2, down])
    return places


def straight_prior(*, spacing=11.0, depth=8.0, height=7.0):
    mean = np.full((LEVELS, 2, 2), np.nan)
    mean[:-1, 0] = depth / 2 / spacing, height / 2 / spacing
    mean[1:, 1] = depth / 2 / spacing, -height / 2 / spacing
    return ColumnPrior(
        log_spacing=np.zeros(LEVELS - 1),
        log_spacing_sd=np.full(LEVELS - 1, 0.2),
        corner_mean=mean,
        corner_sd=np.where(np.isnan(mean), np.nan, 0.08),
    )


def perfect_maps(places, *, shape=(96, 64), seen=None, sigma=1.3):
    """Heatmaps, offsets and visibility that say exactly these places (K, 2) in cells; a map of a NaN place is flat."""
    x, y = np.arange(shape[1]) + 0.5, (np.arange(shape[0]) + 0.5)[:, None]
    mass, offsets = [], []
    for px, py in places:
        if np.isnan(px):
            mass.append(np.full(shape, 1.0 / (shape[0] * shape[1])))
            offsets.append(np.zeros((2, *shape)))
            continue
        heat = np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * sigma**2))
        mass.append(heat / heat.sum())
        offsets.append(np.stack([np.broadcast_to(px - x, shape), np.broadcast_to(py - y, shape)]))
    if seen is None:
        seen = np.where(np.isnan(places[:, 0]), 0.02, 0.98)
    return PoseMaps(np.array(mass, np.float32), np.array(offsets, np.float32), np.asarray(seen, np.float32))


def raw_answer(maps, region, *, lumbar, faces_right):
    """The network's outputs for one image that give these maps for a region."""
    other = np.zeros_like(maps.mass)
    logits, offsets = np.log(maps.mass + 1e-9), maps.offsets.reshape(-1, *maps.mass.shape[1:])
    visibility = np.log(maps.seen / (1 - maps.seen))
    first = region is Region.CERVICAL

    def pair(own, none):
        return np.concatenate([own, none] if first else [none, own])[None].astype(np.float32)

    return {
        "heat": pair(logits, other),
        "offsets": pair(offsets, np.zeros_like(offsets)),
        "visibility": pair(visibility, np.zeros_like(visibility)),
        "view": np.array([[lumbar, faces_right]], np.float32),
    }
