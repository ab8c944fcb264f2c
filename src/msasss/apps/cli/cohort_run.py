"""Runs of `msasss cohort build`, `check` and `split`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from msasss.apps.cli.console import counted, note, result
from msasss.apps.cli.networks import named_bundle
from msasss.cohort import (
    CohortReport,
    Fold,
    PatientTraits,
    SplitPlan,
    check_cohort,
    load_cohort,
    split_patients,
    traits_of,
    write_split,
)
from msasss.cohort.layout import SPLIT
from msasss.errors import InputError, UsageError
from msasss.models.localiser import open_localiser
from msasss.models.ports import Localiser
from msasss.pipeline.cohort_building import CohortPlan, ImageForm, build_cohort
from msasss.pipeline.intake import stream
from msasss.reading import Lesion


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What the command line asks for.

    Args:
        inputs: Files, folders and zips.
        output: The cohort.
        key: Where to write who is who.
        images: How films come into the cohort.
        weights: The networks; None to take the region from the header.
        threads: CPU threads of the localiser.
    """

    inputs: tuple[Path, ...]
    output: Path
    key: Path
    images: str
    weights: str | None
    threads: int

    def __post_init__(self) -> None:
        if not self.inputs:
            msg = "Expected films, got none. Name files, folders or zips; see msasss cohort build --help."
            raise UsageError(msg)


def run_build(request: BuildRequest) -> int:
    """Build a cohort.

    Returns:
        The exit code: 0, or 3 if films were left out.

    Raises:
        MsasssError: If an input or the weights are missing, the cohort exists, or no film makes a visit.
    """
    form = ImageForm(request.images)
    plan = CohortPlan(request.output, request.key, form, _localiser(request))
    films = counted(stream(request.inputs), "Taking in film")
    built = build_cohort(films, plan, inputs=request.inputs)
    images = sum(len(visit.images) for visit in built.visits)
    patients = len({visit.patient for visit in built.visits})
    result(f"Wrote {request.output}: {patients} patients, {len(built.visits)} visits, {images} images")
    result(f"Wrote {request.key}")
    note(f"Keep {request.key} secret and apart from the cohort: it says who is who. Dates are the true ones.")
    note("Look at the films: text burned into the pixels stays.")
    if form is not ImageForm.PNG:
        note("The films are kept with their headers, which name patients. Do not give this cohort away.")
    for failure in built.failures:
        note(f"Failed: {failure.message}")
    return InputError.exit_code if built.failures else 0


def run_check(folder: Path, *, pixels: bool, as_json: bool) -> int:
    """Check a cohort and print what is wrong with it.

    Returns:
        The exit code: 0, or 3 if anything is.

    Raises:
        UsageError: If there is no such folder.
    """
    report = check_cohort(folder, pixels=pixels, progress=lambda images: counted(images, "Checking image"))
    if as_json:
        result(json.dumps(asdict(report), indent=2, ensure_ascii=False))
    else:
        for problem in report.problems:
            result(str(problem))
        result(_summary(report))
    return InputError.exit_code if report.problems else 0


def run_split(folder: Path, *, seed: int, test_share: float, validation_share: float) -> int:
    """Split a cohort and print what its folds hold.

    Returns:
        The exit code, 0.

    Raises:
        MsasssError: If the cohort is not well formed, was split before, or is too small.
    """
    plan = SplitPlan(seed, test_share, validation_share)
    cohort = load_cohort(folder)
    traits = traits_of(cohort)
    folds = split_patients(traits, plan)
    write_split(folder, folds)
    for line in _fold_lines(traits, folds):
        result(line)
    result(f"Wrote {folder / SPLIT} (seed {seed})")
    return 0


def _localiser(request: BuildRequest) -> Localiser | None:
    return None if request.weights is None else open_localiser(named_bundle(request.weights), threads=request.threads)


def _summary(report: CohortReport) -> str:
    found = f"{len(report.problems)} problems" if report.problems else "no problem"
    return (
        f"{report.patients} patients, {report.visits} visits ({report.sets} with both views), {report.images} images, "
        f"{report.readings} readings by {len(report.readers)} readers: {found}"
    )


def _fold_lines(traits: Sequence[PatientTraits], folds: Mapping[str, Fold]) -> list[str]:
    """Return a table: per fold its patients, visits, mean score, and patients with each lesion."""
    lines = [f"{'fold':<12}{'patients':>9}{'visits':>8}{'score':>7}" + "".join(f"{it.value:>15}" for it in Lesion)]
    for fold in Fold:
        own = [it for it in traits if folds[it.patient] is fold]
        scores = [it.score for it in own if it.score is not None]
        score = f"{sum(scores) / len(scores):.1f}" if scores else "-"
        counts = "".join(f"{sum(lesion in it.lesions for it in own):>15}" for lesion in Lesion)
        lines.append(f"{fold.value:<12}{len(own):>9}{sum(it.visits for it in own):>8}{score:>7}{counts}")
    return lines
