"""The size a codestream announces, read without decoding it."""

import imagecodecs
import numpy as np
import pytest

from msasss.dicom.codestream import CodestreamSize, codestream_size

IMAGE = np.arange(70 * 90, dtype=np.uint16).reshape(70, 90) % 4096


@pytest.mark.parametrize(
    "stream",
    [
        imagecodecs.jpeg8_encode(IMAGE.astype(np.uint8)),
        imagecodecs.jpeg8_encode(IMAGE, bitspersample=12),
        imagecodecs.jpeg8_encode(IMAGE, lossless=True, predictor=1, bitspersample=12),
        imagecodecs.jpegls_encode(IMAGE),
        imagecodecs.jpeg2k_encode(IMAGE, codecformat="j2k"),
        imagecodecs.jpeg2k_encode(IMAGE, codecformat="jp2"),
        imagecodecs.htj2k_encode(IMAGE),
    ],
    ids=["baseline", "extended", "lossless", "JPEG-LS", "JPEG 2000", "JP2", "HTJ2K"],
)
def test_size_is_read_from_the_stream(stream: bytes):
    assert codestream_size(bytes(stream)) == CodestreamSize(70, 90)


def test_fill_bytes_and_markers_without_length_are_passed_over():
    stream = bytes(imagecodecs.jpeg8_encode(IMAGE.astype(np.uint8)))
    assert codestream_size(stream[:2] + b"\xff\xd0\xff" + stream[2:]) == CodestreamSize(70, 90)


@pytest.mark.parametrize("stream", [b"", b"\xff\xd8", b"\xff\xd8\xff\xff\xff", b"\xff\x4f\xff\x51\0\0", b"RLE data"])
def test_stream_without_size_gives_none(stream: bytes):
    assert codestream_size(stream) is None
