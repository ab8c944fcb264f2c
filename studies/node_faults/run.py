"""How a node stands being killed: films arrive while it is killed at random moments, a hundred times.

Two views each of 50 simulated patients, a film without a spine and a torn one are sent to a node in a process of its
own, by a sender that repeats what it was not told to have arrived, and the results are taken by an archive on loopback.
The networks are stand-ins that need no time, so that most of each life is spent receiving, queueing and delivering.

Usage: python studies/node_faults/run.py [--studies 50] [--kills 100] [--seed 1] [--out results.json]
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from support.node_faults import kill_while_sending


def main() -> None:
    """Run the study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=50)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="node-faults-") as folder:
        outcome = kill_while_sending(
            Path(folder), studies=arguments.studies, kills=arguments.kills, seed=arguments.seed
        )
    events = [json.loads(line)["event"] for line in outcome.log.splitlines()]
    record = {
        "studies": arguments.studies,
        "kills": arguments.kills,
        "patients_with_a_result": len(outcome.results),
        "most_results_of_a_patient": max(outcome.results.values()),
        "objects_delivered_again": sum(count - 1 for count in outcome.deliveries.values()),
        "delivered_again_alike": outcome.alike,
        "dead_letters": list(outcome.dead),
        "left_over_files": len(outcome.left),
        "lives_that_became_ready": events.count("node_started"),
        "peak_memory_mb": round(outcome.peak_mb),
        "seconds": round(time.monotonic() - began),
    }
    text = json.dumps(record, indent=1)
    sys.stdout.write(text + "\n")
    if arguments.out is not None:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
