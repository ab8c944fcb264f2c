"""Time `msasss score` on the demo's exam: cold (a new process), warm (the same process again), and peak memory.

Usage: python benchmarks/score_exam.py [--runs 5]
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MSASSS = str(Path(sys.executable).with_name("msasss"))
WARM = """
import sys, time, resource
from pathlib import Path
from msasss.pipeline.intake import gather
from msasss.pipeline.networks import open_networks
from msasss.pipeline.score import score_exam

files, runs = [Path(name) for name in sys.argv[2:]], int(sys.argv[1])
networks = open_networks()
seconds = []
for _ in range(runs + 1):
    start = time.perf_counter()
    score_exam(gather(files).radiographs, networks.localiser, networks.classifier)
    seconds.append(time.perf_counter() - start)
print(*seconds[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        films = _demo_films(Path(folder))
        cold = [_cold(films, Path(folder) / f"out-{place}") for place in range(runs)]
        answer = subprocess.run(
            [sys.executable, "-c", WARM, str(runs), *films], check=True, capture_output=True, text=True
        ).stdout.splitlines()
    warm = [float(value) for value in answer[0].split()]
    children_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print("| one exam, two films | median | slowest |")
    print("|---|---|---|")
    print(f"| cold, a new process | {statistics.median(cold):.2f} s | {max(cold):.2f} s |")
    print(f"| warm, read and scored | {statistics.median(warm):.2f} s | {max(warm):.2f} s |")
    print(f"| peak memory | {children_mb:.0f} MB | |")


def _demo_films(folder: Path) -> list[str]:
    subprocess.run([MSASSS, "demo", "-o", str(folder / "demo")], check=True, capture_output=True)
    return sorted(str(path) for path in (folder / "demo").rglob("*.dcm"))


def _cold(films: list[str], out: Path) -> float:
    start = time.perf_counter()
    subprocess.run([MSASSS, "score", *films, "-o", str(out)], check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
