"""Grey values of whatever a file holds, brought to one scale."""

import numpy as np
import numpy.typing as npt

from msasss.errors import RadiographError
from msasss.imaging.radiograph import Pixels

# The outermost thousandth on each side is lead letters, collimator edges and dead pixels.
TAIL_PERCENT = 0.1

# JPEG's colour transform turns equal channels into channels that differ by a few levels; a coloured measuring line or
# stamp covers less than a hundredth of a film, while a photograph is tinted nearly everywhere.
_TINT_LEVELS = 8 / 255
_TINTED_SHARE = 0.01


def scale_to_unit(values: npt.NDArray[np.float32], *, padding: npt.NDArray[np.bool_] | None = None) -> Pixels:
    """Scale grey values linearly so that all but the outermost thousandths fill [0, 1], and clip those.

    Inverting the values inverts the result, so a MONOCHROME1 and a MONOCHROME2 copy of one film agree.

    Args:
        values: (H, W) grey values, bone bright, in any unit.
        padding: (H, W) True where the file holds no image; scaled by nothing and set to 0. None if there is none.

    Returns:
        (H, W) in [0, 1]; all 0 for a constant image.
    """
    image = values if padding is None else values[~padding]
    if image.size == 0:
        return np.zeros(values.shape, np.float32)
    low, high = (float(bound) for bound in np.percentile(image, (TAIL_PERCENT, 100 - TAIL_PERCENT)))
    if low == high:
        low, high = float(image.min()), float(image.max())
    if low == high:
        return np.zeros(values.shape, np.float32)
    scaled: Pixels = np.clip((values - np.float32(low)) / np.float32(high - low), 0.0, 1.0)
    if padding is not None:
        scaled[padding] = 0.0
    return scaled


def grey_of_colour(colour: npt.NDArray[np.generic], *, full_scale: float, source: str) -> npt.NDArray[np.float32]:
    """Return the grey image that a film stored in colour holds.

    Args:
        colour: (H, W, 3) red, green, blue.
        full_scale: Value of full brightness, such as 255.
        source: Name for the message.

    Returns:
        (H, W) mean of the channels, in the units of the input.

    Raises:
        RadiographError: If the channels differ as in a photograph.
    """
    channels = colour.astype(np.float32)
    spread = channels.max(axis=2) - channels.min(axis=2)
    share = float(np.mean(spread > _TINT_LEVELS * full_scale))
    if share > _TINTED_SHARE:
        msg = (
            f"{source}: Expected a grey image, got a colour photograph ({share:.0%} of it tinted). "
            "Give the DICOM file, or a scan of the film in grey levels."
        )
        raise RadiographError(msg)
    grey: npt.NDArray[np.float32] = channels.mean(axis=2)
    return grey
