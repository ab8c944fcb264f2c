from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from msasss.errors import WeightsError
from msasss.models.runtime import Session
from msasss.training.export import export_onnx, store_half


class Small(nn.Module):
    """Large enough for its weights to be halved."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32), nn.ReLU(), nn.Conv2d(32, 32, 3))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.layers(image).mean(dim=(2, 3))


@pytest.fixture
def network() -> Small:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return Small().eval()


def exported(network: nn.Module, path: Path) -> Path:
    export_onnx(network, torch.zeros(2, 1, 16, 16), path, input_names=["image"], output_names=["features"])
    return path


def test_the_file_answers_as_the_network_for_any_number_of_images(network: Small, tmp_path: Path):
    session = Session(exported(network, tmp_path / "small.onnx"))
    for count in (1, 5):
        image = torch.rand(count, 1, 16, 16)
        expected = network(image).detach().numpy()
        np.testing.assert_allclose(session.run({"image": image.numpy()})["features"], expected, atol=1e-5)


def test_half_precision_makes_the_file_smaller_and_hardly_changes_its_answers(network: Small, tmp_path: Path):
    path = exported(network, tmp_path / "small.onnx")
    size = path.stat().st_size
    loss = store_half(path)
    assert 0 < loss < 1e-3
    assert path.stat().st_size < 0.65 * size
    image = torch.rand(3, 1, 16, 16)
    answer = Session(path).run({"image": image.numpy()})["features"]
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer, network(image).detach().numpy(), atol=2e-3)


def test_small_weights_stay_in_single_precision(network: Small, tmp_path: Path):
    path = exported(network, tmp_path / "small.onnx")
    store_half(path)
    kinds = {tensor.data_type: tensor for tensor in onnx.load(str(path)).graph.initializer}
    assert set(kinds) == {onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16}


def test_a_weight_that_half_precision_cannot_hold_is_refused(network: Small, tmp_path: Path):
    with torch.no_grad():
        network.layers[3].weight[0, 0, 0, 0] = 1e6
    path = exported(network, tmp_path / "small.onnx")
    with pytest.raises(WeightsError, match=r"small\.onnx.*got a loss of inf"):
        store_half(path)
