"""From thicknesses to what the detector measures: attenuation, scatter, blur, noise.

Three energies stand for the spectrum of each view (about 85-90 kV lumbar, 70-75 kV cervical). Their linear attenuation
coefficients were computed with xraylib for ICRP cortical bone, ICRP soft tissue and titanium.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from msasss.anatomy import Region
from msasss.simulation.noise import Field


class _Energy(NamedTuple):
    """A share of the detected spectrum and its attenuation per mm."""

    share: float
    soft: float
    cortical: float
    titanium: float


_SPECTRA = {
    Region.LUMBAR: (
        _Energy(0.30, 0.0231, 0.0860, 0.780),
        _Energy(0.45, 0.0203, 0.0574, 0.345),
        _Energy(0.25, 0.0184, 0.0436, 0.185),
    ),
    Region.CERVICAL: (
        _Energy(0.35, 0.0245, 0.0980, 0.930),
        _Energy(0.45, 0.0212, 0.0650, 0.450),
        _Energy(0.20, 0.0190, 0.0471, 0.230),
    ),
}

# Scatter spreads over centimetres: a core and a long tail (share, deviation in mm at the detector).
_SCATTER_SPREAD = ((0.8, 28.0), (0.2, 80.0))
_SCATTER_REDUCTION = 8

# The exposure control aims at the denser part of the image: this percentile of the intensity gets the planned quanta.
_REFERENCE_PERCENTILE = 35.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """How a film was taken.

    Args:
        cortical_factor: Multiplies cortical bone: its density.
        trabecular_fraction: Share of solid bone in trabecular bone of density 1; CT gives 0.06 to 0.15.
        soft_factor: Multiplies soft tissue: the size of the patient.
        scatter_to_primary: Scattered per primary intensity at the detector.
        blur_mm: Deviation of focal spot and detector blur together, at the detector.
        quanta_per_mm2: Detected quanta in the reference part of the image.
        electronic_quanta: Deviation of the electronic noise of a pixel, in quanta.
        grain_px: Deviation of the blur that correlates the noise of neighbouring pixels.
    """

    cortical_factor: float
    trabecular_fraction: float
    soft_factor: float
    scatter_to_primary: float
    blur_mm: float
    quanta_per_mm2: float
    electronic_quanta: float
    grain_px: float


@dataclass(frozen=True, slots=True, eq=False)
class Thicknesses:
    """(H, W) float32 path lengths in mm, as in `Layers`."""

    cortical: Field
    trabecular: Field
    soft: Field
    metal: Field


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """Detector signal relative to its reference part.

    Args:
        noiseless: (H, W) positive: scatter and blur, no noise.
        noisy: (H, W) positive: what the detector delivers.
    """

    noiseless: Field
    noisy: Field


def draw_exposure(rng: np.random.Generator, region: Region) -> Exposure:
    """Draw how a film is taken; one in seven is underexposed three to fifteen times."""
    lumbar = region is Region.LUMBAR
    quanta = math.exp(rng.uniform(math.log(8e3), math.log(8e4)))
    if rng.random() < 1 / 7:
        quanta /= math.exp(rng.uniform(math.log(3.0), math.log(15.0)))
    return Exposure(
        cortical_factor=rng.uniform(0.6, 1.35) if lumbar else rng.uniform(0.45, 1.1),
        trabecular_fraction=rng.uniform(0.08, 0.3) if lumbar else rng.uniform(0.08, 0.28),
        soft_factor=rng.uniform(0.65, 1.0) if lumbar else rng.uniform(0.85, 1.15),
        scatter_to_primary=rng.uniform(0.1, 0.8),
        blur_mm=math.exp(rng.uniform(math.log(0.08), math.log(0.45))),
        quanta_per_mm2=quanta,
        electronic_quanta=rng.uniform(1.0, 5.0),
        grain_px=rng.uniform(0.3, 0.55),
    )


def detect(
    thicknesses: Thicknesses,
    exposure: Exposure,
    region: Region,
    *,
    pixel_mm: float,
    field: Field,
    rng: np.random.Generator,
) -> Signal:
    """Return what the detector measures behind a patient.

    Args:
        thicknesses: The patient.
        exposure: How the film is taken.
        region: Chooses the spectrum.
        pixel_mm: Side of a pixel at the detector.
        field: (H, W) in [0, 1]: how much of the primary beam the collimator lets through.
        rng: Source of the noise alone.
    """
    primary = _primary(thicknesses, exposure, _SPECTRA[region]) * field
    scatter = exposure.scatter_to_primary * _scattered(primary, pixel_mm)
    intensity = _blurred(primary, exposure.blur_mm / pixel_mm) + scatter
    inside = intensity[::4, ::4][field[::4, ::4] > 0.5]
    reference = float(np.percentile(inside, _REFERENCE_PERCENTILE))
    intensity /= np.float32(max(reference, 1e-9))
    quanta = exposure.quanta_per_mm2 * pixel_mm**2
    deviation = np.sqrt(intensity / np.float32(quanta) + np.float32((exposure.electronic_quanta / quanta) ** 2))
    noise = np.asarray(rng.standard_normal(intensity.shape, dtype=np.float32) * deviation, dtype=np.float32)
    least = np.float32(0.5 / quanta)
    noisy = intensity + _blurred(noise, exposure.grain_px)
    return Signal(np.maximum(intensity, least), np.maximum(noisy, least))


def _primary(thicknesses: Thicknesses, exposure: Exposure, spectrum: tuple[_Energy, ...]) -> Field:
    soft = np.maximum(thicknesses.soft * np.float32(exposure.soft_factor), np.float32(0.0))
    bone = thicknesses.cortical * np.float32(exposure.cortical_factor)
    bone += thicknesses.trabecular * np.float32(exposure.trabecular_fraction)
    has_metal = bool(thicknesses.metal.any())
    total = np.zeros_like(soft)
    for energy in spectrum:
        exponent = soft * np.float32(-energy.soft) - bone * np.float32(energy.cortical - energy.soft)
        if has_metal:
            exponent -= thicknesses.metal * np.float32(energy.titanium - energy.soft)
        total += np.float32(energy.share) * np.exp(exponent, out=exponent)
    return np.asarray(total)


def _scattered(primary: Field, pixel_mm: float) -> Field:
    height, width = primary.shape
    size = (max(1, width // _SCATTER_REDUCTION), max(1, height // _SCATTER_REDUCTION))
    small = np.asarray(Image.fromarray(primary).resize(size, Image.Resampling.BOX))
    step_mm = pixel_mm * width / size[0]
    spread = np.zeros_like(small)
    for share, spread_mm in _SCATTER_SPREAD:
        spread += share * ndimage.gaussian_filter(small, spread_mm / step_mm, mode="nearest")
    return np.asarray(Image.fromarray(spread).resize((width, height), Image.Resampling.BILINEAR))


def _blurred(values: npt.NDArray[np.float32], deviation_px: float) -> Field:
    return np.asarray(ndimage.gaussian_filter(values, deviation_px, mode="nearest", truncate=3.0))
