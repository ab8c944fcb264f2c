"""The bytes of an image file, within bounds."""

from pathlib import Path
from typing import Final

from msasss.errors import RadiographError

# The largest radiograph accepted, 12,000 × 12,000 px of 16 bits, and room for its header.
LARGEST_FILE_BYTES: Final = 320 * 2**20


def read_content(path: Path, source: str) -> bytes:
    """Return the content of a file that is no larger than a radiograph can be.

    Raises:
        RadiographError: If it cannot be read or is larger.
    """
    limit_mb = LARGEST_FILE_BYTES >> 20
    try:
        size_mb = path.stat().st_size >> 20
        if size_mb > limit_mb:
            msg = f"{source}: Expected at most {limit_mb} MB, got {size_mb} MB. Give one radiograph."
            raise RadiographError(msg)
        return path.read_bytes()
    except OSError as error:
        msg = f"{source}: The file could not be read ({error.strerror}). Check the path and your permission to read it."
        raise RadiographError(msg) from error
