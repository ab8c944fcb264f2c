import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from msasss.anatomy import Region
from msasss.imaging.patches import disc_patches
from msasss.models.lesion_classifier import OnnxLesionClassifier, answers
from msasss.models.runtime import Session
from msasss.models.weights import load_card
from msasss.reading import Lesion
from msasss.training.examples import example_name, radiograph_of, save_example
from msasss.training.export import export_onnx
from msasss.training.lesion_examples import LesionPatches, cut_patches
from msasss.training.lesion_losses import masked_bce
from msasss.training.lesion_network import LesionNetwork, TrunkSettings
from msasss.training.lesion_run import RunSettings, patch_weights, train
from msasss.training.lesion_weights import area_under_curve, train_lesions
from msasss.training.schedule import rate_share
from toy_films import toy_example

TINY = TrunkSettings(init_features=8, growth_rate=4, block_config=(2, 2))
QUICK = RunSettings(side_px=48, steps=90, batch=32, log_every=45, peak_rate=1e-2, trunk=TINY)

pytestmark = pytest.mark.filterwarnings(
    "ignore:The '.*_dataloader' does not have many workers",  # patches are in memory
    "ignore:.*LeafSpec.*:FutureWarning",  # inside lightning, not ours to change
)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn films for training and validation; see `toy_films`."""
    folder = tmp_path_factory.mktemp("examples")
    for seed in (*range(24), *range(900_000, 900_010)):
        region = Region.LUMBAR if seed % 2 else Region.CERVICAL
        save_example(folder / example_name(region, seed, 0), toy_example(region, seed))
    return folder


@pytest.fixture(scope="module")
def trained(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished quick run."""
    out = tmp_path_factory.mktemp("trained")
    train_lesions(examples, out, QUICK)
    return out


def validation_loss(network: LesionNetwork, patches: LesionPatches) -> float:
    with torch.no_grad():
        logits = network(torch.from_numpy(patches.pixels[:, None]).float() / 255)
    targets, known = torch.from_numpy(patches.targets), torch.from_numpy(patches.known)
    return float(masked_bce(logits, targets, known, positive_weight=torch.ones(logits.shape[1])))


def test_training_tells_bridges_from_gaps(trained: Path):
    card = load_card(trained / "lesions.json")
    assert card.metrics["auc_bridge"] > 0.9
    assert card.training_data.seeds == "0:24"


def test_the_exported_network_scores_a_film_it_never_saw(trained: Path):
    card = load_card(trained / "lesions.json")
    classifier = OnnxLesionClassifier(trained, [card], threads=1)
    right = total = 0
    for seed in range(950_000, 950_006):
        example = toy_example(Region.LUMBAR, seed)
        film = radiograph_of(example, "film")
        patches = disc_patches(film, example.landmarks, side=classifier.patch_side, side_px=classifier.patch_side_px)
        for found, truth in zip(classifier.classify(patches), example.findings, strict=True):
            assert found.corner == truth.corner
            if not (truth.not_visible or found.not_visible):
                right += (Lesion.BRIDGE in found.lesions) == (Lesion.BRIDGE in truth.lesions)
                total += 1
    assert right / total > 0.8


def test_the_card_states_what_the_network_was_made_of(trained: Path):
    record = json.loads((trained / "lesions.json").read_text())
    assert record["settings"]["patch_side_px"] == 48
    assert len(record["training_data"]["digest"]) == 64
    assert "simulated" in record["notice"]


def test_the_exported_network_answers_as_the_trained_one(examples: Path, tmp_path: Path):
    cut = cut_patches(sorted(examples.glob("*-9000*.npz")), side=2.4, side_px=48)
    network = LesionNetwork(side_px=48, trunk=TINY).eval()
    path = tmp_path / "n.onnx"
    export_onnx(network, torch.zeros(2, 1, 48, 48), path, input_names=["patches"], output_names=["logits"])
    pixels = cut.pixels.astype(np.float32) / 255
    with torch.no_grad():
        expected = network(torch.from_numpy(pixels[:, None])).numpy()
    np.testing.assert_allclose(answers(Session(path), pixels, averages_flip=False), expected, atol=1e-4)


def test_a_run_goes_on_from_its_last_checkpoint(examples: Path, tmp_path: Path):
    cut = cut_patches(sorted(examples.glob("*-0000*.npz")), side=2.4 * 1.3, side_px=62)
    held_out = cut_patches(sorted(examples.glob("*-9000*.npz")), side=2.4, side_px=48)
    short = replace(QUICK, steps=20, log_every=10)
    finished = train(cut, held_out, tmp_path, short)
    assert (tmp_path / "last.ckpt").exists()
    again = train(cut, held_out, tmp_path, short)
    for before, after in zip(finished.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(before, after)
    untrained = LesionNetwork(side_px=48, trunk=TINY).eval()
    assert validation_loss(again, held_out) < 0.95 * validation_loss(untrained, held_out)


def test_a_run_ends_in_time_with_steps_left(examples: Path, tmp_path: Path):
    cut = cut_patches(sorted(examples.glob("*-00000*.npz")), side=2.4 * 1.3, side_px=62)
    settings = replace(QUICK, steps=100_000, minutes=0.02, log_every=5)
    network = train(cut, cut_patches(sorted(examples.glob("*-9000*.npz")), side=2.4, side_px=48), tmp_path, settings)
    assert not network.training


def test_the_learning_rate_rises_and_falls_to_almost_nothing():
    shares = [rate_share(progress) for progress in np.linspace(0, 1, 101)]
    assert shares[0] == pytest.approx(0.01)
    assert max(shares) == pytest.approx(1.0, abs=0.01)
    assert np.argmax(shares) == 3
    assert shares[-1] == pytest.approx(0.01)


def test_patches_with_rare_lesions_are_drawn_more_often_up_to_a_cap():
    targets = np.zeros((100, 8, 2), np.uint8)
    targets[:50, 0], targets[50:60, 1, 0], targets[60, 2, 1] = 1, 1, 1
    patches = LesionPatches(np.zeros((100, 4, 4), np.uint8), targets, np.ones_like(targets), np.zeros(100, np.int64))
    weights = patch_weights(patches)
    assert weights[0] == weights[99] == 1.0
    assert weights[60] == weights[55] == 3.0


def test_area_under_curve_counts_pairs_and_halves_ties():
    scores, targets = np.array([0.0, 1.0, 1.0, 2.0]), np.array([False, True, False, True])
    assert area_under_curve(scores, targets) == pytest.approx(3.5 / 4)
    assert np.isnan(area_under_curve(scores, np.ones(4, bool)))
