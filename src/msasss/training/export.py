"""From a trained torch network to the ONNX file that inference runs."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from msasss.errors import WeightsError

OPSET = 17
# Below this size a weight is left in float32: biases and norms, where half precision saves nothing.
SMALLEST_HALVED = 1024


def export_onnx(
    network: torch.nn.Module,
    example_input: torch.Tensor,
    path: Path,
    *,
    input_names: Sequence[str],
    output_names: Sequence[str],
) -> None:
    """Write a network as float32 ONNX; the first axis of every input and output may have any length.

    Args:
        network: Put into evaluation mode here.
        example_input: Whatever the network takes, on the CPU.
        path: File to write.
        input_names: One per input.
        output_names: One per output.
    """
    axes = {name: {0: "batch"} for name in (*input_names, *output_names)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls this exporter deprecated; the new one takes 18 s and onnxscript
        torch.onnx.export(
            network.eval(),
            (example_input,),
            str(path),
            input_names=list(input_names),
            output_names=list(output_names),
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )


def store_half(path: Path, *, tolerance: float = 2e-3) -> float:
    """Store the large weights of an ONNX file in half precision, in place; it still computes in float32.

    Args:
        path: The file.
        tolerance: Largest loss allowed, relative to the largest weight of the same tensor.

    Returns:
        The largest relative loss of any weight.

    Raises:
        WeightsError: If a weight does not survive half precision.
    """
    model = onnx.load(str(path))
    worst = 0.0
    casts, halved = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < SMALLEST_HALVED:
            continue
        worst = max(worst, _loss(values, f"{path.name}: {tensor.name}", tolerance))
        stored = f"{tensor.name}_half"
        halved.append((tensor, numpy_helper.from_array(values.astype(np.float16), stored)))
        casts.append(helper.make_node("Cast", [stored], [tensor.name], to=TensorProto.FLOAT))
    for tensor, replacement in halved:
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(replacement)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return worst


def _loss(values: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]", name: str, tolerance: float) -> float:
    with np.errstate(over="ignore"):
        lost = np.abs(values.astype(np.float16).astype(np.float32) - values).max()
    loss = float(lost / max(float(np.abs(values).max()), 1e-12))
    if not loss <= tolerance:
        msg = f"{name}: Expected weights that half precision keeps to {tolerance:g}, got a loss of {loss:.3g}."
        raise WeightsError(msg)
    return loss
