"""How a training run moves through its steps and its time."""

import math
import time
from dataclasses import dataclass, field

import torch

WARM_UP = 0.03
LAST_SHARE = 0.01


@dataclass(slots=True)
class RunClock:
    """How much of a run is over, by steps or by time, whichever is more; time spent before a resume counts.

    Args:
        steps: Optimiser steps of the whole run.
        minutes: Its longest time.
        spent_s: Time spent before.
    """

    steps: int
    minutes: float = math.inf
    spent_s: float = 0.0
    _since: float = field(default_factory=time.monotonic)

    @property
    def elapsed_s(self) -> float:
        """Seconds of training so far."""
        return self.spent_s + time.monotonic() - self._since

    def progress(self, step: int) -> float:
        """Return the share of the run that is over, in [0, 1]."""
        return min(1.0, max(step / self.steps, self.elapsed_s / 60 / self.minutes))


def rate_share(progress: float) -> float:
    """Return the learning rate as a share of its peak: a short rise, then half a cosine."""
    if progress < WARM_UP:
        return LAST_SHARE + (1 - LAST_SHARE) * progress / WARM_UP
    return LAST_SHARE + (1 - LAST_SHARE) * 0.5 * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP)))


def moving_average(averaged: torch.Tensor, current: torch.Tensor, count: torch.Tensor | int) -> torch.Tensor:
    """Average over fewer steps at first, so that the first weights are soon forgotten."""
    decay = min(0.998, (1 + float(count)) / (10 + float(count)))
    return decay * averaged + (1 - decay) * current


def fast_precision(device: str) -> str:
    """Return the precision in which a device trains fastest: bfloat16 where it has instructions for it.

    Args:
        device: As Lightning names it; "cpu" is the CPU even beside a GPU.
    """
    if device != "cpu" and torch.cuda.is_available():
        return "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"
    return "bf16-mixed" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "32-true"
