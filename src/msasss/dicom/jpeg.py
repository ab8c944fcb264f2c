"""JPEG that pydicom's own decoders leave out: 12-bit extended and lossless.

For these pydicom 3 knows `pylibjpeg-libjpeg`, which is under the GPL, and GDCM, which adds 44 MB and refuses 12 bits.
imagecodecs carries libjpeg-turbo 3 and decodes them exactly. Plugin interface: pydicom, "Creating Pixel Data decoder
plugins".
"""

from typing import Final

import imagecodecs
import numpy as np
from pydicom import uid
from pydicom.pixels.decoders.base import DecodeRunner, get_decoder

PLUGIN: Final = "msasss-imagecodecs"

DECODER_DEPENDENCIES = {
    uid.JPEGExtended12Bit: ("imagecodecs",),
    uid.JPEGLossless: ("imagecodecs",),
    uid.JPEGLosslessSV1: ("imagecodecs",),
}


def is_available(transfer_syntax: str) -> bool:
    """Say whether the plugin decodes a transfer syntax."""
    return transfer_syntax in DECODER_DEPENDENCIES


def decode_frame(frame: bytes, runner: DecodeRunner) -> bytes:
    """Decode one frame to little-endian samples of 8 or 16 bits, and tell pydicom which of the two."""
    decoded = np.asarray(imagecodecs.jpeg8_decode(frame))
    runner.set_option("bits_allocated", decoded.dtype.itemsize * 8)
    return decoded.astype(decoded.dtype.newbyteorder("<"), copy=False).tobytes()


def register() -> None:
    """Offer the plugin to pydicom; a second call does nothing."""
    for transfer_syntax in DECODER_DEPENDENCIES:
        decoder = get_decoder(transfer_syntax)
        if PLUGIN not in decoder.available_plugins:
            decoder.add_plugin(PLUGIN, (__name__, decode_frame.__name__))
