"""From labelled films to what the localiser's network is trained on.

Each sample is a view of one film: the whole film, as inference sees it first; a crop around the column, as it sees it
second; or a few vertebrae large. Turned, scaled and changed in look, and mirrored so that the patient faces right; a
quarter is mirrored back and teaches region and facing only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from msasss.anatomy import Corner, Endplate, Region, Vertebra
from msasss.imaging.geometry import Affine, compose, invert, letterbox, mirror, resample, similarity, transform
from msasss.imaging.landmarks import Facing, PointKind
from msasss.models.column_points import CENTRES, LEVELS, POINTS_PER_REGION, Positions, level_of, points_of, positions_of
from msasss.models.normalise import inside_mask, network_input
from msasss.training.augmentation import LookSettings, Random, change_look
from msasss.training.examples import load_example
from msasss.training.localiser_losses import ColumnTruth

# A point nearer to the border than this, in px of the input, is not asked for.
BORDER_PX = 2.0


@dataclass(frozen=True, slots=True)
class SampleSettings:
    """How films are turned into samples.

    Args:
        shape: Rows and columns of the network's input.
        stride_px: Side of a cell of its maps.
        neighbourhood_px: Reach of the local standardisation.
        look: How often the look is changed.
        crop: Side of a crop around the column, in sides of the box around it.
        whole: Share of views of the whole film.
        column: Share of views of the column; the rest shows a few vertebrae.
        mirrored: Share of samples that face left.
    """

    shape: tuple[int, int] = (384, 256)
    stride_px: int = 4
    neighbourhood_px: int = 20
    look: LookSettings = field(default_factory=LookSettings)
    crop: float = 1.35
    whole: float = 0.42
    column: float = 0.38
    mirrored: float = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class _Film:
    """A film facing right, shrunk to about the resolution that the samples need."""

    pixels: npt.NDArray[np.uint8]
    positions: Positions  # (19, 2), NaN where the point is not on the film
    unreadable: npt.NDArray[np.bool_]  # (19,)
    region: Region


class FilmSamples(Dataset[tuple[Tensor, ColumnTruth]]):
    """Samples by number: the same number and seed always give the same sample.

    Args:
        paths: Example files.
        count: Number of samples.
        settings: How films are turned into samples.
        seed: Of all random draws.
        first: Number of the first sample, to go on after an interruption.
        kept: So many films are kept in memory, once read.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        count: int,
        *,
        settings: SampleSettings,
        seed: int = 0,
        first: int = 0,
        kept: int = 4000,
    ) -> None:
        self._paths = tuple(paths)
        self._count = count
        self._settings = settings
        self._seed, self._first, self._kept = seed, first, kept
        self._films: dict[Path, _Film] = {}

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> tuple[Tensor, ColumnTruth]:
        random = np.random.default_rng([self._seed, self._first + number])
        film = self._film(self._paths[random.integers(len(self._paths))])
        return draw_sample(film, random, self._settings)

    def _film(self, path: Path) -> _Film:
        film = self._films.get(path)
        if film is None:
            film = read_film(path, self._settings.shape[0])
            if len(self._films) < self._kept:
                self._films[path] = film
        return film


