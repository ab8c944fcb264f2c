"""Trains the localiser's network on labelled films in a folder.

Checkpoints are written every few minutes; a run that finds one in its output folder goes on from it.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import Tensor
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader

from msasss.training.augmentation import LookSettings
from msasss.training.examples import Fold, example_paths
from msasss.training.localiser_examples import FilmSamples, SampleSettings
from msasss.training.localiser_losses import ColumnTruth, LossParts, localiser_loss, total_loss
from msasss.training.localiser_network import LocaliserNetwork, NetworkWidths
from msasss.training.schedule import RunClock, fast_precision, moving_average, rate_share

logger = logging.getLogger(__name__)

Batch = tuple[Tensor, ColumnTruth]
LAST = "last.ckpt"


@dataclass(frozen=True, slots=True)
class LocaliserRunSettings:
    """How the localiser is trained.

    Args:
        steps: Optimiser steps of the whole run.
        minutes: The run is over after so long even with steps left; the learning rate follows whichever is nearer to
            its end.
        batch: Samples a step.
        peak_rate: Largest learning rate.
        weight_decay: Of AdamW.
        seed: Of the first weights and of all samples.
        workers: Processes that prepare samples; 0 prepares them between the steps.
        precision: As Lightning names it, or "auto".
        device: As Lightning names it, or "auto".
        checkpoint_minutes: Time between two checkpoints.
        log_every: Steps between two log lines.
        check_every: Steps between two looks at held-out samples.
        checked: Number of held-out samples looked at.
        widths: Channels of the network.
        samples: How films are turned into samples.
    """

    steps: int = 100_000
    minutes: float = math.inf
    batch: int = 16
    peak_rate: float = 2e-3
    weight_decay: float = 0.02
    seed: int = 0
    workers: int = 1
    precision: str = "auto"
    device: str = "auto"
    checkpoint_minutes: float = 3.0
    log_every: int = 50
    check_every: int = 400
    checked: int = 64
    widths: NetworkWidths = field(default_factory=NetworkWidths)
    samples: SampleSettings = field(default_factory=SampleSettings)


class LocaliserRun(lightning.LightningModule):
    """One training run; `averaged` is the moving average of the network, which is what is kept."""

    def __init__(self, settings: LocaliserRunSettings) -> None:
        super().__init__()
        self.settings = settings
        network = LocaliserNetwork(settings.widths)
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # absent in stubs
        self.averaged = AveragedModel(self.network, avg_fn=moving_average, use_buffers=True)
        self.clock = RunClock(settings.steps, settings.minutes)
        self._recent: list[LossParts] = []
        self._checks: list[tuple[Tensor, Tensor]] = []

    def training_step(self, batch: Batch, index: int) -> Tensor:
        """Return the loss of one batch."""
        image, truth = batch
        parts = localiser_loss(self.network(image.contiguous(memory_format=torch.channels_last)), truth)
        self._recent.append(LossParts(*(part.detach() for part in parts)))
        return total_loss(parts)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Set the learning rate."""
        for group in self.optimizers().param_groups:  # type: ignore[union-attr]
            group["lr"] = self.settings.peak_rate * rate_share(self.clock.progress(self.global_step))

    def on_train_batch_end(self, outputs: object, batch: Batch, batch_idx: int) -> None:
        """Renew the moving average, and end the run in time."""
        self.averaged.update_parameters(self.network)
        progress = self.clock.progress(self.global_step)
        if progress >= 1.0:
            self.trainer.should_stop = True
        if self.global_step % self.settings.log_every == 0 or progress >= 1.0:
            means = torch.tensor([list(parts) for parts in self._recent]).mean(0).tolist()
            figures = ", ".join(f"{name} {value:.3f}" for name, value in zip(LossParts._fields, means, strict=True))
            pace = self.global_step * self.settings.batch / self.clock.elapsed_s
            logger.info("step %d (%.0f %%, %.1f samples/s): %s", self.global_step, 100 * progress, pace, figures)
            self._recent.clear()

    def validation_step(self, batch: Batch, index: int) -> None:
        """Record how far the averaged network's heatmaps point from the truth."""
        image, truth = batch
        answer = self.averaged(image.contiguous(memory_format=torch.channels_last))
        parts = localiser_loss(answer, truth)
        self._checks.append((total_loss(parts), (answer.view.sigmoid().round() == _views(truth)).float().mean(0)))

    def on_validation_epoch_end(self) -> None:
        """Say how the averaged network does on held-out samples."""
        loss = torch.stack([loss for loss, _ in self._checks]).mean()
        lumbar, right = torch.stack([views for _, views in self._checks]).mean(0).tolist()
        self.log("validation_loss", loss)
        logger.info(
            "step %d, held-out samples: loss %.3f, region %.0f %%, facing %.0f %%",
            self.global_step, float(loss), 100 * lumbar, 100 * right,
        )  # fmt: skip
        self._checks.clear()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return AdamW."""
        rate, decay = self.settings.peak_rate, self.settings.weight_decay
        return torch.optim.AdamW(self.network.parameters(), lr=rate, weight_decay=decay)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the time spent, so that a resumed run goes on where it was."""
        checkpoint["spent_s"] = self.clock.elapsed_s

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on where the run was."""
        self.clock = RunClock(self.settings.steps, self.settings.minutes, checkpoint["spent_s"])


def train_localiser(examples_dir: Path, output_dir: Path, *, settings: LocaliserRunSettings) -> LocaliserNetwork:
    """Train a localiser, going on from the output folder's last checkpoint if it has one.

    Args:
        examples_dir: Example films; those of the training fold are learnt from, those of the validation fold are
            looked at now and then.
        output_dir: Where checkpoints are kept.
        settings: How to train.

    Returns:
        The moving average of the network, on the CPU, ready for use.

    Raises:
        UsageError: If the folder holds no films of one of the two folds.
    """
    paths = example_paths(examples_dir, fold=Fold.TRAIN)
    held_out = example_paths(examples_dir, fold=Fold.VALIDATION)
    last = output_dir / LAST
    first = _steps_of(last) * settings.batch
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        run = LocaliserRun(settings)
        trainer = _trainer(output_dir, settings)
        trainer.fit(
            run,
            _samples(paths, settings, first=first),
            _held_out_samples(held_out, settings),
            ckpt_path=str(last) if last.exists() else None,
            weights_only=False,
        )
        trainer.save_checkpoint(last)
    network = run.averaged.module
    assert isinstance(network, LocaliserNetwork)
    return network.cpu().eval()


def _steps_of(checkpoint: Path) -> int:
    if not checkpoint.exists():
        return 0
    return int(torch.load(checkpoint, map_location="cpu", weights_only=False)["global_step"])


def _samples(paths: Sequence[Path], settings: LocaliserRunSettings, *, first: int) -> DataLoader[Batch]:
    count = settings.steps * settings.batch
    samples = FilmSamples(paths, count, settings=settings.samples, seed=settings.seed, first=first)
    return DataLoader(
        samples,
        settings.batch,
        drop_last=True,
        num_workers=settings.workers,
        prefetch_factor=4 if settings.workers else None,
    )


def _held_out_samples(paths: Sequence[Path], settings: LocaliserRunSettings) -> DataLoader[Batch]:
    """Samples of held-out films with a look that is less changed, since that is what is met in the end."""
    mild = SampleSettings(
        shape=settings.samples.shape,
        stride_px=settings.samples.stride_px,
        neighbourhood_px=settings.samples.neighbourhood_px,
        look=LookSettings(strength=0.4, inversion=0.0),
    )
    return DataLoader(FilmSamples(paths, settings.checked, settings=mild, seed=settings.seed + 1), settings.batch)


def _trainer(folder: Path, settings: LocaliserRunSettings) -> lightning.Trainer:
    checkpoint = ModelCheckpoint(
        folder, save_last=True, save_top_k=0, train_time_interval=timedelta(minutes=settings.checkpoint_minutes)
    )
    return lightning.Trainer(
        accelerator=settings.device,
        devices=1,
        precision=fast_precision(settings.device) if settings.precision == "auto" else settings.precision,  # type: ignore[arg-type]
        max_epochs=-1,
        max_steps=settings.steps,
        val_check_interval=settings.check_every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        callbacks=[checkpoint],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        gradient_clip_val=5.0,
    )


def _views(truth: ColumnTruth) -> Tensor:
    return torch.stack([truth.lumbar, truth.faces_right], 1)
