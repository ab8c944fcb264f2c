"""The films in the queue: arrived, located, waiting for a partner."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from msasss.apps.node.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Film:
    """A film in the queue.

    Args:
        id: Its number.
        token: Names its file.
        uid: SOP instance UID.
        state: See `ledger`.
        received_at: Seconds since 1970.
        due_at: When it no longer waits for a partner; None as long as it is not located.
        patient: What films of one patient have in common; a keyed digest.
        region: The view found in the pixels.
        taken_on: Day of the exposure, or "" where the file has none.
        starts: How often work on it began.
        faults: How often this work failed in a way that another attempt may mend.
    """

    id: int
    token: str
    uid: str
    state: str
    received_at: float
    due_at: float | None
    patient: str
    region: str
    taken_on: str
    starts: int
    faults: int


def add_film(ledger: Ledger, token: str, uid: str) -> bool:
    """Enter a film that has arrived.

    Returns:
        False if the same film is in the queue already, and this copy of it is not needed.
    """
    with ledger.transaction() as connection:
        known = connection.execute(
            "SELECT 1 FROM films WHERE uid = ? AND uid != '' AND state IN ('received', 'waiting')", (uid,)
        ).fetchone()
        if known is None:
            connection.execute(
                "INSERT INTO films (token, uid, state, received_at) VALUES (?, ?, 'received', ?)",
                (token, uid, time.time()),
            )
    return known is None


def next_received(ledger: Ledger) -> Film | None:
    """Return the film to locate next: those that were never begun first, in the order they came."""
    found = ledger.read(
        "SELECT * FROM films WHERE state = 'received' AND next_at <= ? ORDER BY starts, id LIMIT 1", time.time()
    )
    return _film(found[0]) if found else None


def waiting_films(ledger: Ledger) -> tuple[Film, ...]:
    """Return all films that wait for a partner."""
    return tuple(_film(row) for row in ledger.read("SELECT * FROM films WHERE state = 'waiting' ORDER BY id"))


def films_of(ledger: Ledger, visit: int) -> tuple[Film, ...]:
    """Return the films of a visit."""
    return tuple(_film(row) for row in ledger.read("SELECT * FROM films WHERE visit = ? ORDER BY id", visit))


def start_film(ledger: Ledger, film: Film) -> None:
    """Note that work on a film begins; a node that dies of it will know."""
    ledger.write("UPDATE films SET starts = starts + 1 WHERE id = ?", film.id)


def put_off_film(ledger: Ledger, film: Film, next_at: float, reason: str) -> None:
    """Try a film again later."""
    ledger.write("UPDATE films SET faults = faults + 1, next_at = ?, reason = ? WHERE id = ?", next_at, reason, film.id)


def film_located(ledger: Ledger, film: Film) -> bool:
    """Enter what was found on a film, as it stands in the film given; from now on it waits for its partner.

    Returns:
        False if the same film waits already; this one is then a duplicate.
    """
    with ledger.transaction() as connection:
        known = connection.execute("SELECT 1 FROM films WHERE uid = ? AND state = 'waiting'", (film.uid,)).fetchone()
        state = "waiting" if known is None else "duplicate"
        connection.execute(
            "UPDATE films SET uid = ?, patient = ?, region = ?, taken_on = ?, due_at = ?, state = ?, reason = NULL "
            "WHERE id = ?",
            (film.uid, film.patient, film.region, film.taken_on, film.due_at, state, film.id),
        )
    return known is None


def close_films(ledger: Ledger, films: Sequence[Film], state: str, reason: str | None = None) -> None:
    """Bring films to an end: done, dead, ignored or duplicate."""
    with ledger.transaction() as connection:
        connection.executemany(
            "UPDATE films SET state = ?, reason = ? WHERE id = ?", [(state, reason, film.id) for film in films]
        )


def wait_again(ledger: Ledger, due_at: float) -> None:
    """Let no film's wait end before that time: while the node was down, no partner could come."""
    ledger.write("UPDATE films SET due_at = max(due_at, ?) WHERE state = 'waiting'", due_at)


def _film(row: sqlite3.Row) -> Film:
    return Film(
        id=row["id"],
        token=row["token"],
        uid=row["uid"],
        state=row["state"],
        received_at=row["received_at"],
        due_at=row["due_at"],
        patient=row["patient"] or "",
        region=row["region"] or "",
        taken_on=row["taken_on"] or "",
        starts=row["starts"],
        faults=row["faults"],
    )
