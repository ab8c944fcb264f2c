"""Disc patches as a localiser's errors and other exposures would show them; whole batches at once.

Axes: `B` patches, `P` side of a stored patch in px, `S` side of a patch as the network takes it, `L` labels.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional

from msasss.imaging.patches import ANTERIOR_SHARE
from msasss.training.lesion_network import BoxMean


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far patches are changed; each a standard deviation or the end of a uniform range.

    Args:
        shift: Standard deviation of the displacement, in sides of the patch.
        angle_deg: Standard deviation of the turn.
        scale: Largest change of size, as a share.
        gamma: Largest exponent (and smallest, inverted) of the grey curve.
        noise: Largest standard deviation of the noise, with the patch's grey deviation as 1.
        blur: Largest share of a blurred copy in the patch.
        sharpening: Largest multiple of the local contrast that is added.
    """

    shift: float = 0.022
    angle_deg: float = 3.5
    scale: float = 0.1
    gamma: float = 1.6
    noise: float = 0.15
    blur: float = 1.0
    sharpening: float = 1.0


def augment(
    pixels: torch.Tensor,
    answers: tuple[torch.Tensor, torch.Tensor],
    side_px: int,
    *,
    settings: Augmentation,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Change a batch of stored patches.

    Args:
        pixels: (B, P, P) uint8, cut with a border to spare.
        answers: Targets and known, both (B, L, 2).
        side_px: S.
        settings: How far.
        generator: Source of the changes.

    Returns:
        Patches (B, 1, S, S) float32 in [0, 1]; targets and known, above and below swapped where a patch was flipped.
    """
    grey = pixels[:, None].float() / 255
    flip = torch.rand(len(grey), generator=generator) < 0.5
    grey = functional.grid_sample(
        grey, _places(grey.shape[-1], side_px, flip, settings=settings, generator=generator), align_corners=False
    )
    targets, known = (torch.where(flip[:, None, None], answer.flip(-1), answer) for answer in answers)
    return change_appearance(grey, settings=settings, generator=generator), targets, known


def change_appearance(grey: torch.Tensor, *, settings: Augmentation, generator: torch.Generator) -> torch.Tensor:
    """Change sharpness, grey curve and noise of patches (B, 1, S, S) in [0, 1]."""
    wide = BoxMean(7)(grey)
    grey = grey + _uniform(grey, 0.0, settings.sharpening, generator) * (grey - wide)
    grey = _to_unit_range(grey)
    grey = grey ** torch.exp(_uniform(grey, -1.0, 1.0, generator) * torch.tensor(settings.gamma).log())
    blurred = functional.avg_pool2d(grey, 3, stride=1, padding=1, count_include_pad=False)
    grey = torch.lerp(grey, blurred, _uniform(grey, 0.0, settings.blur, generator))
    level = _uniform(grey, 0.0, settings.noise, generator) * grey.std(dim=(1, 2, 3), keepdim=True)
    return (grey + level * torch.randn(grey.shape, generator=generator)).clamp(0.0, 1.0)


def _places(
    side: int, side_px: int, flip: torch.Tensor, *, settings: Augmentation, generator: torch.Generator
) -> torch.Tensor:
    """Return where each px of the new patches lies in the stored ones, as `grid_sample` counts: -1 to 1.

    Patches turn and grow about the middle between the corners, as they do when a localiser errs.
    """
    batch = len(flip)
    angle = torch.randn(batch, generator=generator) * torch.deg2rad(torch.tensor(settings.angle_deg))
    scale = 1 + settings.scale * (2 * torch.rand(batch, generator=generator) - 1)
    upright = torch.where(flip, -1.0, 1.0)
    cosine, sine = scale * angle.cos(), scale * angle.sin()
    rows = torch.stack([torch.stack([cosine, -sine * upright], 1), torch.stack([sine, cosine * upright], 1)], 1)
    ticks = torch.arange(side_px) + 0.5
    y, x = torch.meshgrid(ticks - side_px / 2, ticks - ANTERIOR_SHARE * side_px, indexing="ij")
    moved = torch.einsum("bij,jhw->bhwi", rows, torch.stack([x, y]))
    shift = torch.randn(batch, 1, 1, 2, generator=generator) * settings.shift * side_px
    anchor = torch.tensor([ANTERIOR_SHARE * side, side / 2])
    return (moved + shift + anchor) * (2 / side) - 1


def _to_unit_range(grey: torch.Tensor) -> torch.Tensor:
    low, high = grey.amin(dim=(1, 2, 3), keepdim=True), grey.amax(dim=(1, 2, 3), keepdim=True)
    return (grey - low) / (high - low).clamp(min=1e-6)


def _uniform(like: torch.Tensor, low: float, high: float, generator: torch.Generator) -> torch.Tensor:
    """Return one number per patch, (B, 1, 1, 1)."""
    return low + (high - low) * torch.rand(len(like), 1, 1, 1, generator=generator)
