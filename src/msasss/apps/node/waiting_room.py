"""Which of the films that wait make a visit now."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from msasss.anatomy import Region
from msasss.apps.node.config import Patience
from msasss.apps.node.films import Film
from msasss.imaging import Facing, Landmarks, Radiograph
from msasss.pipeline.pairing import Located, pair_exams

# Pairing asks for patient, day and view alone; the pixels of the films that wait stay on the disk.
_PICTURE: Final = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
_UNDATED: Final = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Called:
    """Films that need wait no longer.

    Args:
        films: They belong together.
        problem: Why they are no visit, or None if they are one.
    """

    films: tuple[Film, ...]
    problem: str | None = None


def call(films: Sequence[Film], patience: Patience, now: float) -> Iterator[Called]:
    """Yield the visits that are complete, or have waited long enough.

    A pair of one day is complete once the patient's films have stopped coming; other pairs and single films wait until
    one of them is due, as a better partner may come. A view taken twice on a day is a problem when one of them is due.
    """
    by_patient: dict[str, list[Film]] = defaultdict(list)
    for film in films:
        by_patient[film.patient].append(film)
    for group in by_patient.values():
        yield from _call_patient(group, patience, now)


def _call_patient(films: Sequence[Film], patience: Patience, now: float) -> Iterator[Called]:
    by_token = {film.token: film for film in films}
    is_quiet = now >= max(film.received_at for film in films) + patience.quiet_s
    pairing = pair_exams([_stand_in(film) for film in films])
    for visit in pairing.visits:
        members = tuple(by_token[film.radiograph.source] for film in visit.films)
        if (is_quiet and visit.gap_days == 0) or _any_due(members, now):
            yield Called(members)
    for failure in pairing.failures:
        members = tuple(by_token[token] for token in failure.source.split(", "))
        if _any_due(members, now):
            yield Called(members, _problem(members))


def _any_due(films: Iterable[Film], now: float) -> bool:
    return any(film.due_at is not None and film.due_at <= now for film in films)


def _stand_in(film: Film) -> Located:
    day = date.fromisoformat(film.taken_on) if film.taken_on else _UNDATED
    radiograph = Radiograph(_PICTURE, film.token, uid=film.token, patient_key=film.patient, acquired_on=day)
    return Located(radiograph, Landmarks(Region(film.region), Facing.LEFT, ()))


def _problem(films: Sequence[Film]) -> str:
    counts = ", ".join(f"{sum(film.region == region.value for film in films)} {region.value}" for region in Region)
    return (
        f"Expected one film of each region at a visit, got {counts}; nothing says which counts. "
        "Score the right two with 'msasss score --cervical FILE --lumbar FILE' and send them with 'msasss send'."
    )
