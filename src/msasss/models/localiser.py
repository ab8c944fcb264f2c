"""Finds the vertebrae on a radiograph with an ONNX network.

Two looks: at the whole film and its mirror image, which tells region and facing and finds the column; then at a crop
around the column, which places the points. Everything after the first look happens on the image turned so that the
patient faces right, so a mirrored film gives the mirrored landmarks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region, vertebrae_of
from msasss.errors import RadiographError
from msasss.imaging.geometry import Affine, invert, letterbox, resample, similarity, transform
from msasss.imaging.landmarks import Facing, Landmarks, Point, PointKind, VertebraLandmarks
from msasss.imaging.radiograph import Pixels, Radiograph
from msasss.models.chain import Array, Column, decode_column
from msasss.models.column_points import CENTRES, LEVELS, LOWER, POINTS_PER_REGION, UPPER, Positions, points_of
from msasss.models.heatmaps import PoseMaps, read_maps
from msasss.models.localiser_settings import LocaliserSettings, settings_from_plain
from msasss.models.normalise import inside_mask, network_input
from msasss.models.runtime import Session
from msasss.models.weights import Bundle, verify

INPUT = "image"
HEAT, OFFSETS, VISIBILITY, VIEW = OUTPUTS = ("heat", "offsets", "visibility", "view")
FEWEST_VERTEBRAE = 3

_Answer = Mapping[str, npt.NDArray[np.float32]]


class Network(Protocol):
    """Runs the network: named inputs to named outputs."""

    def run(self, inputs: Mapping[str, npt.NDArray[np.float32]]) -> Mapping[str, npt.NDArray[np.float32]]:
        """Return the outputs by name."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _FoundColumn:
    """A column in px of the canonical image."""

    positions: Positions
    confidence: Array
    margin: float


@dataclass(frozen=True, slots=True)
class OnnxLocaliser:
    """Finds region, facing and the points of the column on a radiograph.

    Args:
        network: Takes `image` (1, 2, H, W); answers `heat` (1, 38, h, w), `offsets` (1, 76, h, w), `visibility`
            (1, 38) and `view` (1, 2): logits of "lumbar" and of "faces right".
        settings: From the network's weight card.
    """

    network: Network
    settings: LocaliserSettings

    def locate(self, radiograph: Radiograph) -> Landmarks:
        """Return what is found in the pixels.

        Raises:
            RadiographError: If fewer than three consecutive vertebrae are found.
        """
        to_film = letterbox(radiograph.pixels.shape, self.settings.shape)
        mirrored = radiograph.pixels[:, ::-1]
        straight, turned = self._look(radiograph.pixels, to_film), self._look(mirrored, to_film)
        faces_right = bool(straight[VIEW][0, 1] >= turned[VIEW][0, 1])
        lumbar = float(straight[VIEW][0, 0]) + float(turned[VIEW][0, 0]) > 0
        region = Region.LUMBAR if lumbar else Region.CERVICAL
        canonical, answer = (radiograph.pixels, straight) if faces_right else (mirrored, turned)
        found = self._find(canonical, answer, region, to_film)
        if found is None or not _has_spine(found):
            msg = (
                f"{radiograph.source}: no lateral spine found: expected at least {FEWEST_VERTEBRAE} consecutive "
                f"vertebrae, got {0 if found is None else _longest_run(found)}. "
                "Give a lateral radiograph of the cervical or lumbar spine."
            )
            raise RadiographError(msg)
        return _landmarks(found, region, None if faces_right else radiograph.width_px)

    def _look(self, pixels: Pixels, to_film: Affine) -> _Answer:
        grey = resample(pixels, to_film, self.settings.shape)
        inside = inside_mask(to_film, pixels.shape, self.settings.shape)
        image = network_input(grey, radius_px=self.settings.neighbourhood_px, inside=inside)
        return self.network.run({INPUT: image[None]})

    def _find(self, pixels: Pixels, answer: _Answer, region: Region, to_film: Affine) -> _FoundColumn | None:
        """Decode the look at the whole film, then look again at the column."""
        to_cells = invert(to_film) / self.settings.stride_px
        picture = transform(to_cells, [[0, 0], [pixels.shape[1], pixels.shape[0]]]).ravel()
        coarse = self._decode(answer, region, to_film, picture)
        if coarse is None or not _has_spine(coarse):
            return coarse
        to_column = _crop_around(coarse.positions, self.settings)
        refined = self._decode(self._look(pixels, to_column), region, to_column, None)
        merged = coarse if refined is None else _merge(coarse, refined, self.settings.agreement)
        return _drop_doubtful(merged, pixels.shape, self.settings.point_confidence)

    def _decode(self, answer: _Answer, region: Region, to_film: Affine, picture: Array | None) -> _FoundColumn | None:
        maps = read_maps(answer[HEAT][0], answer[OFFSETS][0], answer[VISIBILITY][0], region)
        column = decode_column(maps, self.settings.priors[region], above_picture=picture)
        if column is None:
            return None
        positions = transform(to_film, column.positions * self.settings.stride_px)
        return _drop_doubtful(
            _FoundColumn(positions, _confidence(column, maps), column.margin), None, self.settings.point_confidence
        )


