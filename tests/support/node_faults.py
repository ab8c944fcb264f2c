"""Films arrive at a node that is killed again and again; what comes of it."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from pydicom import dcmread

from msasss.anatomy import Region
from msasss.apps.node.spool import reasons
from msasss.errors import NetworkError
from support.node_doubles import LOOPBACK, Archive, free_port, send, until, write_film

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Args:
        results: Number of different results that the archive holds, by patient.
        deliveries: How often each result was delivered; more than once only if the node died before it could note so.
        alike: Whether what was delivered more than once was the same each time.
        dead: Reasons of the dead letters.
        left: Films and results that lie around at the end.
        peak_mb: Largest memory of the node and its scoring process.
        log: All that the nodes wrote to stderr.
    """

    results: Counter[str]
    deliveries: Counter[str]
    alike: bool
    dead: tuple[str, ...]
    left: tuple[str, ...]
    peak_mb: float
    log: str


@dataclass
class KilledNode:
    """A node in a process of its own."""

    folder: Path
    archive_port: int
    port: int = field(default_factory=free_port)
    peak_mb: float = 0.0
    _process: subprocess.Popen | None = None

    def __enter__(self) -> "KilledNode":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "support.node_process",
            str(self.folder),
            str(self.port),
            str(self.archive_port),
        ]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]), "OMP_NUM_THREADS": "1"}
        with (self.folder / "node.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def kill(self) -> None:
        self._measure()
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        self._measure()
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def answers(self) -> bool:
        assert self._process.poll() is None, "the node ended by itself"
        try:
            socket.create_connection((LOOPBACK, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def _measure(self) -> None:
        pids = [self._process.pid, *_children(self._process.pid)]
        self.peak_mb = max(self.peak_mb, sum(_peak_mb(pid) for pid in pids))


def kill_while_sending(
    folder: Path, *, studies: int, kills: int, seed: int = 0, longest_life_s: float = 3.0
) -> Outcome:
    """Send studies of two films, and two bad films, to a node that is killed at random moments.

    The studies are spread over the lives of the node. The sender does what a modality does: it repeats what it was not
    told to have arrived.
    """
    chance = random.Random(seed)
    films = _films(folder / "films", studies)
    with Archive() as archive, KilledNode(folder, archive.port) as node:
        may_send = threading.Semaphore(0)
        sender = threading.Thread(target=_send_all, args=(films, node.port, may_send), daemon=True)
        sender.start()
        for life in range(kills):
            for _ in range(life * len(films) // kills, (life + 1) * len(films) // kills):
                may_send.release()
            if chance.random() < 0.9:  # else it may be killed before it is ready
                until(node.answers, 120)
            time.sleep(chance.uniform(0.0, longest_life_s))
            node.kill()
            node.start()
        sender.join()
        until(lambda: len(archive.stored) >= studies, 60 + 20 * studies)
        until(lambda: not _left(folder), 60)
        assert node.stop() == 0
        return _outcome(folder, archive, node)


def _films(folder: Path, studies: int) -> list[list[Path]]:
    good = [[write_film(folder, region, patient=f"PAT-{number:04d}") for region in Region] for number in range(studies)]
    blank = write_film(folder, None, patient="PAT-BLANK")
    torn = write_film(folder, Region.LUMBAR, patient="PAT-TORN")
    header = dcmread(torn)
    header.PixelData = header.PixelData[:1000]
    header.save_as(torn)
    good.insert(studies // 3, [blank])
    good.insert(2 * studies // 3, [torn])
    return good


def _send_all(studies: Sequence[Sequence[Path]], port: int, may_send: threading.Semaphore) -> None:
    for films in studies:
        may_send.acquire()
        while True:
            try:
                assert all(receipt.refusal is None for receipt in send(films, port))
                break
            except NetworkError:
                time.sleep(0.1)


def _left(folder: Path) -> tuple[str, ...]:
    return tuple(str(path) for name in ("films", "results") for path in (folder / "node" / name).iterdir())


def _outcome(folder: Path, archive: Archive, node: KilledNode) -> Outcome:
    results = Counter(str(dcmread(BytesIO(copies[0])).PatientID) for copies in archive.stored.values())
    return Outcome(
        results,
        Counter({uid: len(copies) for uid, copies in archive.stored.items()}),
        all(len(set(copies)) == 1 for copies in archive.stored.values()),
        tuple(reason for _, reason in reasons(folder / "node" / "dead")),
        _left(folder),
        node.peak_mb,
        (folder / "node.log").read_text(),
    )


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _peak_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
