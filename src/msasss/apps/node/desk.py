"""What all parts of a node share: settings, folder, queue, log and numbers."""

import threading
from dataclasses import dataclass, field

from msasss.apps.node.config import NodeConfig
from msasss.apps.node.ledger import Ledger
from msasss.apps.node.metrics import Metrics
from msasss.apps.node.node_log import NodeLog
from msasss.apps.node.spool import Spool


@dataclass(frozen=True, slots=True)
class Desk:
    """What all parts of a node share.

    Args:
        config: Its settings.
        spool: Its folder.
        ledger: Its queue.
        log: Its log.
        metrics: Its numbers.
        stopping: Set when the node is to stop.
        arrived: Set when there may be a film to look at.
        scored: Set when there may be a result to send.
    """

    config: NodeConfig
    spool: Spool
    ledger: Ledger
    log: NodeLog
    metrics: Metrics
    stopping: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    scored: threading.Event = field(default_factory=threading.Event)
