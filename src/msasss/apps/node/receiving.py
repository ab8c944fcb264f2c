"""What happens to an object that arrives: it is on the disk and in the queue before the sender is told so."""

import sqlite3

from msasss.apps.node.desk import Desk
from msasss.apps.node.films import add_film
from msasss.apps.node.node_log import Fields
from msasss.dicom.service import Answer, Arrival, Refusal


def receive(desk: Desk, arrival: Arrival) -> Answer:
    """Keep a film; what it shows is found out later, so that no damaged file can trouble the association."""
    if desk.spool.free_bytes() < desk.config.least_free_bytes + len(arrival.content):
        return _no_room(desk, "disk")
    token = None
    try:
        token = desk.spool.add_film(arrival.content)
        is_new = add_film(desk.ledger, token, arrival.uid)
    except (OSError, sqlite3.Error) as error:
        if token is not None:
            desk.spool.drop_films([token])
        return _no_room(desk, type(error).__name__)
    fields: Fields = {"film": desk.log.pseudonym(arrival.uid), "from": arrival.ae_title, "bytes": len(arrival.content)}
    if is_new:
        desk.metrics.films_received.inc()
        desk.log.note("film_received", fields)
        desk.arrived.set()
    else:
        desk.spool.drop_films([token])
        desk.metrics.films_ignored.inc()
        desk.log.note("film_known", fields)
    return Answer.STORED


def refuse(desk: Desk, reason: Refusal, ae_title: str, address: str) -> None:
    """Note that a peer was turned away."""
    desk.metrics.peers_refused.labels(reason.value).inc()
    desk.log.warn("peer_refused", {"reason": reason.value, "from": ae_title[:16], "address": address})


def _no_room(desk: Desk, reason: str) -> Answer:
    desk.metrics.storage_failures.inc()
    desk.log.warn("film_refused", {"reason": reason})
    return Answer.OUT_OF_RESOURCES
