"""From the detector signal to the picture: multi-scale equalisation, window and tone curve of a radiography system.

Everything is derived from the picture itself, as in a real system: no step knows where the spine is.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from msasss.anatomy import Region
from msasss.simulation.noise import Field

_LEVELS = 6
_TYPICAL_GAINS = (1.4, 1.9, 2.1, 1.9, 1.5, 1.1)

# Detail stronger than this (in log intensity, finest first) is compressed.
_STRONG = (0.25, 0.25, 0.22, 0.18, 0.14, 0.12)


class ToneCurve(Enum):
    """How windowed values become grey."""

    SIGMOID = "sigmoid"
    LINEAR = "linear"
    FILM = "film"


@dataclass(frozen=True, slots=True)
class Display:
    """How the system processes a picture.

    Args:
        base_gain: Multiplies the stypical variations; below 1 it equalises the picture.
        base_bend: How much the extremes of the stypical variations are compressed more.
        gains: Per octave of detail, finest first.
        compression: Exponent of the compression of strong detail.
        window: Percentiles of the picture that become black and white.
        margins: Share of the height cut off above, below and of the width on each side before the window is sought.
        curve: The tone curve.
        steepness: Of the sigmoid and the film curve.
        gamma: Exponent of the grey value at the end.
    """

    base_gain: float
    base_bend: float
    gains: tuple[float, ...]
    compression: float
    window: tuple[float, float]
    margins: tuple[float, float, float]
    curve: ToneCurve
    steepness: float
    gamma: float


def draw_display(rng: np.random.Generator, region: Region) -> Display:
    """Draw a processing; one in seven is plain: no equalisation, nearly linear."""
    lumbar = region is Region.LUMBAR
    plain = rng.random() < 1 / 7
    strength = 0.0 if plain else (rng.uniform(0.3, 1.6) if lumbar else rng.uniform(0.0, 1.1))
    jitter = rng.uniform(0.6, 1.4, _LEVELS)
    base = rng.uniform(0.7, 1.0) if plain else (rng.uniform(0.06, 0.6) if lumbar else rng.uniform(0.12, 1.0))
    high = rng.uniform(97.0, 99.95) if lumbar else rng.uniform(88.0, 99.8)
    curve = ToneCurve.LINEAR if plain else list(ToneCurve)[int(rng.choice(3, p=(0.55, 0.3, 0.15)))]
    return Display(
        base_gain=base,
        base_bend=rng.uniform(0.0, 0.35),
        gains=tuple(1.0 + (gain - 1.0) * strength * j for gain, j in zip(_TYPICAL_GAINS, jitter, strict=True)),
        compression=0.85 * min(strength, 1.0),
        window=(rng.uniform(1.0, 10.0 if lumbar else 25.0), high),
        margins=(rng.uniform(0.0, 0.17), rng.uniform(0.0, 0.25), rng.uniform(0.0, 0.2)) if lumbar else (0.0, 0.0, 0.0),
        curve=curve,
        steepness=rng.uniform(1.2, 3.0),
        gamma=rng.uniform(0.8, 1.25) if plain else rng.uniform(0.6, 1.6),
    )


def displayed(signal: Field, display: Display, field: Field, *, shuttered: bool = True) -> Field:
    """Return the picture of a detector signal.

    Args:
        signal: (H, W) positive relative intensity.
        display: The processing.
        field: (H, W): the window is sought where it exceeds 0.5, the exposed part.
        shuttered: The unexposed part is masked before processing; else it shows as dense as the densest exposed parts.

    Returns:
        (H, W) in [0, 1], dense parts bright.
    """
    exposed = field > 0.5
    attenuation = -np.log(signal)
    typical, densest = np.percentile(attenuation[::4, ::4][exposed[::4, ::4]], (50.0, 99.0)).astype(np.float32)
    outside = typical if shuttered else np.minimum(attenuation, densest)
    equalised = _equalised(np.where(exposed, attenuation, outside), display)
    low, high = _window(equalised, exposed, display)
    centred = (equalised - np.float32(0.5 * (low + high))) * np.float32(2.0 / max(high - low, 1e-6))
    grey = np.clip(_toned(centred, display), 0.0, 1.0)
    return np.power(grey, np.float32(display.gamma), out=grey)


def _equalised(attenuation: Field, display: Display) -> Field:
    current, bands = attenuation, []
    for _ in range(_LEVELS):
        height, width = current.shape
        smooth = ndimage.gaussian_filter(current, 1.0, truncate=2.5)
        coarse = _resized(smooth, (max(1, height // 2), max(1, width // 2)))
        bands.append(current - _resized(coarse, (height, width)))
        current = coarse
    centre = np.float32(np.median(current))
    slow = (current - centre) / np.float32(1.2)
    out = centre + np.float32(1.2 * display.base_gain) * slow / np.sqrt(1.0 + np.float32(display.base_bend) * slow**2)
    for band, gain, strong in reversed(list(zip(bands, display.gains, _STRONG, strict=True))):
        out = _resized(out, (band.shape[0], band.shape[1])) + _compressed(band, gain, strong, display.compression)
    return np.asarray(out)


def _compressed(band: Field, gain: float, strong: float, exponent: float) -> Field:
    if exponent == 0.0:
        return np.asarray(band * np.float32(gain))
    damping = np.square(band * np.float32(1.0 / strong))
    damping += np.float32(1.0)
    np.power(damping, np.float32(-0.5 * exponent), out=damping)
    return np.asarray(band * damping * np.float32(gain))


def _window(values: Field, exposed: npt.NDArray[np.bool_], display: Display) -> tuple[float, float]:
    height, width = values.shape
    above, below, beside = display.margins
    rows = slice(int(height * above), height - int(height * below), 4)
    columns = slice(int(width * beside), width - int(width * beside), 4)
    seen = values[rows, columns][exposed[rows, columns]]
    if not seen.size:
        seen = values[::4, ::4].ravel()
    low, high = np.percentile(seen, display.window)
    return float(low), float(high)


def _toned(centred: Field, display: Display) -> Field:
    """Map [-1, 1] to [0, 1] along the tone curve."""
    if display.curve is ToneCurve.LINEAR:
        return np.asarray(0.5 * (centred + 1.0), dtype=np.float32)
    if display.curve is ToneCurve.FILM:
        # Density of film against log exposure: long toe in the dense, bright parts, steep in the dark ones.
        k = np.float32(display.steepness)
        return np.asarray(1.0 - np.expm1(-k * np.clip(0.5 * (1.0 - centred), 0, 1)) / np.expm1(-k), dtype=np.float32)
    end = float(np.tanh(0.5 * display.steepness))
    return np.asarray(0.5 + 0.5 / end * np.tanh(np.float32(0.5 * display.steepness) * centred), dtype=np.float32)


def _resized(values: Field, shape: tuple[int, int]) -> Field:
    larger = shape[0] > values.shape[0]
    method = Image.Resampling.BICUBIC if larger else Image.Resampling.BILINEAR
    image = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), method))
