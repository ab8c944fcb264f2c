"""Random textures: power-law noise, slow fields, the projected pattern of trabeculae.

Projected anatomy has about equal power per octave (measured on the lateral projection of a CT), so power-law noise
stands in for the small structures that are not modelled.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from msasss.simulation.pose import Pose
from msasss.simulation.projection import Camera

Field = npt.NDArray[np.float32]

# Tiles are slow to make, so a few are kept and every use takes its own offset and flips.
_TILES = 6
_TRABECULAR_TILE_MM = 0.15
_TRABECULAR_TILE_PX = 1024


def noise_tile(rng: np.random.Generator, size_px: int, *, exponent: float) -> Field:
    """Return one of a few periodic tiles of power-law noise.

    Args:
        rng: Chooses the tile.
        size_px: Side.
        exponent: Amplitude falls with frequency to this power: 1 is pink, more is cloudier. Tiles are kept per
            exponent, so draw it from a short list.

    Returns:
        (size_px, size_px), mean 0, deviation 1, read-only.
    """
    return _tile(int(rng.integers(_TILES)), size_px, exponent, 1.0, 0.0)


def noise_field(rng: np.random.Generator, shape: tuple[int, int], *, exponent: float) -> Field:
    """Return power-law noise of any shape, cut from a tile at a random place; deviation about 1."""
    tile = noise_tile(rng, 1024, exponent=exponent)
    if rng.random() < 0.5:
        tile = tile[:, ::-1]
    rows = (np.arange(shape[0]) + rng.integers(1024)) % 1024
    columns = (np.arange(shape[1]) + rng.integers(1024)) % 1024
    return np.asarray(tile[np.ix_(rows, columns)])


def low_frequency_field(rng: np.random.Generator, shape: tuple[int, int], *, cells: int) -> Field:
    """Return a slow random field: (cells, cells) normal numbers, interpolated to `shape`."""
    coarse = rng.standard_normal((cells, cells)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def trabecular_texture(rng: np.random.Generator, camera: Camera, pose: Pose, box: tuple[slice, slice]) -> Field:
    """Return the projected trabecular pattern of a vertebra over a box of the image, turned with the vertebra.

    Multiply the trabecular layer of that vertebra by `clip(1 + a * texture, 0.3, 2)`, with `a` of 0.05 to 0.25.

    Args:
        rng: Chooses the pattern.
        camera: The image.
        pose: Where the vertebra lies; strands run along its height.
        box: Rows and columns, with start and stop.

    Returns:
        (rows, columns), mean 0, deviation about 1.
    """
    rows, columns = box
    point_x, point_y = np.meshgrid(
        np.arange(columns.start, columns.stop, dtype=np.float64),
        np.arange(rows.start, rows.stop, dtype=np.float64),
    )
    pixel_mm = camera.pixel_mm / camera.magnification
    centre = camera.project(pose.translation)[0]
    world = np.stack([point_x - centre[0], centre[1] - point_y], axis=-1) * pixel_mm
    local = world @ pose.rotation[:2, :2] / _TRABECULAR_TILE_MM
    offset = rng.uniform(0, _TRABECULAR_TILE_PX, 2)
    tile = _trabecular_tile(int(rng.integers(_TILES)))
    at = [local[..., 1] + offset[0], local[..., 0] + offset[1]]
    return np.asarray(ndimage.map_coordinates(tile, at, order=1, mode="grid-wrap", output=np.float32))


@lru_cache(maxsize=48)
def _tile(number: int, size_px: int, exponent: float, stretch: float, floor: float) -> Field:
    """Return tile `number`; `stretch` > 1 makes it longer along the rows, `floor` removes lower frequencies."""
    rng = np.random.default_rng((number, size_px, round(exponent * 1000), round(stretch * 1000)))
    along_y = np.fft.fftfreq(size_px)[:, None] * stretch
    along_x = np.fft.rfftfreq(size_px)[None]
    frequency = np.hypot(along_y, along_x)
    frequency[0, 0] = 1.0
    amplitude = frequency**-exponent
    if floor:
        amplitude *= 1.0 - np.exp(-((frequency / floor) ** 2))
    amplitude[0, 0] = 0.0
    spectrum = np.fft.rfft2(rng.standard_normal((size_px, size_px))) * amplitude
    tile = np.fft.irfft2(spectrum, s=(size_px, size_px))
    return _frozen(tile / tile.std())


@lru_cache(maxsize=_TILES)
def _trabecular_tile(number: int) -> Field:
    """Return a mid-frequency pattern in which vertical strands dominate."""
    spots = _tile(number, _TRABECULAR_TILE_PX, 0.9, 1.0, 0.01)
    vertical = _tile(number, _TRABECULAR_TILE_PX, 0.9, 3.5, 0.012)
    horizontal = _tile(number, _TRABECULAR_TILE_PX, 0.9, 0.35, 0.012)
    tile = 0.55 * spots + 0.75 * vertical + 0.35 * horizontal
    return _frozen(tile / tile.std())


def _frozen(values: npt.NDArray[np.floating]) -> Field:
    tile = np.ascontiguousarray(values, dtype=np.float32)
    tile.flags.writeable = False
    return tile
