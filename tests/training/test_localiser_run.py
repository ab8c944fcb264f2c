import json
import logging
from dataclasses import replace

import numpy as np
import pytest
import torch

from msasss.anatomy import Region
from msasss.errors import UsageError
from msasss.models.localiser import INPUT, OUTPUTS, open_localiser
from msasss.models.runtime import Session
from msasss.models.weights import MANIFEST_SCHEMA, Bundle, TrainingData, load_card
from msasss.training.localiser_examples import SampleSettings
from msasss.training.localiser_export import CARD_FILE, NETWORK_FILE, Release, export_localiser, localiser_settings
from msasss.training.localiser_network import LocaliserNetwork, NetworkWidths
from msasss.training.localiser_run import LAST, LocaliserRunSettings, train_localiser
from support.drawn_spines import write_drawn_examples

# Lightning asks for more workers, names its own deprecated calls and sees no logger; none of it is ours to change.
pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning:lightning", "ignore::FutureWarning", "ignore::DeprecationWarning"
)

TINY = LocaliserRunSettings(
    steps=10,
    batch=4,
    workers=0,
    device="cpu",
    precision="32-true",
    log_every=5,
    check_every=5,
    checked=4,
    checkpoint_minutes=0.001,
    widths=NetworkWidths(trunk=(8, 12, 16, 16, 24), decoder=(16, 12, 12)),
    samples=SampleSettings(shape=(192, 128)),
)


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    for seeds in (range(4), range(900_000, 900_002), range(950_000, 950_002)):
        write_drawn_examples(folder, seeds)
    return folder


def test_a_run_lowers_the_loss_and_goes_on_where_it_was_stopped(films, tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="msasss"):
        train_localiser(films, tmp_path, settings=TINY)
    heat = [
        float(record.message.split("heat ")[1].split(",")[0]) for record in caplog.records if "heat" in record.message
    ]
    assert len(heat) == 2
    assert heat[1] < heat[0]
    assert torch.load(tmp_path / LAST, weights_only=False)["global_step"] <= 10
    caplog.clear()
    longer = replace(TINY, steps=15)
    with caplog.at_level(logging.INFO, logger="msasss"):
        network = train_localiser(films, tmp_path, settings=longer)
    steps = [int(record.message.split()[1].rstrip(",")) for record in caplog.records if "heat" in record.message]
    assert steps == [15]
    assert not network.training


def test_the_run_ends_in_time(films, tmp_path, caplog):
    hurried = replace(TINY, minutes=1e-6)
    with caplog.at_level(logging.INFO, logger="msasss"):
        train_localiser(films, tmp_path, settings=hurried)
    assert "step 1 (100 %" in caplog.text


def test_a_folder_without_films_is_refused(tmp_path):
    with pytest.raises(UsageError, match="Expected examples for train"):
        train_localiser(tmp_path, tmp_path, settings=TINY)


def release():
    return Release(TrainingData("Drawn spines.", "0" * 64, "0:4"), "msasss test", "2026-01-01")


def test_the_exported_network_answers_as_the_trained_one(films, tmp_path):
    torch.manual_seed(1)
    network = LocaliserNetwork(TINY.widths).eval()
    quality = export_localiser(network, tmp_path, examples_dir=films, samples=TINY.samples, release=release())
    assert quality.films == 4
    image = np.random.default_rng(0).normal(size=(1, 2, 192, 128)).astype(np.float32)
    exported = Session(tmp_path / NETWORK_FILE).run({INPUT: image})
    with torch.no_grad():
        trained = network(torch.from_numpy(image))
    for name, expected in zip(OUTPUTS, trained, strict=True):
        np.testing.assert_allclose(exported[name], expected.numpy(), atol=5e-3)


def test_the_card_opens_the_localiser_it_describes(films, tmp_path):
    network = LocaliserNetwork(TINY.widths)
    export_localiser(network, tmp_path, examples_dir=films, samples=TINY.samples, release=release())
    card = load_card(tmp_path / CARD_FILE)
    assert card.metrics["films"] == 4.0
    localiser = open_localiser(Bundle("test", tmp_path, card, ()))
    assert localiser.settings.shape == (192, 128)
    np.testing.assert_array_equal(
        localiser.settings.priors[Region.LUMBAR].log_spacing,
        localiser_settings(films, TINY.samples).priors[Region.LUMBAR].log_spacing,
    )
    assert json.loads((tmp_path / CARD_FILE).read_text())["schema"] != MANIFEST_SCHEMA
