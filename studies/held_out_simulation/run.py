"""How well the shipped weights score simulated exams they were never trained on.

Simulates exams with geometry seeds of the test fold, writes each film as DICOM, scores the files as a user would, and
compares with the truth of the simulation. Prints a table and writes `results.json` beside this script. The numbers
are about simulated films; they are not clinical results.

Usage: python studies/held_out_simulation/run.py [--exams 40] [--first-seed 950000]
"""

import argparse
import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from msasss.anatomy import Corner, Region, corners_of
from msasss.dicom import read_radiograph, write_radiograph
from msasss.errors import RadiographError
from msasss.evaluation import GradeAgreement, agreement_of_grades, agreement_of_totals, patient_bootstrap
from msasss.exam import Exam
from msasss.imaging import Landmarks
from msasss.imaging.landmarks import shift_levels
from msasss.pipeline.level_guard import level_warnings
from msasss.pipeline.networks import Networks, open_networks
from msasss.pipeline.pairing import Located
from msasss.pipeline.score import one_visit, score_visit
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading
from msasss.scoring import score_reading
from msasss.simulation import SimulatedFilm, render, simulate_layers

BOOTSTRAP_SEED = 1
# A seed decides a region's lesions in the same way for both regions: the two films of an exam take different seeds.
SEEDS_APART = {Region.CERVICAL: 0, Region.LUMBAR: 20_000}


@dataclass(frozen=True, slots=True)
class Case:
    """One simulated exam: what is true, and what the software said."""

    films: dict[Region, SimulatedFilm]
    truth: Reading
    exam: Exam | None
    true: list[int | None]
    answered: list[int | None]

    def said(self, corner: Corner) -> CornerFinding | None:
        """Return what the software said about a corner, or None if it refused the film."""
        if self.exam is None or corner.region not in self.exam.reading.images:
            return None
        return self.exam.reading[corner]


