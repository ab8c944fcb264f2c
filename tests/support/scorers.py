"""Scorers that misbehave, to be opened in another process."""

import os
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from msasss.anatomy import Region
from msasss.apps.node.film_scorer import FilmFacts, Results, ScorerFault
from msasss.errors import NoImageError, RadiographError, WeightsError
from msasss.pipeline.result_objects import ResultKind
from support.node_doubles import NAME, open_doubles

ENDED = "the scoring process ended"


class Scripted:
    """Does what the name of the film says."""

    def __init__(self) -> None:
        self.digests = {"localiser": "ab" * 32}

    def locate(self, film: Path, name: str) -> FilmFacts:
        match film.name:
            case "crash":
                os.abort()
            case "hang":
                time.sleep(60)
            case "secret":
                raise ValueError(NAME)
            case "bad":
                msg = "film x: Expected a spine, got none."
                raise RadiographError(msg)
            case "report":
                msg = "film x: Expected an image, got a report."
                raise NoImageError(msg)
        return FilmFacts(str(os.getpid()), "1.2", "p", date(2024, 5, 31), Region.LUMBAR)

    def score(self, films: Sequence[Path], names: Sequence[str], key: str) -> Results:
        return Results({f"sr-{len(films)}.dcm": key.encode()}, True)

    def close(self) -> None:
        pass


def open_scripted() -> Scripted:
    return Scripted()


def open_without_weights() -> Scripted:
    msg = "Expected the default weights in the package, got none."
    raise WeightsError(msg)


class FaultyOnce:
    """The test networks behind a scorer that fails the first times it is asked."""

    def __init__(self, kinds: Sequence[ResultKind], *, locating: int = 0, scoring: int = 0) -> None:
        self._inner = open_doubles(kinds)
        self.digests = self._inner.digests
        self._locating, self._scoring = locating, scoring

    def locate(self, film: Path, name: str) -> FilmFacts:
        self._locating -= 1
        if self._locating >= 0:
            raise ScorerFault(ENDED)
        return self._inner.locate(film, name)

    def score(self, films: Sequence[Path], names: Sequence[str], key: str) -> Results:
        self._scoring -= 1
        if self._scoring >= 0:
            raise ScorerFault(ENDED)
        return self._inner.score(films, names, key)

    def close(self) -> None:
        self._inner.close()
