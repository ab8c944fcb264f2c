"""The node as a whole: starts its parts, watches over them, and stops them in good order."""

import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final

from msasss.apps.node import recovery
from msasss.apps.node.config import NodeConfig
from msasss.apps.node.courier import Courier, Send, send_files
from msasss.apps.node.desk import Desk
from msasss.apps.node.film_scorer import OpenScorer, Scorer, ScorerFault
from msasss.apps.node.isolated_scorer import IsolatedScorer
from msasss.apps.node.ledger import Ledger
from msasss.apps.node.metrics import Metrics
from msasss.apps.node.node_log import NodeLog
from msasss.apps.node.receiving import receive, refuse
from msasss.apps.node.scoring_desk import ScoringDesk
from msasss.apps.node.spool import Spool
from msasss.apps.node.status_page import Health, StatusPage
from msasss.dicom.service import StoreService
from msasss.errors import MsasssError
from msasss.pipeline.score import software_name

QUEUE: Final = "queue.sqlite3"
_IDLE_S: Final = 0.5
_HOUR_S: Final = 3600.0


class Node:
    """A node: opened, started, stopped.

    Args:
        config: Its settings.
        scorer: Scores its films; closed when the node stops.
        send: Sends files to a target.

    Raises:
        UsageError: If its folder or an address cannot be used.
    """

    def __init__(self, config: NodeConfig, scorer: Scorer, *, send: Send = send_files) -> None:
        self._config, self._scorer = config, scorer
        self._crashes: dict[str, float] = {}
        with ExitStack() as opened:
            spool = Spool(config.folder)
            opened.callback(spool.close)
            ledger = Ledger(config.folder / QUEUE)
            opened.callback(ledger.close)
            self._desk = Desk(config, spool, ledger, NodeLog(spool.salt), Metrics(ledger, spool))
            self._couriers = [Courier(self._desk, target, send) for target in config.targets]
            self._service = self._open_service()
            opened.callback(self._service.stop, 0.0)
            self._page = self._open_page()
            if self._page is not None:
                opened.callback(self._page.stop)
            self._threads = self._make_threads()
            opened.pop_all()

    @property
    def port(self) -> int:
        """The port on which it takes films."""
        return self._service.port

    @property
    def status_port(self) -> int | None:
        """The port on which it tells how it is, or None."""
        return None if self._page is None else self._page.port

    def start(self, *, retry_dead: bool = False) -> None:
        """Go on where the last node left off, then take films."""
        recovery.recover(self._desk)
        if retry_dead:
            recovery.retry_dead(self._desk)
        for thread in self._threads:
            thread.start()
        if self._page is not None:
            self._page.start()
        self._service.start()
        self._desk.log.note("node_started", {"software": software_name(), "port": self.port})

    def stop(self) -> None:
        """Take no more films, let the work in hand end for a while, and close everything; the rest goes on later."""
        desk, deadline = self._desk, time.monotonic() + self._config.stop_s
        desk.log.note("node_stopping")
        self._service.stop(self._config.stop_s / 2)
        for event in (desk.stopping, desk.arrived, desk.scored):
            event.set()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._scorer.close()
        for thread in self._threads:
            thread.join()
        if self._page is not None:
            self._page.stop()
        desk.ledger.close()
        desk.spool.close()
        desk.log.note("node_stopped")

    def health(self) -> Health:
        """Return what is wrong, and what waits."""
        desk, problems = self._desk, []
        if desk.spool.free_bytes() < self._config.least_free_bytes:
            problems.append("the disk is nearly full")
        problems += [f"{thread.name} has ended" for thread in self._threads if not thread.is_alive()]
        problems += [f"{name} failed" for name, when in self._crashes.items() if time.monotonic() - when < _HOUR_S]
        down = [
            target.name for target, courier in zip(self._config.targets, self._couriers, strict=True) if courier.problem
        ]
        counts = {f"{table}_{state}": number for (table, state), number in desk.ledger.counts().items()}
        return {"problems": problems, "targets_down": down, "queue": counts}

    def thread_failed(self, failure: threading.ExceptHookArgs) -> None:
        """Log that a thread ended by an error, without its text, which may show values of a film."""
        name = failure.exc_type.__name__
        at = _place(failure.exc_traceback)
        self._desk.log.warn("thread_failed", {"reason": name, "at": at})

    def _open_service(self) -> StoreService:
        return StoreService(
            self._config.service,
            store=lambda arrival: receive(self._desk, arrival),
            refused=lambda *what: refuse(self._desk, *what),
        )

    def _open_page(self) -> StatusPage | None:
        if self._config.status is None:
            return None
        return StatusPage(*self._config.status, metrics=self._desk.metrics.text, health=self.health)

    def _make_threads(self) -> list[threading.Thread]:
        desk = self._desk
        loops = [
            ("scoring", ScoringDesk(desk, self._scorer).step, desk.arrived),
            ("tidying", self._tidy, threading.Event()),
        ]
        loops += [(f"courier {courier.name}", courier.step, desk.scored) for courier in self._couriers]
        return [threading.Thread(target=self._repeat, args=loop, name=loop[0]) for loop in loops]

    def _tidy(self) -> bool:
        recovery.drop_old_dead(self._desk)
        self._desk.stopping.wait(_HOUR_S)
        return True

    def _repeat(self, name: str, step: Callable[[], bool], wake: threading.Event) -> None:
        """Work until the node stops; what goes wrong unforeseen is logged without its text and tried again."""
        stopping, pause_s = self._desk.stopping, _IDLE_S
        while not stopping.is_set():
            try:
                is_busy = step()
                pause_s = _IDLE_S
            except Exception as error:  # noqa: BLE001 - a part of the node must not end while the node runs
                is_busy = False
                pause_s = min(2 * pause_s, self._config.retry.longest_s)
                self._crashes[name] = time.monotonic()
                self._desk.log.warn(
                    "part_failed", {"part": name, "reason": type(error).__name__, "at": _place(error.__traceback__)}
                )
            if not is_busy:
                # Cleared before the next look, so that what comes in between is not overlooked.
                wake.wait(pause_s)
                wake.clear()


def run_node(config: NodeConfig, open_scorer: OpenScorer, *, retry_dead: bool = False) -> None:
    """Run a node until SIGTERM or SIGINT.

    Args:
        config: Its settings.
        open_scorer: Opens the networks; called in a process of its own, so it must be importable there.
        retry_dead: Take the dead letters back first.

    Raises:
        MsasssError: If it cannot start.
    """
    ended = threading.Event()
    with _on_signals(ended.set):
        scorer = _opened(open_scorer, config.scoring.job_s)
        try:
            node = Node(config, scorer)
            threading.excepthook = node.thread_failed
            node.start(retry_dead=retry_dead)
            ended.wait()
            node.stop()
        finally:
            threading.excepthook = threading.__excepthook__
            scorer.close()


def _opened(open_scorer: OpenScorer, job_s: float) -> IsolatedScorer:
    try:
        return IsolatedScorer(open_scorer, job_s=job_s)
    except ScorerFault as fault:
        msg = f"Expected the scoring process to start, but it did not ({fault}). Run 'msasss doctor'."
        raise MsasssError(msg) from fault


@contextmanager
def _on_signals(end: Callable[[], None]) -> Iterator[None]:
    before = {number: signal.signal(number, lambda *_: end()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _place(trace: TracebackType | None) -> str:
    """Return file and line of an error, without its text, which may show values of a film."""
    frames = traceback.extract_tb(trace)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
