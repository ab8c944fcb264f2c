"""PNG, JPEG and TIFF as radiographs: grey values and nothing else.

Such a file says nothing of patient, date or spacing (its dpi is the scanner's or the printer's), so those are None.
Bone is taken to be bright, as displays and scanners show it.
"""

import re
import struct
import warnings
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from msasss.errors import NoImageError, RadiographError
from msasss.imaging.content import read_content
from msasss.imaging.intensity import grey_of_colour, scale_to_unit
from msasss.imaging.radiograph import LONGEST_SIDE_PX, Radiograph, check_size

DRAWN_BY: Final = "msasss"  # the text chunk `Software` of a PNG that this package drew on a film

SIGNATURES: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")

_FORMATS: Final = ("PNG", "JPEG", "TIFF")
_PHOTOMETRIC: Final = 262
_WHITE_IS_ZERO: Final = 0
_OPAQUE: Final = 255

# What Pillow raises on damaged files; it documents no common base.
_READ_FAULTS: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)


def is_raster(head: bytes) -> bool:
    """Say whether a file that begins with these bytes is a PNG, JPEG or TIFF."""
    return head.startswith(SIGNATURES)


def read_raster(file: Path | str | bytes, *, source: str | None = None) -> Radiograph:
    """Read a grey PNG, JPEG or TIFF of 8 or 16 bits.

    Grey stored as colour, with a palette, or with an opaque alpha channel is accepted; the EXIF orientation is applied.

    Args:
        file: Path of the file, or its content.
        source: Name for messages and results; by default the file name without its folder.

    Raises:
        NoImageError: If it is an overlay that this package drew.
        RadiographError: If the file is unreadable or damaged, of implausible size, transparent, or in colour.
    """
    name = source or ("radiograph" if isinstance(file, bytes) else Path(file).name)
    content = file if isinstance(file, bytes) else read_content(Path(file), name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large images and odd metadata; the size is checked here
            return Radiograph(pixels=scale_to_unit(_grey(content, name)), source=name)
    except Image.DecompressionBombError as error:
        # Pillow counts the pixels of such an image, but opens it no further.
        size = next(iter(re.findall(r"\d+ pixels", str(error))), "more")
        msg = f"{name}: Expected sides of at most {LONGEST_SIDE_PX} px, got {size}. Give the original radiograph."
        raise RadiographError(msg) from error
    except _READ_FAULTS as error:
        raise _unreadable(name, content, error) from error


def _grey(content: bytes, source: str) -> npt.NDArray[np.float32]:
    with Image.open(BytesIO(content), formats=_FORMATS) as picture:
        check_size(picture.height, picture.width, source)
        _check_original(picture, source)
        _check_single(picture, source)
        white_is_zero = _is_white_zero(picture)
        values = _values(ImageOps.exif_transpose(picture), source)
    if not np.isfinite(values).all():
        msg = f"{source}: Expected finite grey values, got NaN or infinity. Export the radiograph again."
        raise RadiographError(msg)
    return -values if white_is_zero else values


def _values(picture: Image.Image, source: str) -> npt.NDArray[np.float32]:
    """Return (H, W) grey values in the file's own units."""
    if picture.mode == "1":
        msg = f"{source}: Expected grey levels, got black and white only. Scan the film again in 8 or 16 bits."
        raise RadiographError(msg)
    if picture.mode == "L" or picture.mode[0] in "IF":
        return np.asarray(picture, dtype=np.float32)
    if picture.has_transparency_data:
        _check_opaque(picture, source)
    return grey_of_colour(np.asarray(picture.convert("RGB")), full_scale=255.0, source=source)


def _check_opaque(picture: Image.Image, source: str) -> None:
    lowest = int(np.asarray(picture.convert("RGBA"))[..., 3].min())
    if lowest != _OPAQUE:
        msg = f"{source}: Expected an opaque image, got alpha down to {lowest}. Save it without transparency."
        raise RadiographError(msg)


def _check_original(picture: Image.Image, source: str) -> None:
    if picture.format == "PNG" and picture.info.get("Software") == DRAWN_BY:
        msg = f"{source}: Expected a radiograph, got a picture that {DRAWN_BY} drew. Give the film it shows."
        raise NoImageError(msg)


def _check_single(picture: Image.Image, source: str) -> None:
    frames = getattr(picture, "n_frames", 1)
    if frames > 1 and picture.format != "MPO":  # an MPO is a camera's JPEG with a preview behind the picture
        msg = f"{source}: Expected a single image, got {frames} pages. Save the lateral view alone."
        raise RadiographError(msg)


def _is_white_zero(picture: Image.Image) -> bool:
    """Say whether a TIFF stores white as 0; Pillow turns those of 8 bits round itself, but not those of 16."""
    tags = getattr(picture, "tag_v2", {})
    return picture.mode.startswith("I") and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO


def _unreadable(source: str, content: bytes, error: Exception) -> RadiographError:
    if not content:
        msg = f"{source}: Expected a PNG, JPEG or TIFF image, got an empty file. Export the radiograph again."
    elif isinstance(error, UnidentifiedImageError):
        msg = f"{source}: Expected a PNG, JPEG or TIFF image, got something else. Export the radiograph in one of them."
    else:
        msg = f"{source}: The image is truncated or damaged and cannot be decoded. Export it again."
    return RadiographError(msg)
