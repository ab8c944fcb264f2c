"""The column as a chain: which peaks are vertebrae, and which vertebra each is.

A single heatmap's peak easily lands on the neighbour of its vertebra. So the peaks of all seven centre maps are
candidates for every level, and the column is the chain of candidates that fits the maps, the spacing and the direction
best (dynamic programming over the levels). Corners are then read from the corner maps pooled over the levels, where the
chain expects them. On real films this removes most shifts by a level that reading each map alone would make.

Axes: `S` spacings tried, `n` candidates, `L` = 7 levels. Places in cells.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from msasss.models.column_points import CENTRES, LEVELS, LOWER, POINTS_PER_REGION, UPPER, Positions, level_of
from msasss.models.heatmaps import PoseMaps, box_sum, peaks, place_at

Array = npt.NDArray[np.float64]

# Mass a level's map is taken to have everywhere, so that one empty map does not forbid a chain.
EVIDENCE_FLOOR = 0.004
MISSING_FLOOR = 0.02
# A level missing between two others, and a missing top level whose place lies in the picture, in log likelihood.
GAP_COST = 3.0
TOP_IN_PICTURE_COST = 8.0
# The top of the column may be cut off by so many levels.
LONGEST_MISSING_TOP = 4
SPACINGS_TRIED = 9
LEAST_CORNER_MASS = 0.02
_FORBIDDEN = -1e9
_IMPOSSIBLE = -1e15  # lower than any sum of forbidden terms, so that a chain always has a beginning


@dataclass(frozen=True, slots=True, eq=False)
class ColumnPrior:
    """How the columns of the training films are built.

    Args:
        log_spacing: (6,) mean of log(distance to the next centre / mean distance).
        log_spacing_sd: (6,) its standard deviation.
        corner_mean: (7, 2, 2) lower and upper anterior corner seen from the centre, (anterior, caudal), in spacings;
            NaN where no corner is looked for.
        corner_sd: (7, 2, 2) its standard deviation.
        tilt_sd_deg: Deviation of a step of the chain from straight down.
    """

    log_spacing: Array
    log_spacing_sd: Array
    corner_mean: Array
    corner_sd: Array
    tilt_sd_deg: float = 28.0


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A decoded column.

    Args:
        positions: (19, 2) in cells, NaN where a point was not found.
        mass: (19,) heatmap mass at each point, in [0, 1]; 0 where it was not found.
        margin: In [0, 1]: 1 minus how likely the second-best naming is against this one, per vertebra.
    """

    positions: Positions
    mass: Array
    margin: float

    @property
    def centres(self) -> Positions:
        """The seven centres (7, 2), NaN where one was not found."""
        return self.positions[CENTRES]


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    places: Array  # (n, 2)
    evidence: Array  # (L, n) log likelihood of being that level
    mass: Array  # (n,)
    missing: Array  # (L,) log likelihood that a level is not in the picture


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    chosen: tuple[int, ...]  # candidate per level, -1 where missing
    score: float


def decode_column(maps: PoseMaps, prior: ColumnPrior, *, above_picture: Array | None) -> Column | None:
    """Find the chain of vertebrae that fits the maps best.

    Args:
        maps: The network's answer for the region, patient facing right.
        prior: How such columns are built.
        above_picture: (left, top, right, bottom) of the film in cells; a level above the first one found must lie
            outside it. None lifts the rule, for a crop.

    Returns:
        The column, or None where fewer than three vertebrae make a chain.
    """
    candidates = _candidates(maps)
    if len(candidates.places) < 3:
        return None
    chain = _best_chain(candidates, prior, picture=above_picture)
    found = [level for level in range(LEVELS) if chain.chosen[level] >= 0]
    if len(found) < 3:
        return None
    margin = _naming_margin(candidates, prior, chain, found)
    positions, mass = np.full((POINTS_PER_REGION, 2), np.nan), np.zeros(POINTS_PER_REGION)
    for level in found:
        positions[level] = candidates.places[chain.chosen[level]]
        mass[level] = candidates.mass[chain.chosen[level]]
    _read_corners(maps, prior, positions, mass)
    return Column(positions, mass, margin)


