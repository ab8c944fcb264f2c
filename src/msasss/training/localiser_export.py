"""From a trained localiser to the ONNX file and the weight card that inference reads."""

from dataclasses import dataclass
from pathlib import Path

import torch

from msasss.anatomy import Region
from msasss.models.localiser import INPUT, OUTPUTS, OnnxLocaliser
from msasss.models.localiser_settings import LocaliserSettings, settings_to_plain
from msasss.models.runtime import Session
from msasss.models.weights import NetworkKind, TrainingData, WeightCard, save_card, sha256_of
from msasss.training.examples import Fold, example_paths
from msasss.training.export import export_onnx, store_half
from msasss.training.localiser_evaluation import LocaliserQuality, evaluate_localiser
from msasss.training.localiser_examples import SampleSettings, canonical_positions
from msasss.training.localiser_network import LocaliserNetwork
from msasss.training.localiser_prior import column_prior

NETWORK_FILE = "localiser.onnx"
CARD_FILE = "localiser.json"


@dataclass(frozen=True, slots=True)
class Release:
    """What a card states about where its network comes from.

    Args:
        training_data: What it was trained on.
        software: Name and version of the software.
        created: Day it was made, ISO 8601.
    """

    training_data: TrainingData
    software: str
    created: str


def localiser_settings(examples_dir: Path, samples: SampleSettings, *, most: int = 400) -> LocaliserSettings:
    """Return what inference needs, with column priors from at most so many training films of each region.

    Raises:
        UsageError: If a region has no training films.
    """
    priors = {}
    for region in Region:
        paths = example_paths(examples_dir, fold=Fold.TRAIN, region=region)
        chosen = paths[:: max(1, len(paths) // most)][:most]
        priors[region] = column_prior([canonical_positions(path) for path in chosen])
    height, width = samples.shape
    return LocaliserSettings(
        priors=priors,
        height_px=height,
        width_px=width,
        stride_px=samples.stride_px,
        neighbourhood_px=samples.neighbourhood_px,
        crop=samples.crop,
    )


def write_network(network: LocaliserNetwork, path: Path, settings: LocaliserSettings) -> None:
    """Write the network as ONNX with weights in half precision.

    Raises:
        WeightsError: If a weight does not survive half precision.
    """
    example = torch.zeros(1, 2, *settings.shape)
    export_onnx(network, example, path, input_names=[INPUT], output_names=list(OUTPUTS))
    store_half(path)


def export_localiser(
    network: LocaliserNetwork, output_dir: Path, *, examples_dir: Path, samples: SampleSettings, release: Release
) -> LocaliserQuality:
    """Write a localiser's network and card, with its figures on the test films as its metrics.

    Returns:
        The same figures.

    Raises:
        UsageError: If the folder holds no training films of a region, or no test films.
    """
    settings = localiser_settings(examples_dir, samples)
    path = output_dir / NETWORK_FILE
    write_network(network, path, settings)
    localiser = OnnxLocaliser(Session(path), settings)
    quality = evaluate_localiser(localiser, example_paths(examples_dir, fold=Fold.TEST))
    save_card(output_dir / CARD_FILE, _card(path, settings, quality, release))
    return quality


def _card(path: Path, settings: LocaliserSettings, quality: LocaliserQuality, release: Release) -> WeightCard:
    return WeightCard(
        name="localiser",
        kind=NetworkKind.LOCALISER,
        file=path.name,
        sha256=sha256_of(path),
        settings=settings_to_plain(settings),
        training_data=release.training_data,
        metrics=quality.as_metrics(),
        software=release.software,
        created=release.created,
    )
