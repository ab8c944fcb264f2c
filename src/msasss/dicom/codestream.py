"""What a compressed frame says about itself, read without decoding it.

A header may claim 1,000 × 1,000 px over a codestream of 60,000 × 60,000; the decoder would believe the codestream.
"""

from dataclasses import dataclass

# Start of frame: SOF0-3, 5-7, 9-11, 13-15 (ITU-T T.81, table B.1) and SOF55 of JPEG-LS (ITU-T T.87).
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
_STAND_ALONE = frozenset(range(0xD0, 0xD9)) | {0x01}
_JPEG_2000 = b"\xff\x4f\xff\x51"  # SOC, SIZ (ITU-T T.800, A.4.1 and A.5.1)
_JPEG = b"\xff\xd8"


@dataclass(frozen=True, slots=True)
class CodestreamSize:
    """Size of the image in a codestream, in px."""

    height_px: int
    width_px: int


def codestream_size(frame: bytes) -> CodestreamSize | None:
    """Return the size that a JPEG, JPEG-LS or JPEG 2000 codestream announces, or None if it announces none."""
    if _JPEG_2000 in frame[:256]:
        return _jpeg_2000_size(frame[frame.index(_JPEG_2000) :])
    if frame.startswith(_JPEG):
        return _jpeg_size(frame)
    return None


def _jpeg_2000_size(stream: bytes) -> CodestreamSize | None:
    if len(stream) < 24:
        return None
    right, bottom, left, top = (int.from_bytes(stream[at : at + 4]) for at in (8, 12, 16, 20))
    return CodestreamSize(bottom - top, right - left)


def _jpeg_size(stream: bytes) -> CodestreamSize | None:
    at = 2
    while at + 9 <= len(stream) and stream[at] == 0xFF:
        marker = stream[at + 1]
        if marker in _START_OF_FRAME:
            return CodestreamSize(int.from_bytes(stream[at + 5 : at + 7]), int.from_bytes(stream[at + 7 : at + 9]))
        if marker == 0xFF:
            at += 1
        elif marker in _STAND_ALONE:
            at += 2
        else:
            at += 2 + int.from_bytes(stream[at + 2 : at + 4])
    return None
