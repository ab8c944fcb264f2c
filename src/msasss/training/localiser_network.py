"""The localiser's network: heatmaps with short-range offsets, visibility, region and facing.

A residual trunk down to 1/32 of the input with dilated blocks at its end, so that each cell sees the whole column, and
a decoder back to 1/4. Written for few operations on a CPU: about 1.4 billion multiplications for a 384 x 256 image.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from msasss.models.column_points import POINTS

STRIDE = 4


@dataclass(frozen=True, slots=True)
class NetworkWidths:
    """Channels of the network.

    Args:
        trunk: At strides 2, 4, 8, 16 and 32.
        decoder: At strides 16, 8 and 4.
    """

    trunk: tuple[int, int, int, int, int] = (24, 48, 80, 128, 192)
    decoder: tuple[int, int, int] = (96, 64, 64)


class PoseAnswer(NamedTuple):
    """What the network says; B images, K = 38 points, maps of (h, w) cells.

    heat (B, K, h, w): logits over the cells. offsets (B, 2K, h, w): x and y of each point in turn, in cells.
    visibility (B, K): logits. view (B, 2): logits of "lumbar" and "faces right".
    """

    heat: Tensor
    offsets: Tensor
    visibility: Tensor
    view: Tensor


class LocaliserNetwork(nn.Module):
    """(B, 2, H, W) to a `PoseAnswer`; H and W are multiples of 32."""

    def __init__(self, widths: NetworkWidths | None = None) -> None:
        super().__init__()
        widths = widths or NetworkWidths()
        c2, c4, c8, c16, c32 = widths.trunk
        d16, d8, d4 = widths.decoder
        self.stem = nn.Sequential(_convolution(2, c2, kernel=5, stride=2), _convolution(c2, c4, stride=2))
        self.trunk4 = _Residual(c4, c4)
        self.trunk8 = nn.Sequential(_Residual(c4, c8, stride=2), _Residual(c8, c8))
        self.trunk16 = nn.Sequential(_Residual(c8, c16, stride=2), _Residual(c16, c16))
        self.trunk32 = nn.Sequential(
            _Residual(c16, c32, stride=2),
            _Residual(c32, c32, dilation=2),
            _Residual(c32, c32, dilation=4),
            _Residual(c32, c32),
        )
        self.join16 = _Join(c32, c16, d16)
        self.join8 = _Join(d16, c8, d8)
        self.join4 = _Join(d8, c4, d4)
        self.heat = nn.Conv2d(d4, len(POINTS), 1)
        self.offsets = nn.Conv2d(d4, 2 * len(POINTS), 1)
        self.visibility = nn.Linear(2 * c32, len(POINTS))
        self.view = nn.Linear(2 * c32, 2)

    def forward(self, image: Tensor) -> PoseAnswer:
        """Return the answer for a batch of images."""
        at4 = self.trunk4(self.stem(image))
        at8 = self.trunk8(at4)
        at16 = self.trunk16(at8)
        at32 = self.trunk32(at16)
        fine = self.join4(self.join8(self.join16(at32, at16), at8), at4)
        pooled = torch.cat([at32.mean((2, 3)), at32.amax((2, 3))], 1)
        return PoseAnswer(self.heat(fine), self.offsets(fine), self.visibility(pooled), self.view(pooled))


class _Residual(nn.Module):
    def __init__(self, channels_in: int, channels: int, *, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.first = _convolution(channels_in, channels, stride=stride, dilation=dilation)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation, bias=False), nn.BatchNorm2d(channels)
        )
        same = stride == 1 and channels_in == channels
        self.past: nn.Module = (
            nn.Identity()
            if same
            else nn.Sequential(nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))
        )

    def forward(self, features: Tensor) -> Tensor:
        return functional.relu(self.second(self.first(features)) + self.past(features))


class _Join(nn.Module):
    """Brings coarse features to the grid of fine ones and adds both."""

    def __init__(self, coarse: int, fine: int, channels: int) -> None:
        super().__init__()
        self.from_coarse = nn.Conv2d(coarse, channels, 1)
        self.from_fine = nn.Conv2d(fine, channels, 1)
        self.blend = _convolution(channels, channels)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        raised = functional.interpolate(
            self.from_coarse(coarse), scale_factor=2.0, mode="bilinear", align_corners=False
        )
        blended: Tensor = self.blend(functional.relu(raised + self.from_fine(fine)))
        return blended


def _convolution(
    channels_in: int, channels: int, *, kernel: int = 3, stride: int = 1, dilation: int = 1
) -> nn.Sequential:
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(channels_in, channels, kernel, stride, padding, dilation, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    )
