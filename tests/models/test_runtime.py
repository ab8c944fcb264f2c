import pickle
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, checker, helper, save

from msasss.errors import WeightsError
from msasss.models.runtime import Session


@pytest.fixture
def doubling(tmp_path: Path) -> Path:
    """A network of one node that adds its input to itself."""
    node = helper.make_node("Add", ["x", "x"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3]) for name in ("x", "y")]
    model = helper.make_model(
        helper.make_graph([node], "g", ends[:1], ends[1:]), opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 8
    checker.check_model(model)
    save(model, str(tmp_path / "doubling.onnx"))
    return tmp_path / "doubling.onnx"


def test_outputs_come_by_name(doubling: Path):
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(Session(doubling).run({"x": values})["y"], 2 * values)


def test_a_session_survives_pickling(doubling: Path):
    session = Session(doubling, threads=1)
    session.run({"x": np.ones((1, 3), np.float32)})
    copy = pickle.loads(pickle.dumps(session))
    assert (copy.path, copy.threads) == (doubling, 1)
    assert copy.run({"x": np.ones((1, 3), np.float32)})["y"].sum() == 6


def test_a_file_is_not_opened_before_its_first_use(tmp_path: Path):
    Session(tmp_path / "absent.onnx")


def test_a_file_that_is_no_network_is_named(tmp_path: Path):
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(WeightsError, match=r"broken\.onnx"):
        Session(path).run({"x": np.ones((1, 3), np.float32)})


@pytest.mark.parametrize("inputs", [{"z": np.ones((1, 3), np.float32)}, {"x": np.ones((1, 4), np.float32)}])
def test_inputs_that_do_not_fit_are_named_with_their_shape(doubling: Path, inputs: dict[str, np.ndarray]):
    name, value = next(iter(inputs.items()))
    with pytest.raises(WeightsError, match=rf"takes {name} \(1, {value.shape[1]}\)"):
        Session(doubling).run(inputs)
