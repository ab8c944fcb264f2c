"""Simulate the labelled films that the networks of the bundle are trained on.

    python studies/bundled_weights/simulate.py -o EXAMPLES --seeds 0:400 900000:900040

One geometry seed is one patient on one view; each is drawn with several exposures. Films that exist are kept, so a
run that was stopped goes on where it was. Seeds from 900,000 on are held out: see `msasss.training.examples`.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from msasss.anatomy import Region
from msasss.training.examples import Example, example_name, save_example

DIGESTS = "SHA256SUMS"
MOST_APPEARANCES = 100


def simulate_patient(folder: Path, region: Region, seed: int, appearances: int) -> int:
    """Write the films of one geometry seed that are not there yet, and return how many were written."""
    missing = [k for k in range(appearances) if not (folder / example_name(region, seed, k)).exists()]
    if not missing:
        return 0
    from msasss.simulation import render
    from msasss.simulation.spine import simulate_layers

    layers = simulate_layers(region, seed=seed)
    for k in missing:
        film = render(layers, seed=seed * MOST_APPEARANCES + k)
        pixels = np.round(film.pixels * 255).astype(np.uint8)
        example = Example(pixels, film.pixel_mm, film.landmarks, film.findings)
        save_example(folder / example_name(region, seed, k), example)
    return len(missing)


def simulate_patients(
    folder: Path, patients: Sequence[tuple[Region, int]], *, appearances: int, workers: int
) -> Iterator[tuple[str, int | Exception]]:
    """Simulate many patients at once; yield the name of each that is done, with its films or what went wrong."""
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_use_one_thread) as pool:
        pending = {
            pool.submit(simulate_patient, folder, region, seed, appearances): f"{region.value} {seed}"
            for region, seed in patients
        }
        for done in as_completed(pending):
            error = done.exception()
            if error is not None and not isinstance(error, Exception):
                raise error
            yield pending[done], done.result() if error is None else error


def write_digests(folder: Path) -> None:
    """List the sha256 of every film, as `sha256sum` does."""
    from msasss.models.weights import sha256_of

    lines = [f"{sha256_of(path)}  {path.name}\n" for path in sorted(folder.glob("*.npz"))]
    (folder / DIGESTS).write_text("".join(lines), encoding="utf-8")


def _use_one_thread() -> None:
    """Patients are simulated beside each other; threads within one would only compete."""
    os.environ.update(NUMBA_NUM_THREADS="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")


def _seed_range(text: str) -> range:
    first, _, stop = text.partition(":")
    return range(int(first), int(stop))


def main() -> int:
    """Read the arguments and simulate; 1 if a patient failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--region", choices=[*(region.value for region in Region), "both"], default="both")
    parser.add_argument("--seeds", type=_seed_range, nargs="+", required=True, metavar="FIRST:STOP")
    parser.add_argument("--appearances", type=int, default=3, choices=range(1, MOST_APPEARANCES), metavar="N")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    regions = [region for region in Region if options.region in (region.value, "both")]
    patients = [(region, seed) for seeds in options.seeds for seed in seeds for region in regions]
    started, films, failed = time.monotonic(), 0, 0
    runs = simulate_patients(options.out, patients, appearances=options.appearances, workers=options.workers)
    for count, (name, outcome) in enumerate(runs, start=1):
        if isinstance(outcome, int):
            films += outcome
        else:
            failed += 1
            print(f"{name}: {outcome}", file=sys.stderr)
        if count % 10 == 0 or count == len(patients):
            pace = (time.monotonic() - started) / count
            rest = pace * (len(patients) - count) / 60
            print(f"{count}/{len(patients)} patients, {films} films, {rest:.1f} min left", file=sys.stderr, flush=True)
    write_digests(options.out)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
