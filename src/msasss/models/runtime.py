"""Runs ONNX networks on the CPU."""

import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from msasss.errors import WeightsError

Array = npt.NDArray[np.float32]
_ONLY_ERRORS = 3


class Session:
    """A network that is read at its first use and then kept, with its threads.

    The same inputs give the same outputs. A session may be used by several threads and may be pickled; a copy reads
    its file again.

    Args:
        path: ONNX file, already verified against its card.
        threads: Number of CPU threads.
    """

    def __init__(self, path: Path, *, threads: int = 2) -> None:
        self.path = path
        self.threads = threads
        self._lock = threading.Lock()
        self._opened: onnxruntime.InferenceSession | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return _open_again, (self.path, self.threads)

    def run(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs of the network by name.

        Raises:
            WeightsError: If the file is no network or does not take these inputs.
        """
        session = self._session()
        names = [output.name for output in session.get_outputs()]
        try:
            values = session.run(names, dict(inputs))
        except Exception as error:  # onnxruntime's own errors derive from Exception alone
            shapes = ", ".join(f"{name} {value.shape}" for name, value in inputs.items())
            msg = f"{self.path.name}: Expected a network that takes {shapes}, got one that does not ({error})."
            raise WeightsError(msg) from error
        return dict(zip(names, values, strict=True))

    def _session(self) -> onnxruntime.InferenceSession:
        with self._lock:
            if self._opened is None:
                self._opened = _open(self.path, self.threads)
            return self._opened


def _open(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = _ONLY_ERRORS
    # Idle threads sleep: by default they spin and take a core from whatever else the machine does.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors derive from Exception alone
        msg = f"{path.name}: Expected an ONNX network, got a file that cannot be opened ({error}). Install it again."
        raise WeightsError(msg) from error


def _open_again(path: Path, threads: int) -> Session:
    return Session(path, threads=threads)
