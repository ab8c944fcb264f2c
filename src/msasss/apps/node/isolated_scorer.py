"""Scoring in a process of its own: a film that crashes a decoder, hangs or eats the memory costs that film alone."""

import contextlib
import logging
import multiprocessing
import signal
import threading
import warnings
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final, TypeVar

from msasss.apps.node.film_scorer import FilmFacts, FilmScorer, OpenScorer, Results, ScorerFault
from msasss.errors import MsasssError

# A fresh process now and then gives back what libraries never do.
JOBS_PER_PROCESS: Final = 500
_START_S: Final = 120.0
_END_S: Final = 5.0
_ENDED: Final = "the scoring process ended"

Locate = tuple[Path, str]
Score = tuple[tuple[Path, ...], tuple[str, ...], str]
Answer = TypeVar("Answer", FilmFacts, Results, Mapping[str, str])


class IsolatedScorer:
    """A scorer in a process of its own, started anew when it ends.

    Args:
        open_scorer: Opens the networks; called in the other process, so it must be importable there.
        job_s: Longest time one film or visit may take.

    Raises:
        MsasssError: What opening the networks raises.
        ScorerFault: If the process cannot be started.
    """

    def __init__(self, open_scorer: OpenScorer, *, job_s: float) -> None:
        self._open_scorer, self._job_s = open_scorer, job_s
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._jobs = 0
        self._starting = threading.Lock()
        self._is_closed = False
        self.digests: Mapping[str, str] = {}
        self._start()

    def locate(self, film: Path, name: str) -> FilmFacts:
        """Look at a film; see `Scorer`."""
        return self._ask((film, name), FilmFacts)

    def score(self, films: Sequence[Path], names: Sequence[str], key: str) -> Results:
        """Score a visit; see `Scorer`."""
        return self._ask((tuple(films), tuple(names), key), Results)

    def close(self) -> None:
        """End the process, if need be in the middle of its work; may be called from another thread."""
        self._is_closed = True
        self._end()

    def _ask(self, job: Locate | Score, kind: type[Answer]) -> Answer:
        if self._connection is None or self._jobs >= JOBS_PER_PROCESS:
            self._end()
            self._start()
        connection = self._connection
        if connection is None:
            raise ScorerFault(_ENDED)
        self._jobs += 1
        try:
            connection.send(job)
            return self._answer(connection, self._job_s, kind)
        except (EOFError, OSError) as error:
            self._end()
            raise ScorerFault(_ENDED) from error

    def _start(self) -> None:
        with self._starting:
            if self._is_closed:
                return
            context = multiprocessing.get_context("spawn")
            here, there = context.Pipe()
            self._process = context.Process(target=_serve, args=(there, self._open_scorer), name="msasss-scorer")
            self._process.start()
            there.close()
            self._connection, self._jobs = here, 0
        try:
            self.digests = self._answer(here, _START_S, dict)
        except EOFError as error:
            self._end()
            raise ScorerFault(_ENDED) from error

    def _answer(self, connection: Connection, limit_s: float, kind: type[Answer]) -> Answer:
        if not connection.poll(limit_s):
            self._end()
            msg = f"no answer within {limit_s:g} s"
            raise ScorerFault(msg)
        answer = connection.recv()
        if isinstance(answer, kind):
            return answer
        if isinstance(answer, Exception):
            raise answer
        raise ScorerFault(type(answer).__name__)

    def _end(self) -> None:
        with self._starting:
            process, connection = self._process, self._connection
            self._process = self._connection = None
        if process is not None:
            process.kill()
            process.join(_END_S)
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.close()


def _serve(connection: Connection, open_scorer: OpenScorer) -> None:
    """Be the other process: open the networks, then answer one job after the other until nobody asks any more."""
    # The node ends its scorer; a signal to the whole group must not do so in the middle of a film.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # What libraries warn of and log shows values of the files, and everything on stderr ends up in some log.
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with contextlib.suppress(EOFError, OSError):  # the node has ended
        try:
            scorer = open_scorer()
        except MsasssError as error:
            connection.send(error)
            return
        connection.send(dict(scorer.digests))
        while True:
            connection.send(_done(scorer, connection.recv()))


def _done(scorer: FilmScorer, job: Locate | Score) -> FilmFacts | Results | Exception:
    try:
        return scorer.locate(*job) if len(job) == 2 else scorer.score(*job)
    except MsasssError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the boundary of the process
        # The text of an unforeseen error may show values of the file.
        return ScorerFault(type(error).__name__)
