"""From labelled films to a lesion network's ONNX file and card: cut, train, export, calibrate.

Axes: `N` patches, `M` = 2 N corners, `L` labels.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from msasss.anatomy import CORNERS, DISCS
from msasss.models.lesion_classifier import (
    LABELS,
    LabelRule,
    LesionSettings,
    Logits,
    answers,
    settings_to_json,
    sigmoid,
)
from msasss.models.runtime import Session
from msasss.models.weights import NetworkKind, TrainingData, WeightCard, save_card, sha256_of
from msasss.scoring.scheme import MSASSS
from msasss.training.examples import Fold, data_digest, example_paths
from msasss.training.export import export_onnx, store_half
from msasss.training.lesion_examples import JITTER, LesionPatches, cut_patches
from msasss.training.lesion_network import LesionNetwork
from msasss.training.lesion_run import RunSettings, train
from msasss.training.thresholds import (
    NOT_SCORED,
    Calibration,
    Flags,
    Places,
    Scores,
    balanced_accuracy,
    choose_thresholds,
    corner_grades,
    fit_calibration,
    recalls,
    review_margin,
)

logger = logging.getLogger(__name__)

NAME = "lesions"
REVIEW_SHARE = 0.15
DESCRIPTION = "Simulated lateral radiographs of the cervical and lumbar spine with drawn lesions."
_LEAST_PROBABILITY = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """The network's answers on held-out corners beside the truth.

    Args:
        logits: (M, L).
        targets: (M, L) labels given.
        known: (M, L) False where nobody can say.
        corners: (M,) place of each corner in `CORNERS`.
    """

    logits: Scores
    targets: Flags
    known: Flags
    corners: Places


def train_lesions(examples: Path, out: Path, settings: RunSettings) -> WeightCard:
    """Train on the training fold of a folder of examples, calibrate on its validation fold, and write both files.

    Args:
        examples: Folder of example films.
        out: Folder for `lesions.onnx`, `lesions.json` and the checkpoints.
        settings: How to train.
    """
    training, held_out = (example_paths(examples, fold=fold) for fold in (Fold.TRAIN, Fold.VALIDATION))
    side, side_px = settings.side, settings.side_px
    cut = cut_patches(training, side=side * settings.border, side_px=round(side_px * settings.border))
    validation = cut_patches(held_out, side=side, side_px=side_px, jitter=JITTER, seed=settings.seed)
    logger.info("%d patches of %d films, %d of %d held out", len(cut), len(training), len(validation), len(held_out))
    network = train(cut, validation, out / "checkpoints", settings)
    data = TrainingData(DESCRIPTION, data_digest(training), _seeds(training))
    return write_weights(network, validation, out, side=side, data=data)


def write_weights(
    network: LesionNetwork, validation: LesionPatches, out: Path, *, side: float, data: TrainingData
) -> WeightCard:
    """Export a network, calibrate the exported file on held-out patches and write its card.

    Args:
        network: Trained.
        validation: Held-out patches as inference cuts them.
        out: Folder to write to.
        side: Side of a patch, in mean heights of the two vertebrae.
        data: What the network was trained on.
    """
    side_px = validation.pixels.shape[-1]
    path = out / f"{NAME}.onnx"
    out.mkdir(parents=True, exist_ok=True)
    export_onnx(network, torch.zeros(2, 1, side_px, side_px), path, input_names=["patches"], output_names=["logits"])
    store_half(path)
    held_out = held_out_answers(Session(path), validation)
    settings, metrics = calibrate(held_out, side=side, side_px=side_px)
    card = WeightCard(
        name=NAME,
        kind=NetworkKind.LESIONS,
        file=path.name,
        sha256=sha256_of(path),
        settings=settings_to_json(settings),
        training_data=data,
        metrics=metrics,
        software=f"msasss {version('msasss')}",
        created=datetime.now(UTC).date().isoformat(),
    )
    save_card(out / f"{NAME}.json", card)
    return card


def held_out_answers(session: Session, patches: LesionPatches, *, batch: int = 64) -> HeldOut:
    """Let an exported network answer for patches, each read upright and upside down."""
    found: list[Logits] = []
    for start in range(0, len(patches), batch):
        pixels = patches.pixels[start : start + batch].astype(np.float32) / np.float32(255)
        found.append(answers(session, pixels, averages_flip=True))
    facing = np.array([[CORNERS.index(disc.above), CORNERS.index(disc.below)] for disc in DISCS])
    return HeldOut(
        _by_corner(np.concatenate(found)).astype(np.float64),
        _by_corner(patches.targets).astype(bool),
        _by_corner(patches.known).astype(bool),
        facing[patches.discs].reshape(-1),
    )


def calibrate(held_out: HeldOut, *, side: float, side_px: int) -> tuple[LesionSettings, dict[str, float]]:
    """Fit calibration, thresholds and review margin on held-out corners.

    Args:
        held_out: The network's answers beside the truth.
        side: Side of a patch, in mean heights of the two vertebrae.
        side_px: The same in px.

    Returns:
        The settings, and figures on the same corners: area under the ROC curve by label, recall by grade, balanced
        accuracy.
    """
    fits = [
        fit_calibration(held_out.logits[sure, label], held_out.targets[sure, label])
        for label, sure in enumerate(held_out.known.T)
    ]
    scores = np.stack([fit.apply(held_out.logits[:, label]) for label, fit in enumerate(fits)], axis=1)
    thresholds = choose_thresholds(scores, held_out.targets, held_out.corners, scheme=MSASSS)
    rules = {label: _rule(fits[k], float(thresholds[k])) for k, label in enumerate(LABELS)}
    margin = review_margin(scores, thresholds, share=REVIEW_SHARE)
    settings = LesionSettings(side, side_px, rules, review_margin=margin, averages_flip=True)
    return settings, _metrics(held_out, scores, thresholds)


def area_under_curve(scores: Scores, targets: Flags) -> float:
    """Return the chance that a corner with the label scores higher than one without; NaN if one kind is absent."""
    if targets.all() or not targets.any():
        return float("nan")
    values, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    given = int(targets.sum())
    return float((ranks[targets].sum() - given * (given + 1) / 2) / (given * (len(values[places]) - given)))


def _rule(fit: Calibration, threshold: float) -> LabelRule:
    probability = float(np.clip(sigmoid(threshold), _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY))
    return LabelRule(probability, fit.temperature, fit.offset)


def _metrics(held_out: HeldOut, scores: Scores, thresholds: Scores) -> dict[str, float]:
    truth = corner_grades(held_out.targets, held_out.corners, MSASSS)
    found = corner_grades(scores >= thresholds, held_out.corners, MSASSS)
    metrics = {"corners": float(len(truth)), "balanced_accuracy": balanced_accuracy(truth, found)}
    for answer, recall in recalls(truth, found).items():
        metrics["recall_not_scored" if answer == NOT_SCORED else f"recall_grade_{answer}"] = recall
    for k, label in enumerate(LABELS):
        sure = held_out.known[:, k]
        area = area_under_curve(scores[sure, k], held_out.targets[sure, k])
        if not np.isnan(area):
            metrics[f"auc_{label}"] = area
    return {name: round(value, 4) for name, value in metrics.items()}


def _by_corner(values: np.ndarray) -> np.ndarray:
    """(N, L, 2) to (M, L): the corner above and the one below of each patch in turn."""
    return np.moveaxis(values, 2, 1).reshape(-1, values.shape[1])


def _seeds(paths: Sequence[Path]) -> str:
    seeds = [int(path.stem.split("-")[1]) for path in paths]
    return f"{min(seeds)}:{max(seeds) + 1}"
