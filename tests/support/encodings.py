"""Re-encodes a native DICOM radiograph in every transfer syntax that the reader accepts."""

from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.encaps import encapsulate
from pydicom.uid import UID

ALL_SYNTAXES = {
    "implicit little endian": "1.2.840.10008.1.2",
    "explicit little endian": "1.2.840.10008.1.2.1",
    "deflated": "1.2.840.10008.1.2.1.99",
    "explicit big endian": "1.2.840.10008.1.2.2",
    "RLE": "1.2.840.10008.1.2.5",
    "JPEG baseline": "1.2.840.10008.1.2.4.50",
    "JPEG extended 12-bit": "1.2.840.10008.1.2.4.51",
    "JPEG lossless": "1.2.840.10008.1.2.4.57",
    "JPEG lossless SV1": "1.2.840.10008.1.2.4.70",
    "JPEG-LS lossless": "1.2.840.10008.1.2.4.80",
    "JPEG-LS near-lossless": "1.2.840.10008.1.2.4.81",
    "JPEG 2000 lossless": "1.2.840.10008.1.2.4.90",
    "JPEG 2000": "1.2.840.10008.1.2.4.91",
    "HTJ2K lossless": "1.2.840.10008.1.2.4.201",
    "HTJ2K lossless RPCL": "1.2.840.10008.1.2.4.202",
    "HTJ2K": "1.2.840.10008.1.2.4.203",
}
LOSSY = frozenset({"JPEG baseline", "JPEG extended 12-bit", "JPEG-LS near-lossless", "JPEG 2000", "HTJ2K"})

Stored = np.ndarray
_QUALITY = 95


def encode(source: Path, target: Path, transfer_syntax_uid: str) -> None:
    """Write the native radiograph at `source` to `target` in another transfer syntax, its header otherwise the same.

    Lossy syntaxes change grey values a little; JPEG baseline also reduces them to 8 bits, with the window scaled along.
    """
    film = dcmread(source)
    syntax = UID(transfer_syntax_uid)
    if syntax.is_encapsulated:
        _encapsulate(film, syntax)
    elif not syntax.is_little_endian:
        _swap_bytes(film)
    film.file_meta.TransferSyntaxUID = syntax
    if any(ALL_SYNTAXES[name] == syntax for name in LOSSY):
        film.LossyImageCompression = "01"
    dcmwrite(
        target,
        film,
        implicit_vr=syntax.is_implicit_VR,
        little_endian=syntax.is_little_endian,
        force_encoding=True,
    )


def _swap_bytes(film: Dataset) -> None:
    film.PixelData = film.pixel_array.astype(">u2").tobytes()
    list(film.iterall())  # decodes each element: those still raw would be written in the old byte order


def _encapsulate(film: Dataset, syntax: UID) -> None:
    pixels = film.pixel_array
    name = next(name for name, uid in ALL_SYNTAXES.items() if uid == syntax)
    if name in _BY_PYDICOM:
        film.compress(syntax, pixels, generate_instance_uid=False, **_BY_PYDICOM[name])
        return
    if name == "JPEG baseline":
        pixels = _in_eight_bits(film, pixels)
    film.PixelData = encapsulate([_ENCODERS[name](pixels, film.BitsStored)])
    film["PixelData"].VR = "OB"
    film["PixelData"].is_undefined_length = True


def _in_eight_bits(film: Dataset, pixels: Stored) -> Stored:
    drop = film.BitsStored - 8
    film.BitsAllocated, film.BitsStored, film.HighBit = 8, 8, 7
    film.WindowCenter, film.WindowWidth = film.WindowCenter / 2**drop, film.WindowWidth / 2**drop
    return (pixels >> drop).astype(np.uint8)


def _jpeg(pixels: Stored, bits: int) -> bytes:
    return imagecodecs.jpeg8_encode(pixels, level=_QUALITY, bitspersample=bits)


def _lossless_jpeg(predictor: int) -> Callable[[Stored, int], bytes]:
    return lambda pixels, bits: imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=predictor, bitspersample=bits)


def _htj2k(pixels: Stored, _bits: int) -> bytes:
    return imagecodecs.htj2k_encode(pixels, reversible=True)


def _lossy_htj2k(pixels: Stored, _bits: int) -> bytes:
    return imagecodecs.htj2k_encode(pixels, level=0.0005, reversible=False)


_BY_PYDICOM: dict[str, dict[str, object]] = {
    "RLE": {},
    "JPEG-LS lossless": {},
    "JPEG-LS near-lossless": {"jls_error": 3},
    "JPEG 2000 lossless": {},
    "JPEG 2000": {"j2k_cr": [10]},
}
_ENCODERS: dict[str, Callable[[Stored, int], bytes]] = {
    "JPEG baseline": _jpeg,
    "JPEG extended 12-bit": _jpeg,
    "JPEG lossless": _lossless_jpeg(predictor=6),
    "JPEG lossless SV1": _lossless_jpeg(predictor=1),
    "HTJ2K lossless": _htj2k,
    "HTJ2K lossless RPCL": _htj2k,
    "HTJ2K": _lossy_htj2k,
}
