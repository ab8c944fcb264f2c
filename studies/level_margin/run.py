"""From which level margin on the naming of the levels can be trusted, on simulated validation films.

Prints the margins of the films whose levels were named wrong, and low percentiles of the others'.

Usage: python studies/level_margin/run.py EXAMPLES [--weights default]
"""

import argparse
from pathlib import Path

import numpy as np

from msasss.errors import RadiographError
from msasss.imaging import Landmarks
from msasss.imaging.landmarks import shift_levels
from msasss.pipeline.networks import open_networks
from msasss.training.examples import Example, Fold, example_paths, load_example, radiograph_of


def main() -> None:
    """Locate every film and print the margins."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path)
    parser.add_argument("--weights", default="default")
    arguments = parser.parse_args()
    localiser = open_networks(arguments.weights).localiser
    right, wrong, refused = [], [], 0
    for path in example_paths(arguments.examples, fold=Fold.VALIDATION):
        example = load_example(path)
        try:
            found = localiser.locate(radiograph_of(example, path.name))
        except RadiographError:
            refused += 1
            continue
        shift = min((-1, 0, 1), key=lambda by: _error_px(shift_levels(found, by), example))
        (wrong if shift else right).append(found.level_margin)
    print(f"films {len(right) + len(wrong) + refused}, refused {refused}, levels wrong {len(wrong)}")
    print("margins where wrong:", np.round(sorted(wrong), 2).tolist())
    print("percentiles 1, 5, 10, 25 where right:", np.percentile(right, [1, 5, 10, 25]).round(2).tolist())


def _error_px(found: Landmarks, example: Example) -> float:
    pairs = [(found.corner(each.corner), example.landmarks.corner(each.corner)) for each in example.findings]
    errors = [np.hypot(a.x - b.x, a.y - b.y) for a, b in pairs if a is not None and b is not None]
    return float(np.median(errors)) if errors else float("inf")


if __name__ == "__main__":
    main()
