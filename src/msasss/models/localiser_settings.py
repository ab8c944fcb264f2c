"""What inference needs to know about a localiser beyond its network, as its weight card states it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from msasss.anatomy import Region
from msasss.errors import WeightsError
from msasss.models.chain import Array, ColumnPrior
from msasss.models.column_points import LEVELS, POINT_NAMES

_SHAPES = {
    "log_spacing": (LEVELS - 1,),
    "log_spacing_sd": (LEVELS - 1,),
    "corner_mean": (LEVELS, 2, 2),
    "corner_sd": (LEVELS, 2, 2),
}


@dataclass(frozen=True, slots=True)
class LocaliserSettings:
    """How a localiser's network is fed and read.

    Args:
        priors: How the columns of each region are built.
        height_px: Rows of the network's input.
        width_px: Columns of the network's input.
        stride_px: Side of a cell of its maps, in px of the input.
        neighbourhood_px: Reach of the local standardisation, in px of the input.
        crop: Side of the crop of the refining look, in sides of the box around the column found.
        point_confidence: A point with less confidence counts as missing.
        agreement: A refined point must lie so near to the coarse one, in spacings of the vertebrae.

    Raises:
        WeightsError: If a region has no prior or a size is not a multiple of the stride.
    """

    priors: Mapping[Region, ColumnPrior]
    height_px: int = 384
    width_px: int = 256
    stride_px: int = 4
    neighbourhood_px: int = 20
    crop: float = 1.35
    point_confidence: float = 0.1
    agreement: float = 0.45

    def __post_init__(self) -> None:
        missing = [region.value for region in Region if region not in self.priors]
        if missing:
            msg = f"Expected a column prior for each region, got none for {', '.join(missing)}."
            raise WeightsError(msg)
        if self.height_px % self.stride_px or self.width_px % self.stride_px:
            msg = f"Expected sides that are multiples of {self.stride_px} px, got {self.height_px} x {self.width_px}."
            raise WeightsError(msg)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the network's input."""
        return self.height_px, self.width_px


def settings_to_plain(settings: LocaliserSettings) -> dict[str, Any]:
    """Return the settings as JSON-ready values, with the order of the network's points."""
    plain = {name: getattr(settings, name) for name in LocaliserSettings.__dataclass_fields__ if name != "priors"}
    priors = {region.value: _prior_to_plain(prior) for region, prior in settings.priors.items()}
    return {"points": list(POINT_NAMES), "priors": priors, **plain}


def settings_from_plain(plain: Mapping[str, Any]) -> LocaliserSettings:
    """Return the settings a weight card states.

    Raises:
        WeightsError: If an entry is missing or unknown, or the network answers for other points.
    """
    record = dict(plain)
    points = tuple(record.pop("points", ()))
    if points != POINT_NAMES:
        msg = f"Expected a localiser for {len(POINT_NAMES)} points in the order of this version, got {len(points)}."
        raise WeightsError(msg)
    try:
        priors = {Region(name): _prior_from_plain(prior) for name, prior in record.pop("priors").items()}
        return LocaliserSettings(priors=priors, **record)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"Expected complete settings of a localiser, got some that are not ({error}). Take its card again."
        raise WeightsError(msg) from error


def _prior_to_plain(prior: ColumnPrior) -> dict[str, Any]:
    # JSON has no NaN; a corner that is not looked for is null.
    values: dict[str, Any] = asdict(prior)
    for name in _SHAPES:
        array = values[name].astype(object)
        array[np.isnan(values[name])] = None
        values[name] = array.tolist()
    return values


def _prior_from_plain(plain: Mapping[str, Any]) -> ColumnPrior:
    arrays = {name: _array(plain[name], shape, name) for name, shape in _SHAPES.items()}
    return ColumnPrior(**arrays, tilt_sd_deg=float(plain["tilt_sd_deg"]))


def _array(values: Any, shape: tuple[int, ...], name: str) -> Array:  # noqa: ANN401 - nested lists of a JSON file
    array = np.array(values, dtype=object).astype(np.float64)
    if array.shape != shape:
        msg = f"{name} of shape {shape}, got {array.shape}"
        raise ValueError(msg)
    return array
