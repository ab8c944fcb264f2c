"""What `msasss evaluate` does."""

import hashlib
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from msasss.apps.cli.console import note, result
from msasss.apps.cli.schemes import choose_scheme
from msasss.cohort import Cohort, Fold, load_cohort
from msasss.cohort.layout import TABLES
from msasss.errors import UsageError
from msasss.evaluation.comparison import Settings
from msasss.evaluation.evaluate import Evaluation, evaluate
from msasss.evaluation.output import (
    FIGURES,
    EvaluationProvenance,
    check_folder,
    headline,
    prepare_folder,
    write_evaluation,
)
from msasss.evaluation.study import Study, centres_of, of_centre, of_fold, study_of, study_of_images
from msasss.formats import probabilities_csv, readings_csv
from msasss.reading import Reading

ALL = "all"


@dataclass(frozen=True, slots=True)
class Sources:
    """What is read.

    Args:
        readings: Tables of readings.
        cohort: Folder of a cohort; its readings come too.
        probabilities: Tables of probabilities.
        simulated: The films are simulated.
    """

    readings: tuple[Path, ...] = ()
    cohort: Path | None = None
    probabilities: tuple[Path, ...] = ()
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for.

    Args:
        sources: What is read.
        output: Folder to write.
        reference: A reader, or "consensus".
        fold: Name of a fold, "all", or None for the test fold where there is one.
        scheme: Name or file of the scheme.
        squaring: Where squaring counts; None as the scheme has it.
        draws: Resamples of patients.
        seed: Of the resamples.
        per_centre: Evaluate each centre as well.
        figures: Draw figures.
        overwrite: Replace an earlier evaluation.
    """

    sources: Sources
    output: Path
    reference: str = "consensus"
    fold: str | None = None
    scheme: str = "msasss"
    squaring: str | None = None
    draws: int = 1000
    seed: int = 1
    per_centre: bool = False
    figures: bool = True
    overwrite: bool = False


def run_evaluation(request: Request) -> None:
    """Evaluate readings and write the results.

    Raises:
        UsageError: If there is nothing to read or to compare, or the folder holds something else.
        InputError: If a table is not well formed.
    """
    settings = Settings(request.reference, choose_scheme(request.scheme, request.squaring), request.draws, request.seed)
    check_folder(request.output, overwrite=request.overwrite)
    study = read_study(request)
    evaluation = _evaluate(study, settings, request, request.output)
    result(headline(evaluation))
    for centre, folder in _centre_folders(study) if request.per_centre else ():
        try:
            _evaluate(of_centre(study, centre), settings, request, request.output / folder)
        except UsageError as error:
            note(f"{folder}: {error}")
    if request.figures and not _has_matplotlib():
        note("No figures: matplotlib is not installed. Run 'pip install \"msasss[evaluate]\"' for them.")
    note(f"Wrote {request.output}.")


def read_study(request: Request) -> Study:
    """Read what there is to compare.

    Raises:
        UsageError: If nothing is named, or no patient is in the fold.
        InputError: If a table is not well formed.
    """
    sources = request.sources
    if not sources.readings and sources.cohort is None:
        msg = "Expected readings, got none. Name a readings.csv, or a cohort that has one with --cohort."
        raise UsageError(msg)
    cohort = None if sources.cohort is None else load_cohort(sources.cohort)
    readings = _readings(sources, cohort)
    if cohort is None:
        if request.fold not in (None, ALL):
            msg = f"Expected a cohort that was split for the fold {request.fold}, got none. Name it with --cohort."
            raise UsageError(msg)
        return study_of_images(readings, simulated=sources.simulated)
    study = study_of(
        cohort.visits,
        readings,
        patients=cohort.patients,
        notes=cohort.images,
        folds=cohort.folds,
        simulated=sources.simulated,
    )
    return of_fold(study, _fold(request.fold, cohort))


def _readings(sources: Sources, cohort: Cohort | None) -> tuple[Reading, ...]:
    own = [reading for path in sources.readings for reading in readings_csv.load(path)]
    readings = own if cohort is None else [*own, *cohort.readings]
    probabilities = [] if cohort is None else [*cohort.probabilities]
    read = {(image, reading.reader.id) for reading in readings for image in reading.images.values()}
    for path in sources.probabilities:
        given = probabilities_csv.load(path)
        if not any((item.image, item.reader) in read for item in given):
            msg = (
                f"Expected probabilities of images and readers that were read, got none in {path.name}. Compare names."
            )
            raise UsageError(msg)
        probabilities += given
    return probabilities_csv.with_probabilities(readings, probabilities)


def _fold(name: str | None, cohort: Cohort) -> Fold | None:
    if name is None:
        return Fold.TEST if Fold.TEST in cohort.folds.values() else None
    return None if name == ALL else Fold(name)


def _evaluate(study: Study, settings: Settings, request: Request, folder: Path) -> Evaluation:
    start = time.process_time()
    evaluation = evaluate(study, settings)
    provenance = EvaluationProvenance(
        software=f"msasss {version('msasss')}",
        created_at=datetime.now(UTC).replace(microsecond=0),
        inputs=_digests(request.sources),
        seconds=time.process_time() - start,
    )
    prepare_folder(folder)
    write_evaluation(evaluation, folder, provenance)
    if request.figures and _has_matplotlib():
        # matplotlib is an extra, and takes a second to import.
        from msasss.evaluation.figures import write_figures

        (folder / FIGURES).mkdir(exist_ok=True)
        write_figures(evaluation, folder / FIGURES)
    return evaluation


def _has_matplotlib() -> bool:
    return find_spec("matplotlib") is not None


def _centre_folders(study: Study) -> Iterable[tuple[str, str]]:
    """Return each centre with a folder name that is one on every system."""
    for number, centre in enumerate(centres_of(study), start=1):
        yield centre, f"centre-{number}-{re.sub('[^A-Za-z0-9]+', '-', centre).strip('-').lower()}".rstrip("-")


def _digests(sources: Sources) -> dict[str, str]:
    """Return the sha256 of each file read, by name without the folders around it."""
    own = [*sources.readings, *sources.probabilities]
    names = [path.name for path in own]
    files = {
        name if names.count(name) == 1 else f"{name} ({number})": path
        for number, (name, path) in enumerate(zip(names, own, strict=True), start=1)
    }
    if sources.cohort is not None:
        tables = [sources.cohort / name for name in TABLES]
        files |= {f"cohort/{path.name}": path for path in tables if path.is_file()}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
