"""The node's numbers, in the text format of Prometheus; none of them is about a patient."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from msasss.apps.node.ledger import Ledger
from msasss.apps.node.spool import Spool

_SECONDS = (0.5, 1, 2, 5, 10, 20, 60, 120, 300)


class Metrics:
    """Counters since the node started, and the state of its queue at the moment it is asked."""

    def __init__(self, ledger: Ledger, spool: Spool) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Queue(ledger, spool))
        self.films_received = self._counter("msasss_films_received", "Films stored")
        self.films_ignored = self._counter("msasss_films_ignored", "Objects dropped: duplicates, our own results")
        self.peers_refused = self._counter("msasss_peers_refused", "Peers turned away", "reason")
        self.storage_failures = self._counter("msasss_storage_failures", "Films refused for want of room")
        self.dead_letters = self._counter("msasss_dead_letters", "Films and visits given up", "kind")
        self.scorer_faults = self._counter("msasss_scorer_faults", "Work on a film that failed and is tried again")
        self.visits_scored = self._counter("msasss_visits_scored", "Visits scored", "regions")
        self.objects_sent = self._counter("msasss_objects_sent", "Objects that a target has stored", "target")
        self.send_failures = self._counter("msasss_send_failures", "Failed attempts to deliver", "target", "reason")
        self.seconds = Histogram(
            "msasss_work_seconds", "Duration of work", ["work"], buckets=_SECONDS, registry=self._registry
        )

    def text(self) -> bytes:
        """Return all numbers."""
        return generate_latest(self._registry)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self._registry)


class _Queue(Collector):
    """Reads the queue whenever somebody asks."""

    def __init__(self, ledger: Ledger, spool: Spool) -> None:
        self._ledger, self._spool = ledger, spool

    def describe(self) -> list[Metric]:
        """Name nothing beforehand, so that registering does not read the queue."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield what is in the queue, and the room left."""
        queue = GaugeMetricFamily("msasss_queue", "Films, visits and deliveries by state", labels=["kind", "state"])
        for (table, state), number in sorted(self._ledger.counts().items()):
            queue.add_metric([table, state], number)
        yield queue
        yield GaugeMetricFamily("msasss_free_bytes", "Room left in the node's folder", value=self._spool.free_bytes())
