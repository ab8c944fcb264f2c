"""What each stored value means: the grey scale of a radiograph, with bone bright.

All of it acts on single values, so it is computed once per value and not once per pixel. Images made for display follow
their Modality LUT, their VOI LUT or window, and are inverted last if MONOCHROME1. Images in detector units (DX "for
processing", and fluoroscopy that says LIN or LOG) measure X-rays: they become log attenuation by their relationship and
sign (PS3.3 C.8.11.3.1.2, C.8.7.1.1.2), whatever way a display would show them.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.multival import MultiValue
from pydicom.pixels.processing import apply_modality_lut, apply_voi

from msasss.dicom.header import is_fluoroscopy, is_for_processing

Levels = npt.NDArray[np.float32]

_DETECTOR_UNITS: Final = ("LIN", "LOG")


def brightness(header: Dataset, levels: npt.NDArray[np.int32]) -> Levels:
    """Return how bright each stored value is, in any unit, bone brighter than air.

    Args:
        header: Header with the LUTs.
        levels: (N,) ascending stored values.

    Returns:
        (N,) monotone as far as the file's LUTs are.
    """
    values = np.asarray(apply_modality_lut(levels, header), np.float32)
    relationship = str(header.get("PixelIntensityRelationship") or "").strip()
    if relationship in _DETECTOR_UNITS and (is_for_processing(header) or is_fluoroscopy(header)):
        return _log_attenuation(header, values, linear=relationship == "LIN")
    displayed = _windowed(header, values)
    return -displayed if header.PhotometricInterpretation == "MONOCHROME1" else displayed


def _sign(header: Dataset) -> int:
    """Return 1 if higher values mean more X-rays, as without a sign, and -1 if fewer."""
    return -1 if header.get("PixelIntensityRelationshipSign") == -1 else 1


def _log_attenuation(header: Dataset, values: Levels, *, linear: bool) -> Levels:
    sign = _sign(header)
    if not linear:
        return -sign * values
    intensity = values if sign > 0 else _full_scale(header) - values
    attenuation: Levels = -np.log(np.maximum(intensity, np.float32(1.0)))
    return attenuation


def _full_scale(header: Dataset) -> np.float32:
    """Return the largest value that the file can store; it stands for no X-rays where the sign is -1."""
    largest = np.array([2 ** int(header.BitsStored) - 1], np.int32)
    return np.float32(apply_modality_lut(largest, header)[0])


def _windowed(header: Dataset, values: Levels) -> Levels:
    """Apply the first VOI LUT or else the first window; the unit of the result is not kept."""
    if _has_voi_lut(header):
        return np.asarray(apply_voi(np.rint(values).astype(np.int32), header), np.float32)
    centre, width = _first(header, "WindowCenter"), _first(header, "WindowWidth")
    if centre is None or width is None or not width >= 1:
        return values
    shape = str(header.get("VOILUTFunction") or "LINEAR").strip().upper()
    if shape == "SIGMOID":
        sigmoid: Levels = 1 / (1 + np.exp(-4 * (values - np.float32(centre)) / np.float32(width)))
        return sigmoid
    if shape == "LINEAR":
        centre, width = centre - 0.5, width - 1
    # pydicom's window turns the picture round where RescaleSlope is negative, so it is computed here (C.11.2.1.2).
    return np.clip(values, np.float32(centre - width / 2), np.float32(centre + width / 2))


def _has_voi_lut(header: Dataset) -> bool:
    luts = header.get("VOILUTSequence")
    return bool(luts) and all(luts[0].get(keyword) is not None for keyword in ("LUTDescriptor", "LUTData"))


def _first(header: Dataset, keyword: str) -> float | None:
    value = header.get(keyword)
    if isinstance(value, MultiValue):
        value = value[0] if len(value) else None
    return None if value is None or value == "" else float(value)