def read_film(path: Path, column_px: int) -> _Film:
    """Read an example, turn it to face right, and shrink it as long as its column stays longer than `column_px`."""
    example = load_example(path)
    pixels, positions = example.pixels, positions_of(example.landmarks)
    if example.landmarks.facing is Facing.LEFT:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        positions = transform(mirror(pixels.shape[1]), positions)
    with np.errstate(invalid="ignore"):
        on_film = ((positions >= 0) & (positions <= pixels.shape[::-1])).all(axis=1, keepdims=True)
    positions = np.where(on_film, positions, np.nan)
    length = float(np.ptp(positions[np.isfinite(positions[:, 1]), 1])) if np.isfinite(positions).any() else 0.0
    factor = max(1, int(length / column_px))
    if factor > 1:
        shape = (pixels.shape[0] // factor, pixels.shape[1] // factor)
        shrink = np.array([[float(factor), 0.0, 0.0], [0.0, float(factor), 0.0]])
        pixels = np.rint(resample(pixels.astype(np.float32), shrink, shape)).astype(np.uint8)
    not_visible = {finding.corner for finding in example.findings if finding.not_visible}
    unreadable = np.array([_corner_of(point) in not_visible for point in points_of(example.region)])
    return _Film(pixels, positions / factor, unreadable, example.region)


def canonical_positions(path: Path) -> Positions:
    """Return the points (19, 2) of an example in px of the film turned to face right, NaN where missing."""
    example = load_example(path)
    positions = positions_of(example.landmarks)
    if example.landmarks.facing is Facing.LEFT:
        positions = transform(mirror(example.pixels.shape[1]), positions)
    return positions


def draw_sample(film: _Film, random: Random, settings: SampleSettings) -> tuple[Tensor, ColumnTruth]:
    """Draw one sample of a film."""
    to_film = _draw_view(film, random, settings)
    faces_right = bool(random.random() >= settings.mirrored)
    if not faces_right:
        to_film = compose(to_film, mirror(settings.shape[1]))
    grey = resample(film.pixels.astype(np.float32), to_film, settings.shape) / np.float32(255)
    inside = inside_mask(to_film, film.pixels.shape, settings.shape)
    changed = change_look(grey, random, settings.look)
    image = network_input(changed, radius_px=settings.neighbourhood_px, inside=inside)
    return torch.from_numpy(image), _truth(film, transform(invert(to_film), film.positions), faces_right, settings)


def _truth(film: _Film, places_px: Positions, faces_right: bool, settings: SampleSettings) -> ColumnTruth:
    size = np.array([settings.shape[1], settings.shape[0]])
    with np.errstate(invalid="ignore"):
        present = np.all((places_px > BORDER_PX) & (places_px < size - BORDER_PX), axis=1)
    places = np.where(present[:, None], places_px / settings.stride_px, 0.0).astype(np.float32)
    visible = present * np.where(film.unreadable, 0.5, 1.0)
    return ColumnTruth(
        places=torch.from_numpy(places),
        present=torch.from_numpy(present.astype(np.float32)),
        visible=torch.from_numpy(visible.astype(np.float32)),
        lumbar=torch.tensor(float(film.region is Region.LUMBAR)),
        faces_right=torch.tensor(float(faces_right)),
    )


def _draw_view(film: _Film, random: Random, settings: SampleSettings) -> Affine:
    """Draw which part of the film the sample shows: the affine from px of the sample to px of the film."""
    there = film.positions[np.isfinite(film.positions[:, 0])]
    kind = random.random()
    if kind < settings.whole or len(there) < 2:
        view = letterbox(film.pixels.shape, settings.shape)
        return _jitter(view, random, settings, zoom=(0.75, 1.1), shift=0.06, turn_deg=6.0)
    if kind < settings.whole + settings.column:
        return _jitter(_view_of(there, settings), random, settings, zoom=(0.85, 1.35), shift=0.06, turn_deg=9.0)
    run = _draw_run(film.positions, random)
    return _jitter(_view_of(run, settings), random, settings, zoom=(0.7, 1.3), shift=0.1, turn_deg=9.0)


def _draw_run(positions: Positions, random: Random) -> Positions:
    """Draw some three to six consecutive vertebrae and return their points (N, 2)."""
    levels = np.array([level_of(index) for index in range(POINTS_PER_REGION)])
    there = np.flatnonzero(np.isfinite(positions[CENTRES, 0]))
    if len(there) < 3:
        return positions[np.isfinite(positions[:, 0])]
    length = int(random.integers(3, min(LEVELS, len(there)) + 1))
    first = there[random.integers(0, len(there) - length + 1)]
    chosen = (levels >= first) & (levels < first + length) & np.isfinite(positions[:, 0])
    run: Positions = positions[chosen]
    return run


def _view_of(points: Positions, settings: SampleSettings) -> Affine:
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = np.maximum(high - low, 1.0) * settings.crop
    scale = max(width / settings.shape[1], height / settings.shape[0])
    centre_from = (settings.shape[1] / 2, settings.shape[0] / 2)
    return similarity(scale=scale, angle_rad=0.0, centre_from=centre_from, centre_to=(low + high) / 2)


def _jitter(
    view: Affine, random: Random, settings: SampleSettings, *, zoom: tuple[float, float], shift: float, turn_deg: float
) -> Affine:
    """Scale, turn (up to 25 degrees), stretch and shift a view; lengths in sides of the sample."""
    height, width = settings.shape
    centre = (width / 2, height / 2)
    stretch = np.exp(random.normal(0.0, 0.04))
    scale = np.exp(random.uniform(np.log(zoom[0]), np.log(zoom[1])))
    turn = np.radians(np.clip(random.normal(0.0, turn_deg), -25.0, 25.0))
    moved = tuple(random.normal(centre, [shift * width, shift * height]))
    turned = similarity(scale=scale, angle_rad=turn, centre_from=centre, centre_to=moved)
    stretched = turned @ np.array([[stretch, 0, centre[0] * (1 - stretch)], [0, 1, 0], [0, 0, 1]])
    return compose(view, stretched)


def _corner_of(point: tuple[Vertebra, PointKind]) -> Corner | None:
    vertebra, kind = point
    endplate = {PointKind.UPPER_ANTERIOR: Endplate.SUPERIOR, PointKind.LOWER_ANTERIOR: Endplate.INFERIOR}.get(kind)
    return None if endplate is None else Corner(vertebra, endplate)
