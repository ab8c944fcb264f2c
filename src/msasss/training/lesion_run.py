"""Trains the lesion network on patches in memory.

    network = train(patches, validation, folder, RunSettings(steps=3000))

Axes: `B` patches, `P` side of a stored patch, `L` labels.
"""

import logging
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import BatchSampler, DataLoader, Dataset, WeightedRandomSampler

from msasss.training.lesion_augmentation import Augmentation, augment
from msasss.training.lesion_examples import LesionPatches
from msasss.training.lesion_losses import masked_bce, positive_weights
from msasss.training.lesion_network import LesionNetwork, TrunkSettings
from msasss.training.schedule import RunClock, fast_precision, moving_average, rate_share

logger = logging.getLogger(__name__)

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
LARGEST_OVERSAMPLING = 3.0


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How the lesion network is trained.

    Args:
        side: Side of a patch, in mean heights of the two vertebrae.
        side_px: The same in px.
        border: Stored patches are larger by this factor, so that they can be turned and shifted.
        steps: Optimiser steps of the whole run.
        minutes: The run is over after so long even with steps left; the learning rate follows whichever is nearer
            to its end.
        batch: Patches a step.
        peak_rate: Largest learning rate.
        weight_decay: Of AdamW.
        seed: Of the first weights, the order of patches and their changes.
        log_every: Steps between two log lines, checkpoints and validations.
        trunk: Size of the DenseNet.
        augmentation: How far patches are changed.
    """

    side: float = 2.4
    side_px: int = 112
    border: float = 1.3
    steps: int = 3000
    minutes: float = math.inf
    batch: int = 32
    peak_rate: float = 1e-3
    weight_decay: float = 0.02
    seed: int = 0
    log_every: int = 200
    trunk: TrunkSettings = field(default_factory=TrunkSettings)
    augmentation: Augmentation = field(default_factory=Augmentation)


class PatchSet(Dataset[Batch]):
    """Patches with their answers, handed out a batch at a time."""

    def __init__(self, patches: LesionPatches) -> None:
        self._tensors = tuple(torch.from_numpy(part) for part in (patches.pixels, patches.targets, patches.known))

    def __len__(self) -> int:
        return len(self._tensors[0])

    def __getitem__(self, places: int | Sequence[int]) -> Batch:
        """Return pixels, targets and known of the patches at these places."""
        pixels, targets, known = (tensor[places] for tensor in self._tensors)
        return pixels, targets, known


class LesionRun(lightning.LightningModule):
    """One training run; `averaged` is the moving average of the network, which is what is kept."""

    positive_weight: torch.Tensor

    def __init__(self, settings: RunSettings, positive_weight: torch.Tensor) -> None:
        super().__init__()
        self.settings = settings
        self.register_buffer("positive_weight", positive_weight)
        network = LesionNetwork(side_px=settings.side_px, trunk=settings.trunk)
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # absent in stubs
        self.averaged = AveragedModel(self.network, avg_fn=moving_average, use_buffers=True)
        self._changes = torch.Generator().manual_seed(settings.seed)
        self.clock = RunClock(settings.steps, settings.minutes)
        self._losses: list[float] = []

    def progress(self) -> float:
        """Return the share of the run that is over: of its steps or of its time, whichever is more."""
        return self.clock.progress(self.global_step)

    def training_step(self, batch: Batch, index: int) -> torch.Tensor:
        """Return the loss of one batch."""
        pixels, targets, known = batch
        patches, targets, known = augment(
            pixels,
            (targets, known),
            self.settings.side_px,
            settings=self.settings.augmentation,
            generator=self._changes,
        )
        logits = self.network(patches.contiguous(memory_format=torch.channels_last))
        loss = masked_bce(logits, targets, known, positive_weight=self.positive_weight)
        self._losses.append(float(loss.detach()))
        return loss

    def optimizer_step(
        self,
        epoch: int,
        batch_idx: int,
        optimizer: torch.optim.Optimizer | LightningOptimizer,
        optimizer_closure: Callable[[], Any] | None = None,
    ) -> None:
        """Make a step and renew the moving average, before any checkpoint is written."""
        super().optimizer_step(epoch, batch_idx, optimizer, optimizer_closure)
        self.averaged.update_parameters(self.network)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Set the learning rate: a short rise, then half a cosine."""
        for group in self.optimizers().param_groups:  # type: ignore[union-attr]
            group["lr"] = self.settings.peak_rate * rate_share(self.progress())

    def on_train_batch_end(self, outputs: object, batch: Batch, batch_idx: int) -> None:
        """End the run in time, and say how it goes."""
        if self.progress() >= 1.0:
            self.trainer.should_stop = True
        if self.global_step % self.settings.log_every == 0:
            mean = sum(self._losses) / len(self._losses)
            logger.info("step %d (%.0f %%): loss %.4f", self.global_step, 100 * self.progress(), mean)
            self._losses.clear()

    def validation_step(self, batch: Batch, index: int) -> None:
        """Record the loss of the averaged network on patches as inference cuts them."""
        pixels, targets, known = batch
        logits = self.averaged((pixels[:, None].float() / 255).contiguous(memory_format=torch.channels_last))
        loss = masked_bce(logits, targets, known, positive_weight=torch.ones_like(self.positive_weight), smoothing=0.0)
        self.log("validation_loss", loss, batch_size=len(pixels))

    def on_validation_epoch_end(self) -> None:
        """Say how the averaged network does."""
        logger.info("step %d: validation loss %.4f", self.global_step, self.trainer.callback_metrics["validation_loss"])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return AdamW."""
        rate, decay = self.settings.peak_rate, self.settings.weight_decay
        return torch.optim.AdamW(self.network.parameters(), lr=rate, weight_decay=decay)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the time spent and the state of the changes, so that a resumed run goes on where it was."""
        checkpoint["spent_s"] = self.clock.elapsed_s
        checkpoint["changes"] = self._changes.get_state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on where the run was."""
        self.clock = RunClock(self.settings.steps, self.settings.minutes, checkpoint["spent_s"])
        self._changes.set_state(checkpoint["changes"])


def train(training: LesionPatches, validation: LesionPatches, folder: Path, settings: RunSettings) -> LesionNetwork:
    """Train a lesion network, going on from the folder's last checkpoint if it has one.

    Args:
        training: Patches cut with a border (`settings.border`).
        validation: Patches as inference cuts them.
        folder: Where checkpoints are kept.
        settings: How to train.

    Returns:
        The moving average of the network, ready for use.
    """
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        weights = positive_weights(torch.from_numpy(training.targets), torch.from_numpy(training.known))
        run = LesionRun(settings, weights)
        trainer = _trainer(folder, settings)
        last = folder / "last.ckpt"
        trainer.fit(
            run,
            _loader(PatchSet(training), _sampler(training, settings), batch=settings.batch),
            _loader(PatchSet(validation), range(len(validation)), batch=128),
            ckpt_path=str(last) if last.exists() else None,
            weights_only=False,
        )
    return cast(LesionNetwork, run.averaged.module).eval()


def patch_weights(patches: LesionPatches) -> torch.Tensor:
    """Return how often each patch (N,) is drawn, relative to one without a lesion: more for what is rare, capped."""
    targets = torch.from_numpy(patches.targets).float()
    share = targets.mean(dim=(0, 2)).clamp(min=1e-6)
    rarity = (share.max() / share).sqrt().clamp(1.0, LARGEST_OVERSAMPLING)
    return (targets.amax(dim=2) * rarity).amax(dim=1).clamp(min=1.0)


def _trainer(folder: Path, settings: RunSettings) -> lightning.Trainer:
    checkpoint = ModelCheckpoint(folder, save_last=True, save_top_k=0, every_n_train_steps=settings.log_every)
    return lightning.Trainer(
        accelerator="cpu",
        precision=fast_precision("cpu"),  # type: ignore[arg-type]
        max_epochs=-1,
        max_steps=settings.steps,
        val_check_interval=settings.log_every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        callbacks=[checkpoint],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        gradient_clip_val=1.0,
    )


def _sampler(patches: LesionPatches, settings: RunSettings) -> WeightedRandomSampler:
    count = settings.batch * settings.log_every
    generator = torch.Generator().manual_seed(settings.seed)
    return WeightedRandomSampler(patch_weights(patches).tolist(), count, replacement=True, generator=generator)


def _loader(patches: PatchSet, order: Iterable[int], *, batch: int) -> DataLoader[Batch]:
    places: Any = BatchSampler(order, batch, drop_last=False)
    return DataLoader(patches, sampler=places, batch_size=None)