def open_localiser(bundle: Bundle, *, threads: int = 2) -> OnnxLocaliser:
    """Return the localiser of a bundle.

    Raises:
        WeightsError: If its file does not match its card, or the card's settings are not complete.
    """
    card = bundle.localiser
    return OnnxLocaliser(Session(verify(card, bundle.folder), threads=threads), settings_from_plain(card.settings))


def _confidence(column: Column, maps: PoseMaps) -> Array:
    """How much of the heatmaps points there, times how likely the vertebra's points are in the picture at all."""
    confidence: Array = np.clip(column.mass * np.sqrt(maps.seen.astype(np.float64)), 0.0, 1.0)
    return confidence


def _drop_doubtful(found: _FoundColumn, shape: tuple[int, ...] | None, least: float) -> _FoundColumn:
    """Take out points of little confidence and, given the film's shape, points beyond its border."""
    keep = found.confidence >= least
    if shape is not None:
        with np.errstate(invalid="ignore"):
            keep &= ((found.positions >= 0) & (found.positions <= [shape[1], shape[0]])).all(axis=1)
    positions = np.where(keep[:, None], found.positions, np.nan)
    return _FoundColumn(positions, np.where(keep, found.confidence, 0.0), found.margin)


def _longest_run(found: _FoundColumn) -> int:
    longest = run = 0
    for there in np.isfinite(found.positions[CENTRES, 0]):
        run = run + 1 if there else 0
        longest = max(longest, run)
    return longest


def _has_spine(found: _FoundColumn) -> bool:
    return _longest_run(found) >= FEWEST_VERTEBRAE


def _crop_around(positions: Positions, settings: LocaliserSettings) -> Affine:
    """Return the affine from the network's input to a crop around the points (19, 2), in px of the image."""
    there = positions[np.isfinite(positions[:, 0])]
    low, high = there.min(axis=0), there.max(axis=0)
    width, height = (high - low) * settings.crop
    scale = max(width / settings.width_px, height / settings.height_px)
    centre_from = (settings.width_px / 2, settings.height_px / 2)
    return similarity(scale=scale, angle_rad=0.0, centre_from=centre_from, centre_to=(low + high) / 2)


def _merge(coarse: _FoundColumn, refined: _FoundColumn, agreement: float) -> _FoundColumn:
    """Take the refined points, under the coarse names, where they agree with the coarse ones.

    Where the second look would name the levels otherwise the naming is uncertain, whatever each look thought of it.
    """
    shift, spacing = _level_shift(coarse.positions[CENTRES], refined.positions[CENTRES])
    if shift is None:
        return coarse
    positions, confidence = coarse.positions.copy(), coarse.confidence.copy()
    for index in range(POINTS_PER_REGION):
        source = _renamed(index, shift)
        if source is None or not np.isfinite(refined.positions[source, 0]):
            continue
        missing = not np.isfinite(coarse.positions[index, 0])
        away = np.hypot(*(refined.positions[source] - coarse.positions[index]))
        if (missing and shift == 0) or away < agreement * spacing:
            positions[index], confidence[index] = refined.positions[source], refined.confidence[source]
    return _FoundColumn(positions, confidence, min(coarse.margin, refined.margin) if shift == 0 else 0.0)


def _level_shift(coarse: Positions, refined: Positions) -> tuple[int | None, float]:
    """Return by how many levels the names of two columns differ, and the spacing; None if they do not meet."""
    away = np.hypot(*np.moveaxis(coarse[:, None] - refined[None], -1, 0))
    there = np.isfinite(coarse[:, 0])
    steps = np.diff(coarse[there], axis=0)
    spacing = float(np.median(np.hypot(steps[:, 0], steps[:, 1])))
    away = np.where(np.isfinite(away), away, np.inf)
    near = away.min(axis=1) < 0.5 * spacing
    if not near.any():
        return None, spacing
    return round(float(np.median((away.argmin(axis=1) - np.arange(LEVELS))[near]))), spacing


def _renamed(index: int, shift: int) -> int | None:
    """Return the point of the same kind so many levels lower, or None where that is not looked for."""
    kind = next(part for part in _KINDS if part.start <= index < part.stop)
    moved = index + shift
    return moved if kind.start <= moved < kind.stop else None


_KINDS = (CENTRES, LOWER, UPPER)


def _landmarks(found: _FoundColumn, region: Region, mirrored_width_px: int | None) -> Landmarks:
    points: dict[tuple[object, PointKind], Point] = {}
    for name, (x, y), confidence in zip(points_of(region), found.positions, found.confidence, strict=True):
        if np.isfinite(x):
            across = float(x) if mirrored_width_px is None else mirrored_width_px - float(x)
            points[name] = Point(across, float(y), float(confidence))
    vertebrae = tuple(
        VertebraLandmarks(vertebra, **{kind.value: points.get((vertebra, kind)) for kind in PointKind})
        for vertebra in vertebrae_of(region)
        if any((vertebra, kind) in points for kind in PointKind)
    )
    facing = Facing.RIGHT if mirrored_width_px is None else Facing.LEFT
    return Landmarks(region, facing, vertebrae, found.margin)
