"""Train the lesion network of the bundle on simulated examples.

    python studies/bundled_weights/train_lesions.py EXAMPLES -o OUT --steps 3000 --minutes 35

Two threads train some 49 samples/s on two idle cores and one thread 25; where other work shares the cores, two threads
wait for each other and can be ten times slower than one.

Writes `lesions.onnx` and `lesions.json` to OUT; started again on the same OUT, it goes on from its last checkpoint.
"""

import argparse
import json
import logging
import math
import sys
from pathlib import Path

import torch

from msasss.training.lesion_run import RunSettings
from msasss.training.lesion_weights import train_lesions


def main() -> None:
    """Read the arguments, train, and print the figures on held-out films."""
    standard = RunSettings()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=standard.steps)
    parser.add_argument("--minutes", type=float, default=math.inf, help="end the run, annealed, after so long")
    parser.add_argument("--side-px", type=int, default=standard.side_px)
    parser.add_argument("--batch", type=int, default=standard.batch)
    parser.add_argument("--rate", type=float, default=standard.peak_rate, help="largest learning rate")
    parser.add_argument("--seed", type=int, default=standard.seed)
    parser.add_argument("--log-every", type=int, default=standard.log_every)
    parser.add_argument("--threads", type=int, default=1, help="2 only where nothing else runs")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    torch.set_num_threads(options.threads)
    settings = RunSettings(
        side_px=options.side_px,
        steps=options.steps,
        minutes=options.minutes,
        batch=options.batch,
        peak_rate=options.rate,
        seed=options.seed,
        log_every=options.log_every,
    )
    card = train_lesions(options.examples, options.out, settings)
    print(json.dumps(dict(card.metrics), indent=2))


if __name__ == "__main__":
    main()
