"""What the localiser's network is asked for, and how far it is off."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from msasss.models.column_points import POINTS_PER_REGION
from msasss.training.localiser_network import PoseAnswer

# In cells: spread of a target on its heatmap, and how near to a point an offset is asked for.
TARGET_SIGMA = 1.3
OFFSET_REACH = 2.5


class ColumnTruth(NamedTuple):
    """What is true of a batch of B images.

    places (B, 19, 2): the points of the image's own region, (x, y) in cells. present (B, 19): 1 where the point lies in
    the image, else 0; its place is then not used. visible (B, 19): the same, but 0.5 for a corner that is there and
    cannot be read. lumbar, faces_right (B,): 0 or 1. Points are only asked for where the patient faces right.
    """

    places: Tensor
    present: Tensor
    visible: Tensor
    lumbar: Tensor
    faces_right: Tensor


class LossParts(NamedTuple):
    """The parts of the loss, before weighting."""

    heat: Tensor
    offset: Tensor
    visibility: Tensor
    view: Tensor


def total_loss(parts: LossParts) -> Tensor:
    """Return the loss that is minimised."""
    return parts.heat + parts.offset + 0.3 * parts.visibility + 0.3 * parts.view


def localiser_loss(answer: PoseAnswer, truth: ColumnTruth) -> LossParts:
    """Compare the network's answer with the truth."""
    heat, offsets, visibility = _own_region(answer, truth.lumbar)
    asked = truth.present * truth.faces_right[:, None]
    dx, dy = _away(truth.places, heat.shape[-2], heat.shape[-1])
    squared = dx[..., None, :] ** 2 + dy[..., :, None] ** 2
    return LossParts(
        heat=_heat_loss(heat, squared, asked),
        offset=_offset_loss(offsets, dx, dy, (squared < OFFSET_REACH**2) * asked[..., None, None]),
        visibility=_visibility_loss(visibility, truth),
        view=functional.binary_cross_entropy_with_logits(
            answer.view.float(), torch.stack([truth.lumbar, truth.faces_right], 1)
        ),
    )


def target_heat(places: Tensor, height: int, width: int) -> Tensor:
    """Return the heatmaps (..., h, w) of places (..., 2) in cells; each sums to 1."""
    dx, dy = _away(places, height, width)
    return _spread(dx[..., None, :] ** 2 + dy[..., :, None] ** 2)


def _spread(squared: Tensor) -> Tensor:
    heat = torch.exp(-squared / (2 * TARGET_SIGMA**2))
    return heat / (heat.sum((-2, -1), keepdim=True) + 1e-6)


def _own_region(answer: PoseAnswer, lumbar: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return heat (B, 19, h, w), offsets (B, 19, 2, h, w) and visibility (B, 19) of each image's region."""
    batch, _, height, width = answer.heat.shape
    image, region = torch.arange(batch, device=lumbar.device), lumbar.long()
    heat = answer.heat.view(batch, 2, POINTS_PER_REGION, height, width)[image, region]
    offsets = answer.offsets.view(batch, 2, POINTS_PER_REGION, 2, height, width)[image, region]
    visibility = answer.visibility.view(batch, 2, POINTS_PER_REGION)[image, region]
    return heat.float(), offsets.float(), visibility.float()


def _away(places: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Return from each point to the cells' centres: (..., w) in x and (..., h) in y."""
    columns = torch.arange(width, device=places.device) + 0.5
    rows = torch.arange(height, device=places.device) + 0.5
    return columns - places[..., :1], rows - places[..., 1:]


def _heat_loss(heat: Tensor, squared: Tensor, asked: Tensor) -> Tensor:
    log_mass = torch.log_softmax(heat.flatten(2), 2).view_as(heat)
    cross_entropy = -(_spread(squared) * log_mass).sum((-2, -1))
    return (cross_entropy * asked).sum() / asked.sum().clamp_min(1.0)


def _offset_loss(offsets: Tensor, dx: Tensor, dy: Tensor, near: Tensor) -> Tensor:
    wrong = (offsets[:, :, 0] + dx[..., None, :]).abs() + (offsets[:, :, 1] + dy[..., :, None]).abs()
    return (wrong * near).sum() / near.sum().clamp_min(1.0)


def _visibility_loss(visibility: Tensor, truth: ColumnTruth) -> Tensor:
    loss = functional.binary_cross_entropy_with_logits(visibility, truth.visible, reduction="none").mean(1)
    return (loss * truth.faces_right).sum() / truth.faces_right.sum().clamp_min(1.0)
