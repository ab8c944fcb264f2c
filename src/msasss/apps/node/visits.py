"""The visits in the queue, and the deliveries of their results."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msasss.apps.node.films import Film
from msasss.apps.node.ledger import Ledger


@dataclass(frozen=True, slots=True)
class QueuedVisit:
    """A visit in the queue; see `ledger` for its states."""

    id: int
    key: str
    state: str
    created_at: float
    starts: int
    faults: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """An object that a target is to get.

    Args:
        visit: The visit it belongs to.
        target: Name of the target.
        name: Names its file.
        created_at: When the visit was formed.
        attempts: How often the target could not be reached for it.
        refusals: How often the target refused it.
    """

    visit: int
    target: str
    name: str
    created_at: float
    attempts: int
    refusals: int


def open_visit(ledger: Ledger, films: Sequence[Film], *, key: str, maker: str) -> int | None:
    """Make films a visit, unless a result of these films by the same software and weights exists or is on its way.

    Returns:
        The visit's number, or None; the films are then duplicates.
    """
    uids = sorted({film.uid for film in films})
    marks = ", ".join("?" for _ in uids)
    with ledger.transaction() as connection:
        covered = connection.execute(
            "SELECT 1 FROM films JOIN visits ON visits.id = films.visit "
            f"WHERE films.uid IN ({marks}) AND visits.maker = ? AND visits.state != 'dead' "
            "GROUP BY visits.id HAVING count(DISTINCT films.uid) = ?",
            (*uids, maker, len(uids)),
        ).fetchone()
        if covered is not None:
            connection.executemany("UPDATE films SET state = 'duplicate' WHERE id = ?", [(film.id,) for film in films])
            return None
        made = connection.execute(
            "INSERT INTO visits (key, maker, state, created_at) VALUES (?, ?, 'paired', ?)", (key, maker, time.time())
        )
        visit = int(made.lastrowid or 0)
        connection.executemany(
            "UPDATE films SET state = 'paired', visit = ? WHERE id = ?", [(visit, film.id) for film in films]
        )
    return visit


def next_paired(ledger: Ledger) -> QueuedVisit | None:
    """Return the visit to score next."""
    found = ledger.read(
        "SELECT * FROM visits WHERE state = 'paired' AND next_at <= ? ORDER BY starts, id LIMIT 1", time.time()
    )
    return _visit(found[0]) if found else None


def start_visit(ledger: Ledger, visit: QueuedVisit) -> None:
    """Note that work on a visit begins; a node that dies of it will know."""
    ledger.write("UPDATE visits SET starts = starts + 1 WHERE id = ?", visit.id)


def put_off_visit(ledger: Ledger, visit: QueuedVisit, next_at: float, reason: str) -> None:
    """Try a visit again later."""
    ledger.write(
        "UPDATE visits SET faults = faults + 1, next_at = ?, reason = ? WHERE id = ?", next_at, reason, visit.id
    )


def visit_scored(ledger: Ledger, visit: QueuedVisit, deliveries: Iterable[tuple[str, str]]) -> None:
    """Enter that the results of a visit lie ready, and who is to get which object: pairs of target and object."""
    with ledger.transaction() as connection:
        connection.execute("UPDATE visits SET state = 'scored', reason = NULL WHERE id = ?", (visit.id,))
        connection.executemany(
            "INSERT INTO deliveries (visit, target, object, state) VALUES (?, ?, ?, 'pending')",
            [(visit.id, target, name) for target, name in deliveries],
        )


def close_visit(ledger: Ledger, visit: int, state: str, reason: str | None = None) -> bool:
    """Bring a visit and its films to an end: done or dead.

    Returns:
        False if somebody else has done so.
    """
    with ledger.transaction() as connection:
        changed = connection.execute(
            "UPDATE visits SET state = ?, reason = ? WHERE id = ? AND state IN ('paired', 'scored')",
            (state, reason, visit),
        )
        connection.execute("UPDATE films SET state = ? WHERE visit = ? AND state = 'paired'", (state, visit))
    return changed.rowcount == 1


def due_deliveries(ledger: Ledger, target: str, at_most: int = 64) -> tuple[Delivery, ...]:
    """Return what a target is to get now, the oldest first."""
    found = ledger.read(
        "SELECT deliveries.*, visits.created_at FROM deliveries JOIN visits ON visits.id = deliveries.visit "
        "WHERE target = ? AND deliveries.state = 'pending' AND deliveries.next_at <= ? "
        "ORDER BY visit, deliveries.rowid LIMIT ?",
        target,
        time.time(),
        at_most,
    )
    return tuple(_delivery(row) for row in found)


def delivery_sent(ledger: Ledger, delivery: Delivery) -> None:
    """Enter that a target has an object."""
    _set_delivery(ledger, delivery, "state = 'sent', reason = NULL")


def put_off_delivery(ledger: Ledger, delivery: Delivery, next_at: float, reason: str, *, refused: bool) -> None:
    """Try a delivery again later."""
    counter = "refusals = refusals + 1" if refused else "attempts = attempts + 1"
    _set_delivery(ledger, delivery, f"{counter}, next_at = ?, reason = ?", next_at, reason)


def delivery_dead(ledger: Ledger, delivery: Delivery, reason: str) -> None:
    """Give a delivery up."""
    _set_delivery(ledger, delivery, "state = 'dead', reason = ?", reason)


def drop_targets(ledger: Ledger, known: Iterable[str]) -> int:
    """Give up what is meant for targets that are no longer configured; return how much that was."""
    names = tuple(known)
    marks = ", ".join("?" for _ in names)
    return ledger.write(
        "UPDATE deliveries SET state = 'dead', reason = 'the target is no longer configured' "
        f"WHERE state = 'pending' AND target NOT IN ({marks})",
        *names,
    )


def settled_visits(ledger: Ledger) -> tuple[tuple[int, str | None], ...]:
    """Return the scored visits of which no delivery is pending, each with the reason of a failed one, or None."""
    found = ledger.read(
        "SELECT visits.id, min(CASE WHEN deliveries.state = 'dead' "
        "THEN deliveries.target || ': ' || coalesce(deliveries.reason, 'given up') END) AS reason "
        "FROM visits LEFT JOIN deliveries ON deliveries.visit = visits.id WHERE visits.state = 'scored' "
        "GROUP BY visits.id HAVING coalesce(sum(deliveries.state = 'pending'), 0) = 0"
    )
    return tuple((row["id"], row["reason"]) for row in found)


def _set_delivery(ledger: Ledger, delivery: Delivery, change: str, *values: object) -> None:
    ledger.write(
        f"UPDATE deliveries SET {change} WHERE visit = ? AND target = ? AND object = ?",
        *values,
        delivery.visit,
        delivery.target,
        delivery.name,
    )


def _visit(row: sqlite3.Row) -> QueuedVisit:
    return QueuedVisit(row["id"], row["key"], row["state"], row["created_at"], row["starts"], row["faults"])


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(row["visit"], row["target"], row["object"], row["created_at"], row["attempts"], row["refusals"])
