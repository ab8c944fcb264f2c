"""Which compressed transfer syntaxes this installation decodes."""

from collections.abc import Mapping

from pydicom import uid
from pydicom.pixels.decoders.base import get_decoder

from msasss.dicom import jpeg

COMPRESSED = (
    uid.RLELossless,
    uid.JPEGBaseline8Bit,
    uid.JPEGExtended12Bit,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEGLSNearLossless,
    uid.JPEG2000Lossless,
    uid.JPEG2000,
    uid.HTJ2KLossless,
    uid.HTJ2KLosslessRPCL,
    uid.HTJ2K,
)


def available_decoders() -> Mapping[str, tuple[str, ...]]:
    """Return the decoders of each compressed transfer syntax by its name; none where it cannot be read."""
    jpeg.register()
    return {syntax.name: tuple(get_decoder(syntax).available_plugins) for syntax in COMPRESSED}
