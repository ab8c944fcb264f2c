"""What the lesion network is trained to make small.

Axes: `B` patches, `L` labels, 2 corners (above, below).
"""

import torch
from torch.nn import functional


def masked_bce(
    logits: torch.Tensor,
    targets: torch.Tensor,
    known: torch.Tensor,
    *,
    positive_weight: torch.Tensor,
    smoothing: float = 0.02,
) -> torch.Tensor:
    """Return the binary cross entropy over the answers that are known.

    Args:
        logits: (B, L, 2).
        targets: (B, L, 2), 1 where the label is given.
        known: (B, L, 2), False where nobody can say: the lesions of a corner that is not visible.
        positive_weight: (L,) weight of a given label.
        smoothing: Targets are drawn in from 0 and 1 by this much, so that no answer has to become certain.
    """
    soft = targets.float() * (1 - 2 * smoothing) + smoothing
    losses = functional.binary_cross_entropy_with_logits(
        logits.float(), soft, pos_weight=positive_weight[:, None], reduction="none"
    )
    mask = known.float()
    return (losses * mask).sum() / mask.sum().clamp(min=1.0)


def positive_weights(targets: torch.Tensor, known: torch.Tensor, *, cap: float = 4.0) -> torch.Tensor:
    """Return per label the root of the ratio of absent to given, in [1, cap]: rare lesions count more, not too much."""
    given = (targets.bool() & known.bool()).sum(dim=(0, 2)).float()
    absent = (~targets.bool() & known.bool()).sum(dim=(0, 2)).float()
    return (absent / given.clamp(min=1.0)).sqrt().clamp(1.0, cap)
