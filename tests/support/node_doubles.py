"""Around a node under test: films to send, networks that know them, an archive that takes the results.

A film is 600 x 400 px with an even column of seven bodies and a square in its top left corner: bright on a cervical
film, grey on a lumbar one, black on one that shows no spine.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from ipaddress import ip_network
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts, evt

from msasss.anatomy import Region
from msasss.apps.node.config import NodeConfig, Patience, Retry, Target
from msasss.apps.node.film_scorer import FilmScorer, OpenScorer, Scorer
from msasss.apps.node.node import Node
from msasss.dicom import write_radiograph
from msasss.dicom.association_limits import Limits
from msasss.dicom.service import Sender, ServiceSettings
from msasss.dicom.transfer import DicomTarget, Receipt, send_by_association
from msasss.errors import RadiographError
from msasss.imaging import Landmarks, Radiograph
from msasss.pipeline.networks import Networks
from msasss.pipeline.result_objects import ResultKind, ResultOptions
from msasss.scoring import MSASSS
from support.exams import BrightnessReader, column, film

LOOPBACK = "127.0.0.1"
NODE, SENDER, ARCHIVE = "MSASSS", "MODALITY", "ARCHIVE"
DAY, BORN = date(2024, 5, 31), "19510203"
PATIENT, NAME = "PAT-4711", "Secretname^Anna"
_SQUARE = {Region.CERVICAL: 0.95, Region.LUMBAR: 0.5, None: 0.0}


def write_film(
    folder: Path,
    region: Region | None,
    *,
    patient: str = PATIENT,
    name: str = NAME,
    day: date = DAY,
    seed: str = "one",
) -> Path:
    """Write a film; all its UIDs follow from patient, day, region and seed. Without a region it shows no spine."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{patient}-{day}-{'none' if region is None else region.value}-{seed}.dcm"
    pixels = film().pixels.copy()
    pixels[:32, :32] = _SQUARE[region]
    write_radiograph(
        path,
        pixels,
        spacing_mm=0.3,
        patient_id=patient,
        patient_name=name,
        study_date=day,
        region=region or Region.LUMBAR,
        uid_seed=seed if region else f"{seed}, blank",
    )
    header = dcmread(path)
    header.PatientBirthDate = BORN
    header.save_as(path)
    return path


@dataclass(frozen=True)
class SquareLocaliser:
    """Reads the view off the square in the corner."""

    def locate(self, radiograph: Radiograph) -> Landmarks:
        shade = float(np.median(radiograph.pixels[:32, :32]))
        if shade < 0.25:
            msg = f"{radiograph.source}: Expected a lateral spine, found none. Give the lateral view."
            raise RadiographError(msg)
        return column(Region.CERVICAL if shade > 0.7 else Region.LUMBAR)


def open_doubles(kinds: Sequence[ResultKind]) -> FilmScorer:
    networks = Networks(SquareLocaliser(), BrightnessReader(), {"localiser": "ab" * 32, "lesions": "cd" * 32})
    return FilmScorer(networks, MSASSS, ResultOptions(tuple(kinds)))


def scorer_of(config: NodeConfig) -> OpenScorer:
    kinds = tuple(kind for kind in ResultKind if any(kind in target.kinds for target in config.targets))
    return partial(open_doubles, kinds)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def node_config(folder: Path, *targets: Target, port: int = 0, **changes: object) -> NodeConfig:
    """A node that is in a hurry: no long waits, small limits."""
    service = ServiceSettings(
        NODE, LOOPBACK, port, (Sender(SENDER, ip_network(f"{LOOPBACK}/32")),), Limits(object_bytes=2**23, idle_s=5.0)
    )
    config = NodeConfig(
        service,
        folder / "node",
        targets,
        patience=Patience(quiet_s=0.05, wait_s=30.0),
        retry=Retry(first_s=0.1, longest_s=0.5),
        least_free_bytes=0,
        status=None,
        stop_s=10.0,
    )
    return replace(config, **changes)


def archive_target(port: int, kinds: Sequence[ResultKind] = (ResultKind.REPORT,), name: str = "archive") -> Target:
    return Target(name, DicomTarget(ARCHIVE, LOOPBACK, port, timeout_s=5.0), tuple(kinds))


def send(files: Sequence[Path], port: int, *, calling: str = SENDER, called: str = NODE) -> list[Receipt]:
    """Send films to a node as a modality does."""
    return list(send_by_association(DicomTarget(called, LOOPBACK, port, calling, timeout_s=10.0), files))


@dataclass
class Archive:
    """A PACS that takes everything, and remembers what came and how often."""

    port: int = field(default_factory=free_port)
    status: int = 0x0000
    stored: dict[str, list[bytes]] = field(default_factory=dict)
    _server: object = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Archive":
        entity = AE(ARCHIVE)
        for context in AllStoragePresentationContexts:
            entity.add_supported_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES)
        self._server = entity.start_server(
            (LOOPBACK, self.port), block=False, evt_handlers=[(evt.EVT_C_STORE, self._store)]
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()

    def _store(self, event: evt.Event) -> int:
        if self.status == 0:
            with self._lock:
                uid = str(event.request.AffectedSOPInstanceUID)
                self.stored.setdefault(uid, []).append(event.encoded_dataset())
        return self.status

    @property
    def counts(self) -> Mapping[str, int]:
        return {uid: len(copies) for uid, copies in self.stored.items()}


@contextmanager
def running(config: NodeConfig, *, retry_dead: bool = False, scorer: Scorer | None = None) -> Iterator[Node]:
    """A started node that scores in this process, stopped at the end of the block."""
    node = Node(config, scorer or scorer_of(config)())
    node.start(retry_dead=retry_dead)
    try:
        yield node
    finally:
        node.stop()


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for something to come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.02)