def main() -> None:
    """Run the study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exams", type=int, default=40)
    parser.add_argument("--first-seed", type=int, default=950_000)
    parser.add_argument("--weights", default="default")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()
    networks = open_networks(arguments.weights)
    cases, digest = [], hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.exams):
            films = {region: _film(region, seed + apart) for region, apart in SEEDS_APART.items()}
            for film in films.values():
                digest.update(film.pixels.tobytes())
            paths = [_write(film, Path(folder), seed) for film in films.values()]
            cases.append(_case(films, _score(paths, networks)))
            print(f"{len(cases)} of {arguments.exams}", end="\r", flush=True)
    report = {
        "exams": arguments.exams,
        "seeds": [arguments.first_seed, arguments.first_seed + arguments.exams],
        "digest": digest.hexdigest(),
        "weights": dict(networks.digests),
        **_localisation(cases),
        **_grades(cases),
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "results.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (arguments.out / "results.md").write_text(_markdown(report), encoding="utf-8")
    print(_markdown(report))


def _score(paths: Sequence[Path], networks: Networks) -> Exam | None:
    """Score the films of one exam as `msasss score` would; a film that is refused is left out, None if all are."""
    located = []
    for path in paths:
        radiograph = read_radiograph(path)
        try:
            located.append(Located(radiograph, networks.localiser.locate(radiograph)))
        except RadiographError:
            continue
    return score_visit(one_visit(located), networks.classifier) if located else None


def _film(region: Region, seed: int) -> SimulatedFilm:
    return render(simulate_layers(region, seed=seed), seed=seed)


def _write(film: SimulatedFilm, folder: Path, seed: int) -> Path:
    path = folder / f"{film.region.value}-{seed}.dcm"
    write_radiograph(
        path,
        film.pixels,
        spacing_mm=film.pixel_mm,
        patient_id=f"SIMULATED-{seed}",
        study_date=date(2026, 1, 1),
        region=film.region,
        uid_seed=str(seed),
    )
    return path


def _truth(films: dict[Region, SimulatedFilm]) -> Reading:
    findings = tuple(finding for film in films.values() for finding in film.findings)
    return Reading(Reader(ReaderKind.HUMAN, "simulation"), {region: region.value for region in films}, findings)


def _localisation(cases: Sequence[Case]) -> dict[str, Any]:
    errors: list[float] = []
    facing = regions = missed = invented = 0
    shifted, flagged = 0, 0
    right_exams = 0
    for case in cases:
        right = True
        for region, film in case.films.items():
            found = None if case.exam is None else case.exam.film(region)
            if found is None or found.landmarks is None:
                right = False
                missed += sum(film.landmarks.corner(corner) is not None for corner in corners_of(region))
                continue
            regions += 1
            is_facing = found.landmarks.facing is film.landmarks.facing
            facing += is_facing
            right &= is_facing
            if _shift(found.landmarks, film):
                shifted += 1
                flagged += bool(level_warnings(found.landmarks, found.source))
            for corner in corners_of(region):
                true, point = film.landmarks.corner(corner), found.landmarks.corner(corner)
                if true is not None and point is not None:
                    errors.append(float(np.hypot(true.x - point.x, true.y - point.y)) * film.pixel_mm)
                missed += true is not None and point is None
                invented += true is None and point is not None
        right_exams += right
    return {
        "exams_with_region_and_facing_right": right_exams,
        "films_with_region_right": regions,
        "films_with_facing_right": facing,
        "films_with_levels_shifted": shifted,
        "shifted_films_that_say_check_levels": flagged,
        "corner_error_mm": {
            "median": float(np.median(errors)),
            "p90": float(np.percentile(errors, 90)),
            "p95": float(np.percentile(errors, 95)),
            "within_2_mm": float(np.mean(np.asarray(errors) <= 2.0)),
        },
        "corners_found": len(errors),
        "corners_missed": missed,
        "corners_invented": invented,
    }


def _shift(found: Landmarks, film: SimulatedFilm) -> int:
    """Return by how many levels the column must be renamed to fit the truth best: 0 where it was named right."""

    def error_px(by: int) -> float:
        renamed = shift_levels(found, by)
        pairs = [(renamed.corner(each.corner), film.landmarks.corner(each.corner)) for each in film.findings]
        errors = [np.hypot(a.x - b.x, a.y - b.y) for a, b in pairs if a is not None and b is not None]
        return float(np.median(errors)) if errors else float("inf")

    return min((0, -1, 1, -2, 2), key=error_px)


def _case(films: dict[Region, SimulatedFilm], exam: Exam | None) -> Case:
    truth = _truth(films)
    true = score_reading(truth).grades
    said = [None if exam is None else exam.score.grades[corner] for corner in true]
    return Case(films, truth, exam, list(true.values()), said)


def _agreement(cases: Sequence[Case]) -> GradeAgreement:
    return agreement_of_grades([g for case in cases for g in case.true], [g for case in cases for g in case.answered])


def _grades(cases: Sequence[Case]) -> dict[str, Any]:
    agreement = _agreement(cases)
    baseline = _agreement([replace(case, answered=[0] * len(case.true)) for case in cases])

    def interval(statistic: str) -> list[float]:
        found = patient_bootstrap(cases, lambda drawn: getattr(_agreement(drawn), statistic), seed=BOOTSTRAP_SEED)
        return [found.estimate, found.low, found.high]

    totals = agreement_of_totals(
        [score_reading(case.truth).total for case in cases],
        [None if case.exam is None else case.exam.score.total for case in cases],
    )
    return {
        "corners": agreement.corners,
        "accuracy": interval("accuracy"),
        "balanced_accuracy": interval("balanced_accuracy"),
        "weighted_kappa": interval("weighted_kappa"),
        "recalls": list(agreement.recalls),
        "confusion": agreement.confusion.tolist(),
        "always_0": {"accuracy": baseline.accuracy, "balanced_accuracy": baseline.balanced_accuracy},
        "total": {
            "exams": totals.exams,
            "icc": totals.icc,
            "bias": totals.bias,
            "limits": list(totals.limits),
            "mean_absolute_error": totals.mean_absolute_error,
        },
        "lesions": {lesion.value: _detection(cases, lesion) for lesion in Lesion},
        "not_visible": _detection(cases, None),
    }


def _detection(cases: Sequence[Case], lesion: Lesion | None) -> dict[str, float | int]:
    """Count how a lesion is found among the corners that can be read; None stands for "not visible", among all.

    A corner of a film that was refused counts as not visible, without lesions.
    """
    table = np.zeros((2, 2), dtype=int)
    for case in cases:
        for finding in case.truth:
            said = case.said(finding.corner)
            if lesion is None:
                table[int(finding.not_visible), int(said is None or said.not_visible)] += 1
            elif not finding.not_visible:
                table[int(lesion in finding.lesions), int(said is not None and lesion in said.lesions)] += 1
    return {
        "positives": int(table[1].sum()),
        "sensitivity": float(table[1, 1] / max(table[1].sum(), 1)),
        "specificity": float(table[0, 0] / max(table[0].sum(), 1)),
    }


def _markdown(report: dict[str, Any]) -> str:
    def three(name: str) -> str:
        estimate, low, high = report[name]
        return f"{estimate:.3f} ({low:.3f} to {high:.3f})"

    error, total, baseline = report["corner_error_mm"], report["total"], report["always_0"]
    rows = [
        ("exams, all simulated", f"{report['exams']}"),
        ("exams with region and facing right", f"{report['exams_with_region_and_facing_right']}"),
        (
            "films with the levels named wrong; of these, saying so",
            f"{report['films_with_levels_shifted']}; {report['shifted_films_that_say_check_levels']}",
        ),
        ("corner error, mm at the detector: median; 95th percentile", f"{error['median']:.2f}; {error['p95']:.2f}"),
        (
            "corners found / missed / invented",
            f"{report['corners_found']} / {report['corners_missed']} / {report['corners_invented']}",
        ),
        ("corners graded by the truth", f"{report['corners']}"),
        ("accuracy (always 0)", f"{three('accuracy')} ({baseline['accuracy']:.3f})"),
        ("balanced accuracy (always 0)", f"{three('balanced_accuracy')} ({baseline['balanced_accuracy']:.3f})"),
        ("recall of grades 0, 1, 2, 3", ", ".join(f"{value:.3f}" for value in report["recalls"])),
        ("quadratic-weighted kappa", three("weighted_kappa")),
        ("total: ICC(2,1)", f"{total['icc']:.3f} ({total['exams']} exams with both totals)"),
        (
            "total: bias; limits of agreement",
            f"{total['bias']:+.1f}; {total['limits'][0]:.1f} to {total['limits'][1]:.1f}",
        ),
    ]
    lines = ["| simulated exams, held out | result |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows]
    lines += ["", "| lesion | positives | sensitivity | specificity |", "|---|---|---|---|"]
    found = {**report["lesions"], "not visible": report["not_visible"]}
    lines += [
        f"| {name} | {row['positives']} | {row['sensitivity']:.3f} | {row['specificity']:.3f} |"
        for name, row in found.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
