"""A node with test networks as a process of its own, to be killed: node_process.py FOLDER PORT ARCHIVE_PORT."""

import sys
import warnings
from pathlib import Path

from msasss.apps.node.node import run_node
from msasss.apps.node.node_log import log_to
from support.node_doubles import archive_target, node_config, scorer_of

if __name__ == "__main__":
    folder, port, archive_port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    warnings.simplefilter("ignore")
    log_to(sys.stderr)
    config = node_config(folder, archive_target(archive_port), port=port)
    run_node(config, scorer_of(config))
