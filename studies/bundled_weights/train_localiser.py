"""Train the bundled localiser on simulated films and write its network and weight card.

    python studies/bundled_weights/train_localiser.py --examples films --out weights --minutes 35

A run that finds a checkpoint in the output folder goes on from it only with --resume.
"""

import argparse
import hashlib
import logging
import math
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

from msasss.models.weights import TrainingData, sha256_of
from msasss.training.examples import SEEDS, Fold, example_paths
from msasss.training.localiser_export import Release, export_localiser
from msasss.training.localiser_run import LAST, LocaliserRunSettings, train_localiser


def main() -> None:
    """Train, export and say how good it is."""
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for fold in Fold:  # a fold that is missing should be said before the training, not after it
        example_paths(arguments.examples, fold=fold)
    if not arguments.resume:
        (arguments.out / LAST).unlink(missing_ok=True)
    settings = LocaliserRunSettings(
        steps=arguments.steps,
        minutes=arguments.minutes,
        batch=arguments.batch,
        workers=arguments.workers,
        seed=arguments.seed,
        precision=arguments.precision,
        device=arguments.device,
    )
    network = train_localiser(arguments.examples, arguments.out, settings=settings)
    release = Release(
        _training_data(arguments.examples), f"msasss {version('msasss')}", f"{datetime.now(UTC):%Y-%m-%d}"
    )
    quality = export_localiser(
        network, arguments.out, examples_dir=arguments.examples, samples=settings.samples, release=release
    )
    for name, value in quality.as_metrics().items():
        logging.getLogger(__name__).info("%s %.4g", name, value)


def _training_data(examples: Path) -> TrainingData:
    digest = hashlib.sha256()
    for path in example_paths(examples, fold=Fold.TRAIN):
        digest.update(f"{path.name} {sha256_of(path)}\n".encode())
    seeds = SEEDS[Fold.TRAIN]
    return TrainingData(
        "Simulated lateral cervical and lumbar radiographs.", digest.hexdigest(), f"{seeds.start}:{seeds.stop}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=Path, required=True, help="folder of example films")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints, network and card")
    parser.add_argument("--minutes", type=float, default=math.inf, help="longest training time")
    parser.add_argument("--steps", type=int, default=100_000, help="most optimiser steps")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare samples")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of the training itself")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--precision", default="auto", help="auto, or as Lightning names it")
    parser.add_argument("--device", default="auto", help="auto, cpu or gpu")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    return parser.parse_args()


if __name__ == "__main__":
    main()
