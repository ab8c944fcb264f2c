"""The lesion network: a DenseNet trunk with a head per label, each answering for the corner above and below.

Axes: `B` patches, `S` side of a patch in px, `C` features, `L` labels; the last axis of 2 is (above, below).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from monai.networks.nets.densenet import DenseNet
from torch import nn

from msasss.models.lesion_classifier import LABELS

# Added to standard deviations, so that noise in an even background is not blown up.
SPREAD_FLOOR = 1e-4
LOCAL_FLOOR = 0.1
LOCAL_LIMIT = 4.0
# A neighbourhood reaches an eighth of the patch to each side: some 0.3 of a vertebra's height.
NEIGHBOURHOODS = 8


@dataclass(frozen=True, slots=True)
class TrunkSettings:
    """Size of the DenseNet; the default is DenseNet-121 (Huang 2017, CVPR)."""

    init_features: int = 64
    growth_rate: int = 32
    block_config: tuple[int, ...] = (6, 12, 24, 16)


class BoxMean(nn.Module):
    """Mean over the square of `radius_px` around each pixel, cut off at the border; rows and columns in turn."""

    def __init__(self, radius_px: int) -> None:
        super().__init__()
        side = 2 * radius_px + 1
        self.along_y = nn.AvgPool2d((side, 1), stride=1, padding=(radius_px, 0), count_include_pad=False)
        self.along_x = nn.AvgPool2d((1, side), stride=1, padding=(0, radius_px), count_include_pad=False)

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """Return the means, shaped as the patches (B, 1, S, S)."""
        return cast(torch.Tensor, self.along_x(self.along_y(patches)))


class Standardise(nn.Module):
    """Takes brightness and contrast out of a patch: as a whole, and in each pixel's neighbourhood."""

    def __init__(self, radius_px: int) -> None:
        super().__init__()
        self.neighbourhood = BoxMean(radius_px)

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """Return (B, 2, S, S) from (B, 1, S, S): the patch with mean 0 and deviation 1, and locally so."""
        centred = patches - patches.mean(dim=(1, 2, 3), keepdim=True)
        spread = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
        whole = centred / (spread + SPREAD_FLOOR)
        off_mean = whole - self.neighbourhood(whole)
        local = off_mean / (self.neighbourhood(off_mean.square()).sqrt() + LOCAL_FLOOR)
        return torch.cat([whole, local.clamp(-LOCAL_LIMIT, LOCAL_LIMIT)], dim=1)


class LabelHead(nn.Module):
    """Answers one label for the two corners, from the places of the patch that it learns to look at."""

    def __init__(self, features: int, side: int) -> None:
        super().__init__()
        self.answer = nn.Conv2d(features, 2, kernel_size=1)
        self.attention = nn.Parameter(torch.zeros(2, side * side))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Return logits (B, 2) from features (B, C, side, side)."""
        answers = self.answer(features).flatten(2)
        return cast(torch.Tensor, (answers * self.attention.softmax(dim=1)).sum(dim=2))


class LesionNetwork(nn.Module):
    """Patches (B, 1, S, S) in [0, 1] to logits (B, L, 2)."""

    def __init__(
        self,
        labels: Sequence[str] = LABELS,
        *,
        side_px: int,
        trunk: TrunkSettings | None = None,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        size = trunk or TrunkSettings()
        densenet = DenseNet(
            spatial_dims=2,
            in_channels=2,
            out_channels=1,
            init_features=size.init_features,
            growth_rate=size.growth_rate,
            block_config=size.block_config,
        )
        self.labels = tuple(labels)
        self.standardise = Standardise(max(side_px // NEIGHBOURHOODS, 1))
        self.trunk = densenet.features
        self.dropout = nn.Dropout2d(dropout)
        features, side = _features_shape(self.trunk, side_px)
        self.heads = nn.ModuleDict({label: LabelHead(features, side) for label in labels})

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """Return logits (B, L, 2)."""
        features = torch.relu(self.trunk(self.standardise(patches)))
        features = self.dropout(features)
        return torch.stack([self.heads[label](features) for label in self.labels], dim=1)


def _features_shape(trunk: nn.Module, side_px: int) -> tuple[int, int]:
    with torch.no_grad():
        shape = trunk.eval()(torch.zeros(1, 2, side_px, side_px)).shape
    trunk.train()
    return int(shape[1]), int(shape[2])
