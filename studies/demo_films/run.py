"""Make the two example films that the package ships: one simulated patient, seen on both views.

The seeds were chosen by eye for films that show several lesions clearly; they belong to the test fold, outside the
seeds that any study reports on.

Usage: python studies/demo_films/run.py [--cervical-seed 999002] [--lumbar-seed 999001] [--out DIR]
"""

import argparse
from datetime import date
from pathlib import Path

from pydicom import dcmread
from pydicom.uid import JPEGLSLossless

from msasss.anatomy import Region
from msasss.dicom import write_radiograph
from msasss.simulation import render, simulate_layers

SHIPPED = Path(__file__).parents[2] / "src" / "msasss" / "pipeline" / "demo_films"


def main() -> None:
    """Write the films."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cervical-seed", type=int, default=999_002)
    parser.add_argument("--lumbar-seed", type=int, default=999_001)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    seeds = {Region.CERVICAL: arguments.cervical_seed, Region.LUMBAR: arguments.lumbar_seed}
    for region, seed in seeds.items():
        film = render(simulate_layers(region, seed=seed), seed=seed)
        path = arguments.out / f"{region.value}.dcm"
        write_radiograph(
            path,
            film.pixels,
            spacing_mm=film.pixel_mm,
            patient_id="SIMULATED-DEMO",
            patient_name="Demo^Simulated",
            study_date=date(2026, 1, 15),
            region=region,
            facing=film.landmarks.facing,
            uid_seed="demo",
        )
        compressed = dcmread(path)
        compressed.compress(JPEGLSLossless, generate_instance_uid=False)
        compressed.save_as(path)
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
