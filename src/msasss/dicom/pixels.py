"""From stored values to a picture with bright bone.

Order (PS3.3 C.7.6.3.1.2, C.11.1, C.11.2; PS3.4 N.2): Modality LUT, VOI LUT or window, then the inversion that
MONOCHROME1 asks for (`grey_scale`).
"""

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from msasss.dicom import jpeg
from msasss.dicom.codestream import CodestreamSize, codestream_size
from msasss.dicom.grey_scale import brightness
from msasss.errors import RadiographError
from msasss.imaging.intensity import grey_of_colour, scale_to_unit
from msasss.imaging.radiograph import Pixels

Stored = npt.NDArray[np.integer]

# One decoder for each syntax, so that a score does not depend on what else is installed.
_DECODER_OF_SYNTAX = {
    RLELossless: "pydicom",
    JPEGBaseline8Bit: "pillow",
    JPEGExtended12Bit: jpeg.PLUGIN,
    JPEGLossless: jpeg.PLUGIN,
    JPEGLosslessSV1: jpeg.PLUGIN,
    JPEGLSLossless: "pyjpegls",
    JPEGLSNearLossless: "pyjpegls",
    JPEG2000Lossless: "pylibjpeg",
    JPEG2000: "pylibjpeg",
    HTJ2KLossless: "pylibjpeg",
    HTJ2KLosslessRPCL: "pylibjpeg",
    HTJ2K: "pylibjpeg",
}

# Lossy decoding can overshoot the stored range, where the codestream is declared deeper than the header says.
_LOSSY = frozenset({JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless, JPEG2000, HTJ2K})

_MOST_LEVELS = 2**16

jpeg.register()


def bone_bright_pixels(dataset: Dataset, source: str) -> Pixels:
    """Decode a radiograph and return it with bright bone, scaled to [0, 1].

    Args:
        dataset: A single-frame radiograph whose header was checked.
        source: Name for messages.

    Returns:
        (H, W) float32; padding (PixelPaddingValue) is 0, as dark as air.

    Raises:
        RadiographError: If the frame's size is not the header's, it is a colour photograph, or values are not finite.
    """
    stored = _stored_values(dataset, source)
    if stored.ndim == 3:
        full_scale = float(2 ** int(dataset.BitsStored) - 1)
        return scale_to_unit(grey_of_colour(stored, full_scale=full_scale, source=source))
    low, high = int(stored.min()), int(stored.max())
    if high - low > _MOST_LEVELS:
        msg = f"{source}: Expected at most 16 bits per pixel, got values from {low} to {high}. Export it in 16 bits."
        raise RadiographError(msg)
    levels = brightness(dataset, np.arange(low, high + 1, dtype=np.int32))
    if not np.isfinite(levels).all():
        msg = f"{source}: Expected finite grey values, got NaN or infinity after the Modality LUT. Export it again."
        raise RadiographError(msg)
    return scale_to_unit(levels[stored - low], padding=_padding(dataset, stored))


def _stored_values(dataset: Dataset, source: str) -> Stored:
    syntax = _transfer_syntax(dataset)
    if syntax.is_encapsulated:
        _check_codestream(dataset, source)
    array: Stored = pixel_array(dataset, decoding_plugin=_DECODER_OF_SYNTAX.get(syntax, ""))
    if array.ndim != 2:
        return array
    return _within_stored_range(dataset, array) if syntax in _LOSSY else _without_unused_bits(dataset, array)


def _transfer_syntax(dataset: Dataset) -> UID:
    """Return the transfer syntax; a file without meta information is native, in the encoding it was read with."""
    dataset.ensure_file_meta()
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit, _little_endian = dataset.original_encoding
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    return UID(dataset.file_meta.TransferSyntaxUID)


def _check_codestream(dataset: Dataset, source: str) -> None:
    size = codestream_size(get_frame(dataset.PixelData, 0, number_of_frames=1))
    expected = CodestreamSize(int(dataset.Rows), int(dataset.Columns))
    if size is not None and size != expected:
        msg = (
            f"{source}: Expected a frame of {expected.width_px} x {expected.height_px} px as the header says, got "
            f"{size.width_px} x {size.height_px}. The file is damaged; export it again."
        )
        raise RadiographError(msg)


def _within_stored_range(dataset: Dataset, array: Stored) -> Stored:
    """Limit values to what the stored bits can hold; cutting the bits off instead would turn white into black."""
    bits, signed = int(dataset.BitsStored), bool(dataset.PixelRepresentation)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    limited: Stored = np.clip(array, low, high)
    return limited


def _without_unused_bits(dataset: Dataset, array: Stored) -> Stored:
    """Clear what lies above the stored bits, where old devices put overlays, and extend the sign."""
    unused = array.dtype.itemsize * 8 - int(dataset.BitsStored)
    if unused <= 0 or int(dataset.HighBit) != int(dataset.BitsStored) - 1:
        return array
    trimmed: Stored = np.right_shift(np.left_shift(array, unused), unused)
    return trimmed


def _padding(dataset: Dataset, stored: Stored) -> npt.NDArray[np.bool_] | None:
    """Return where the device wrote no image (PS3.3 C.7.5.1.1.2), or None."""
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return None
    limit = dataset.get("PixelPaddingRangeLimit")
    low, high = sorted((int(value), int(value if limit is None else limit)))
    padding = (stored >= low) & (stored <= high)
    return padding if padding.any() else None
