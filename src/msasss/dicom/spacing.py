"""The pixel spacing of a projection radiograph, and what it measures (DICOM PS3.3, 10.7.1.3)."""

from typing import Final

from pydicom import Dataset
from pydicom.multival import MultiValue

from msasss.errors import RadiographError
from msasss.imaging.radiograph import PixelSpacing, SpacingSource

_ATTRIBUTES: Final = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
# Detectors have square pixels; more than a rounding error means a wrong header or a resampled image.
_SQUARE_WITHIN: Final = 0.01
_SAME_WITHIN: Final = 1e-4


def pixel_spacing(header: Dataset, source: str) -> PixelSpacing | None:
    """Return the spacing with what it measures, or None if the file gives none.

    `PixelSpacing` is calibrated at the patient where the file says so or where it differs from `ImagerPixelSpacing`;
    equal to it, it is the detector's. Alone, and for scanned film, nothing says which of the two it is.

    Raises:
        RadiographError: If a spacing is not positive and finite, or pixels are not square.
    """
    _check_aspect(header, source)
    values = {keyword: value for keyword in _ATTRIBUTES if (value := _square_mm(header, keyword, source)) is not None}
    given, imager = values.get("PixelSpacing"), values.get("ImagerPixelSpacing")
    if given is not None:
        return PixelSpacing(given, _source_of(header, given, imager))
    if imager is not None:
        return PixelSpacing(imager, SpacingSource.DETECTOR)
    scanned = values.get("NominalScannedPixelSpacing")
    return None if scanned is None else PixelSpacing(scanned, SpacingSource.UNKNOWN)


def _source_of(header: Dataset, given: float, imager: float | None) -> SpacingSource:
    if header.get("PixelSpacingCalibrationType"):
        return SpacingSource.CALIBRATED
    if imager is None:
        return SpacingSource.UNKNOWN
    same = abs(given - imager) <= _SAME_WITHIN * imager
    return SpacingSource.DETECTOR if same else SpacingSource.CALIBRATED


def _square_mm(header: Dataset, keyword: str, source: str) -> float | None:
    found = header.get(keyword)
    if found is None or found == "":
        return None
    values = list(found) if isinstance(found, MultiValue) else [found]
    if len(values) != 2:
        msg = f"{source}: Expected {keyword} of two values, got {len(values)}. Correct the file's spacing or remove it."
        raise RadiographError(msg)
    rows_mm, columns_mm = float(values[0]), float(values[1])
    if not (0 < rows_mm < float("inf") and 0 < columns_mm < float("inf")):
        msg = (
            f"{source}: Expected a positive {keyword} in mm, got {rows_mm} and {columns_mm}. "
            "Correct the file's spacing or remove it."
        )
        raise RadiographError(msg)
    if abs(rows_mm - columns_mm) > _SQUARE_WITHIN * max(rows_mm, columns_mm):
        raise _not_square(source, keyword, f"{rows_mm} and {columns_mm} mm")
    return (rows_mm + columns_mm) / 2


def _check_aspect(header: Dataset, source: str) -> None:
    aspect = header.get("PixelAspectRatio")
    if not aspect or len(aspect) != 2:
        return
    vertical, horizontal = float(aspect[0]), float(aspect[1])
    if not abs(vertical - horizontal) <= _SQUARE_WITHIN * max(vertical, horizontal):
        raise _not_square(source, "PixelAspectRatio", f"{vertical:g} to {horizontal:g}")


def _not_square(source: str, keyword: str, value: str) -> RadiographError:
    msg = f"{source}: Expected square pixels, got {keyword} {value}. Export the radiograph without resampling."
    return RadiographError(msg)
