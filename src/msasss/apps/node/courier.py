"""The part of a node that delivers: one courier per target, so that one that is down keeps no other waiting."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msasss.apps.node.backoff import delay_s
from msasss.apps.node.config import Target
from msasss.apps.node.desk import Desk
from msasss.apps.node.films import films_of
from msasss.apps.node.node_log import Fields
from msasss.apps.node.visits import (
    Delivery,
    close_visit,
    delivery_dead,
    delivery_sent,
    due_deliveries,
    put_off_delivery,
    settled_visits,
)
from msasss.dicom.transfer import DicomTarget, Receipt, send_by_association
from msasss.dicom.web import WebTarget, send_by_web
from msasss.errors import MsasssError, NetworkError

# A target that refused an object so often means it.
MOST_REFUSALS: Final = 3

Send = Callable[[DicomTarget | WebTarget, Sequence[Path]], Iterator[Receipt]]


def send_files(address: DicomTarget | WebTarget, files: Sequence[Path]) -> Iterator[Receipt]:
    """Send DICOM files to a target of either kind, and yield a receipt after each.

    Raises:
        NetworkError: If the target does not answer or cannot at the moment.
    """
    if isinstance(address, DicomTarget):
        yield from send_by_association(address, files)
    else:
        yield from send_by_web(address, files)


class Courier:
    """Delivers to one target, the results of one visit after the other.

    Args:
        desk: What the parts of the node share.
        target: Where to.
        send: Sends files.
    """

    def __init__(self, desk: Desk, target: Target, send: Send = send_files) -> None:
        self._desk, self._target, self._send = desk, target, send
        self.name = target.name
        self.problem: str | None = None  # why the last attempt failed

    def step(self) -> bool:
        """Deliver what is due; return whether there was anything."""
        due = due_deliveries(self._desk.ledger, self._target.name)
        by_visit: dict[int, list[Delivery]] = defaultdict(list)
        for delivery in due:
            by_visit[delivery.visit].append(delivery)
        for deliveries in by_visit.values():
            if self._desk.stopping.is_set():
                break
            self._deliver(deliveries)
            settle(self._desk)
        return bool(due)

    def _deliver(self, deliveries: Sequence[Delivery]) -> None:
        folder = self._desk.spool.result_folder(deliveries[0].visit)
        left = {folder / delivery.name: delivery for delivery in deliveries}
        try:
            for receipt in self._send(self._target.address, list(left)):
                self._settle(left.pop(receipt.file), receipt)
                if self._desk.stopping.is_set():
                    return
            self.problem = None
        except (MsasssError, OSError) as error:
            reason = str(error) if isinstance(error, NetworkError) else type(error).__name__
            self.problem = reason
            for delivery in left.values():
                self._put_off(delivery, reason, refused=False)
            self._log_failure(deliveries[0].visit, type(error).__name__)

    def _settle(self, delivery: Delivery, receipt: Receipt) -> None:
        desk = self._desk
        if receipt.refusal is None:
            delivery_sent(desk.ledger, delivery)
            desk.metrics.objects_sent.labels(self._target.name).inc()
            fields: Fields = {"visit": delivery.visit, "target": self._target.name, "object": delivery.name}
            desk.log.note("object_sent", fields)
            return
        self._put_off(delivery, receipt.refusal, refused=True)
        self._log_failure(delivery.visit, "refused")

    def _put_off(self, delivery: Delivery, reason: str, *, refused: bool) -> None:
        retry, ledger = self._desk.config.retry, self._desk.ledger
        failures = delivery.attempts + delivery.refusals + 1
        is_old = time.time() - delivery.created_at > retry.give_up_after_s
        if is_old or (refused and delivery.refusals + 1 >= MOST_REFUSALS):
            delivery_dead(ledger, delivery, reason)
        else:
            put_off_delivery(ledger, delivery, time.time() + delay_s(retry, failures), reason, refused=refused)

    def _log_failure(self, visit: int, reason: str) -> None:
        self._desk.metrics.send_failures.labels(self._target.name, reason).inc()
        self._desk.log.warn("send_failed", {"visit": visit, "target": self._target.name, "reason": reason})


def settle(desk: Desk) -> None:
    """Bring the visits to an end of which nothing is left to deliver, and tidy up after them."""
    for visit, reason in settled_visits(desk.ledger):
        if not close_visit(desk.ledger, visit, "done" if reason is None else "dead", reason):
            continue  # another courier was quicker
        tokens = [film.token for film in films_of(desk.ledger, visit)]
        if reason is None:
            desk.spool.drop_results(visit)
            desk.spool.drop_films(tokens)
            desk.log.note("visit_done", {"visit": visit})
        else:
            desk.spool.bury(f"visit-{visit:06d}", reason, tokens=tokens, visit=visit)
            desk.metrics.dead_letters.labels("visit").inc()
            desk.log.warn("visit_dead", {"visit": visit, "reason": "undelivered"})