def local_axis(centres: Positions, level: int) -> tuple[Array, float] | None:
    """Return the caudal direction of the column at a level (unit vector) and the spacing there.

    None where the level or all its neighbours are missing.
    """
    there = [other for other in range(LEVELS) if np.isfinite(centres[other, 0])]
    if level not in there or len(there) < 2:
        return None
    upper = max((other for other in there if other < level), default=level)
    lower = min((other for other in there if other > level), default=level)
    step = (centres[lower] - centres[upper]) / (lower - upper)
    spacing = float(np.hypot(*step))
    return (step / spacing, spacing) if spacing > 0 else None


def _candidates(maps: PoseMaps) -> _Candidates:
    centre_mass = maps.mass[CENTRES]
    pooled = centre_mass.sum(axis=0)
    cells = peaks(box_sum(pooled, 1), above=0.06, apart=2, most=16)
    near = box_sum(centre_mass, 2)[:, cells[:, 0], cells[:, 1]]
    places = [place_at(centre_mass, maps.offsets[CENTRES], (int(row), int(column)))[0] for row, column in cells]
    return _Candidates(
        places=np.array(places).reshape(-1, 2),
        evidence=np.log(near.astype(np.float64) + EVIDENCE_FLOOR),
        mass=np.minimum(near.sum(axis=0), 1.0).astype(np.float64),
        missing=np.log(np.clip(1.0 - maps.seen[CENTRES].astype(np.float64), MISSING_FLOOR, 1.0)),
    )


def _naming_margin(candidates: _Candidates, prior: ColumnPrior, chain: _Chain, found: list[int]) -> float:
    """Compare with the best chain that names every vertebra otherwise; what may be cut off is left open for both."""
    free = _best_chain(candidates, prior, picture=None)
    steps = np.diff(candidates.places[[chain.chosen[level] for level in found]], axis=0)
    spacing = np.median(np.hypot(steps[:, 0], steps[:, 1]))
    evidence = candidates.evidence.copy()
    for level in found:
        away = np.hypot(*(candidates.places - candidates.places[chain.chosen[level]]).T)
        evidence[level, away < 0.5 * spacing] = _FORBIDDEN
    other = _best_chain(replace(candidates, evidence=evidence), prior, picture=None)
    if free.chosen != chain.chosen and not set(enumerate(free.chosen)) & {(k, chain.chosen[k]) for k in found}:
        return 0.0
    return float(1.0 - np.exp(-max(0.0, free.score - other.score) / len(found)))


def _best_chain(candidates: _Candidates, prior: ColumnPrior, *, picture: Array | None) -> _Chain:
    """Dynamic programming over the levels, for several spacings at once."""
    size = len(candidates.places)
    steps = _Steps(candidates.places, prior)
    breach = steps.top_in_picture(picture)
    best = np.full((LEVELS, steps.count, size), _IMPOSSIBLE)
    origin = np.full((LEVELS, steps.count, size), -1)
    for level in range(1, LEVELS):
        options = []
        for gap in (1, 2):
            options += _ways_to(level, gap, candidates, best, steps.fit(level, gap), breach)
        scores = np.concatenate(options, axis=1)
        best[level] = scores.max(axis=1) + candidates.evidence[level]
        origin[level] = scores.argmax(axis=1)
    return _trace(candidates, best, origin)


def _ways_to(level: int, gap: int, candidates: _Candidates, best: Array, fit: Array, breach: Array) -> list[Array]:
    """Return the scores (S, n from, n to) of going on from, and of beginning at, the level `gap` above."""
    start = level - gap
    if start < 0:
        return [np.full_like(fit, _IMPOSSIBLE)] * 2
    jump = (candidates.missing[start + 1] - GAP_COST) if gap == 2 else 0.0
    onward = best[start][:, :, None] + fit + jump
    if start > LONGEST_MISSING_TOP:
        return [onward, np.full_like(fit, _IMPOSSIBLE)]
    begin = candidates.missing[:start].sum() + candidates.evidence[start][:, None] + fit + jump
    if start > 0:
        begin = begin - breach
    return [onward, np.broadcast_to(begin, fit.shape)]


def _trace(candidates: _Candidates, best: Array, origin: Array) -> _Chain:
    """Follow the best chain back from its last level."""
    size = best.shape[2]
    below = np.array([candidates.missing[level + 1 :].sum() for level in range(LEVELS)])
    level, spacing, place = np.unravel_index(int((best + below[:, None, None]).argmax()), best.shape)
    score = float(best[level, spacing, place] + below[level])
    chosen = [-1] * LEVELS
    chosen[level] = int(place)
    while True:
        way, place = divmod(int(origin[level, spacing, place]), size)
        level = level - 1 - way // 2
        chosen[level] = place
        if way % 2 == 1:
            return _Chain(tuple(chosen), score)


