"""Putting folder and queue in order when a node starts, after whatever ended the one before."""

import time
from collections.abc import Sequence

from msasss.apps.node.courier import settle
from msasss.apps.node.desk import Desk
from msasss.apps.node.films import add_film, wait_again
from msasss.apps.node.visits import drop_targets

_ENDED = ("done", "ignored", "duplicate")


def recover(desk: Desk) -> None:
    """Make what the last node left behind ready to go on.

    A film that is on the disk but not in the queue enters it: its sender was not yet told that it arrived. Files of
    what has ended are deleted, those of what was given up go to the dead letters. Films that wait get their whole wait
    again, as no partner could come meanwhile.
    """
    states = {row["token"]: row for row in desk.ledger.read("SELECT token, state, id, visit, reason FROM films")}
    for token in desk.spool.tokens():
        row = states.get(token)
        if row is None:
            add_film(desk.ledger, token, "")
        elif row["state"] in _ENDED:
            desk.spool.drop_films([token])
        elif row["state"] == "dead":
            name = f"film-{row['id']:06d}" if row["visit"] is None else f"visit-{row['visit']:06d}"
            desk.spool.bury(name, row["reason"] or "see the visit", tokens=[token])
    _drop_results(desk)
    dropped = drop_targets(desk.ledger, [target.name for target in desk.config.targets])
    if dropped:
        desk.log.warn("deliveries_dropped", {"number": dropped})
    wait_again(desk.ledger, time.time() + desk.config.patience.wait_s)
    settle(desk)


def retry_dead(desk: Desk) -> int:
    """Take the dead letters back: undelivered results are sent again, films that were given up are scored again.

    Returns:
        The number of dead letters.
    """
    visits = desk.ledger.read(
        "SELECT id, key, (SELECT count(*) FROM deliveries WHERE visit = visits.id) AS deliveries "
        "FROM visits WHERE state = 'dead'"
    )
    for row in visits:
        name = f"visit-{row['id']:06d}"
        made_since = desk.ledger.read("SELECT 1 FROM visits WHERE key = ? AND state != 'dead'", row["key"])
        if made_since or not (desk.spool.dead / name).exists():
            continue
        if row["deliveries"]:
            desk.spool.unbury(name, row["id"])
            _send_again(desk, row["id"])
        else:
            _arrive_again(desk, desk.spool.unbury(name))
    for grave in sorted(desk.spool.dead.glob("film-*")):
        _arrive_again(desk, desk.spool.unbury(grave.name))
    return len(visits)


def drop_old_dead(desk: Desk) -> None:
    """Delete dead letters that are older than the settings allow."""
    number = desk.spool.drop_dead(desk.config.keep_dead_s)
    if number:
        desk.log.note("dead_letters_deleted", {"number": number})


def _drop_results(desk: Desk) -> None:
    """Delete objects of visits that are not to be delivered; those of given-up visits go to the dead letters."""
    states = {row["id"]: row for row in desk.ledger.read("SELECT id, state, reason FROM visits")}
    for folder in sorted(desk.spool.results.iterdir()):
        row = states.get(int(folder.name)) if folder.name.isdigit() else None
        if row is not None and row["state"] == "dead":
            desk.spool.bury(f"visit-{row['id']:06d}", row["reason"] or "unknown", visit=row["id"])
        elif row is not None and row["state"] == "done":
            desk.spool.drop_results(row["id"])


def _send_again(desk: Desk, visit: int) -> None:
    with desk.ledger.transaction() as connection:
        connection.execute(
            "UPDATE visits SET state = 'scored', reason = NULL, created_at = ? WHERE id = ?", (time.time(), visit)
        )
        connection.execute("UPDATE films SET state = 'paired' WHERE visit = ? AND state = 'dead'", (visit,))
        connection.execute(
            "UPDATE deliveries SET state = 'pending', attempts = 0, refusals = 0, next_at = 0 "
            "WHERE visit = ? AND state = 'dead'",
            (visit,),
        )


def _arrive_again(desk: Desk, tokens: Sequence[str]) -> None:
    with desk.ledger.transaction() as connection:
        connection.executemany(
            "UPDATE films SET state = 'received', visit = NULL, starts = 0, faults = 0, next_at = 0, reason = NULL "
            "WHERE token = ?",
            [(token,) for token in tokens],
        )