class _Steps:
    """The vectors between all pairs of candidates and how well each fits as a step of the chain."""

    def __init__(self, places: Array, prior: ColumnPrior) -> None:
        self._prior = prior
        self._places = places
        self._step = places[None] - places[:, None]
        self._length = np.hypot(self._step[..., 0], self._step[..., 1]) + 1e-6
        tilt = np.arctan2(self._step[..., 0], self._step[..., 1]) / np.radians(prior.tilt_sd_deg)
        self._direction = -0.5 * tilt**2
        self._spacings = self._plausible_spacings()
        self.count = len(self._spacings)

    def _plausible_spacings(self) -> Array:
        downwards = (self._step[..., 1] > 0.3 * np.abs(self._step[..., 0])) & (self._length > 2.0)
        nearest = np.where(downwards, self._length, np.inf).min(axis=1)
        nearest = nearest[np.isfinite(nearest)]
        if not nearest.size:
            return np.array([1.0])
        low, high = np.percentile(nearest, [15, 85])
        return np.geomspace(low * 0.9, high * 1.12, SPACINGS_TRIED)

    def fit(self, level: int, gap: int) -> Array:
        """Return the log likelihood (S, n from, n to) of a step that ends at a level, over `gap` levels."""
        first = max(level - gap, 0)
        expected = np.log(np.exp(self._prior.log_spacing[first:level]).sum() * self._spacings)[:, None, None]
        spread = self._prior.log_spacing_sd[first:level].mean()
        fit: Array = -0.5 * ((np.log(self._length) - expected) / spread) ** 2 + self._direction
        return fit

    def top_in_picture(self, picture: Array | None) -> Array:
        """Return the cost (n from, n to) of a chain that begins with this step below a level in the picture."""
        if picture is None:
            return np.zeros_like(self._length)
        place = self._places[:, None] - self._step
        inside = (place > picture[:2] + 1.0).all(axis=-1) & (place < picture[2:] - 1.0).all(axis=-1)
        return np.where(inside, TOP_IN_PICTURE_COST, 0.0)


def _read_corners(maps: PoseMaps, prior: ColumnPrior, positions: Positions, mass: Array) -> None:
    """Read each corner from its pooled maps, where the chain expects it; fills both arrays in place."""
    for which, kind in enumerate((LOWER, UPPER)):
        kind_mass, kind_offsets = maps.mass[kind], maps.offsets[kind]
        pooled = kind_mass.sum(axis=0)
        for index in range(kind.start, kind.stop):
            level = level_of(index)
            axis = local_axis(positions[CENTRES], level)
            if axis is None:
                continue
            nearness = _expectation(pooled.shape, positions[level], axis, prior, (level, which))
            row, column = np.unravel_index(int(box_sum(((pooled + 2e-4) * nearness), 1).argmax()), pooled.shape)
            cell = (int(row), int(column))
            place, near = place_at(kind_mass * nearness, kind_offsets, cell)
            if near > LEAST_CORNER_MASS:
                positions[index], mass[index] = place, place_at(kind_mass, kind_offsets, cell)[1]


def _expectation(
    shape: tuple[int, ...], centre: Array, axis: tuple[Array, float], prior: ColumnPrior, which: tuple[int, int]
) -> npt.NDArray[np.float32]:
    """Return how near each cell (h, w) is to where a corner is expected: 1 there, falling off as a Gaussian."""
    caudal, spacing = axis
    anterior = np.array([caudal[1], -caudal[0]])
    mean, spread = prior.corner_mean[which], np.maximum(prior.corner_sd[which], 0.07) * 1.8
    expected = centre + spacing * (mean[0] * anterior + mean[1] * caudal)
    dx = np.arange(shape[1]) + 0.5 - expected[0]
    dy = (np.arange(shape[0]) + 0.5 - expected[1])[:, None]
    along = (dx * anterior[0] + dy * anterior[1]) / (spread[0] * spacing)
    down = (dx * caudal[0] + dy * caudal[1]) / (spread[1] * spacing)
    nearness: npt.NDArray[np.float32] = np.exp(-0.5 * (along**2 + down**2)).astype(np.float32)
    return nearness
