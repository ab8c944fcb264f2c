"""One run of `msasss score`: reads, scores, prints and writes, and says how it ended."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from msasss.apps.cli.console import counted, note, result
from msasss.apps.cli.networks import bundle_folders
from msasss.apps.cli.schemes import choose_scheme
from msasss.apps.cli.tables import show_exam
from msasss.errors import InputError, UsageError
from msasss.exam import Exam
from msasss.formats import exam_json, readings_csv
from msasss.imaging import Landmarks, Radiograph
from msasss.models.ports import Localiser
from msasss.pipeline.intake import Failure, Intake, gather, names_apart
from msasss.pipeline.known_points import KnownPoints, check_all_named, load_points
from msasss.pipeline.networks import Networks, open_networks
from msasss.pipeline.outputs import exam_name, write_exam, write_failures
from msasss.pipeline.pairing import Located, Pairing, Visit, pair_exams
from msasss.pipeline.visits import locate_films, score_readings, score_visits
from msasss.scoring import ScoringScheme

Outcome = Exam | Failure


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for; the fields are the options of `msasss score`."""

    inputs: tuple[Path, ...] = ()
    output: Path | None = None
    cervical: Path | None = None
    lumbar: Path | None = None
    readings: Path | None = None
    landmarks: Path | None = None
    weights: str = "default"
    scheme: str = "msasss"
    squaring: str | None = None
    overwrite: bool = False
    as_json: bool = False
    threads: int = 2

    def __post_init__(self) -> None:
        named = self.cervical is not None or self.lumbar is not None
        if named and self.inputs:
            msg = "Expected either INPUT or --cervical and --lumbar, got both. Leave one of them out."
            raise UsageError(msg)
        if not (named or self.inputs or self.readings):
            msg = "Expected films or --readings, got neither. Name files, folders or zips; see msasss score --help."
            raise UsageError(msg)


@dataclass(slots=True)
class _Tally:
    """What came of a run so far."""

    failures: list[Failure]
    scored: int = 0
    refused: int = 0  # exams scored, but not written over an earlier result


def run_score(request: Request) -> int:
    """Score what is asked for.

    Returns:
        The exit code: 0; 3 if something could not be scored; 2 if everything was scored but not everything written,
        because it would have replaced an earlier result.

    Raises:
        MsasssError: If nothing can be scored at all.
    """
    scheme = choose_scheme(request.scheme, request.squaring)
    tally = _Tally([])
    for outcome in _outcomes(request, scheme):
        _settle(outcome, request, tally)
    for failure in tally.failures:
        note(f"Failed: {failure.message}")
    _list_failures(request, tally)
    if len(tally.failures) > tally.refused or not tally.scored:
        if not tally.failures:
            note("Error: Expected at least one film, got none among the inputs. Name files that hold radiographs.")
        return InputError.exit_code
    return UsageError.exit_code if tally.refused else 0


def _outcomes(request: Request, scheme: ScoringScheme) -> Iterator[Outcome]:
    if request.readings is not None:
        yield from _of_readings(request, request.readings, scheme)
        return
    intake = _intake(request)
    yield from intake.failures
    if not intake.radiographs:
        return
    networks = open_networks(request.weights, search=bundle_folders(), threads=request.threads)
    localiser = _localiser(request, networks, intake.radiographs)
    films = locate_films(counted(intake.radiographs, "Locating film"), localiser)
    yield from films.failures
    pairing = _pairing(request, intake, films.located)
    yield from pairing.failures
    visits = counted(pairing.visits, "Scoring exam")
    yield from score_visits(visits, networks.classifier, scheme=scheme, weights=networks.digests)


def _of_readings(request: Request, table: Path, scheme: ScoringScheme) -> Iterator[Outcome]:
    _check_exist(table)
    readings = readings_csv.load(table)
    intake = _intake(request)
    yield from intake.failures
    points = _points(request, intake.radiographs)
    yield from score_readings(readings, intake.radiographs, landmarks=points, scheme=scheme)


def _intake(request: Request) -> Intake:
    if request.inputs:
        return gather(request.inputs)
    named = [path for path in (request.cervical, request.lumbar) if path is not None]
    found = [gather([path]) for path in named]
    for path, intake in zip(named, found, strict=True):
        if len(intake.radiographs) + len(intake.failures) != 1:
            msg = f"{path.name}: Expected one film, got {len(intake.radiographs)}. Name a single file."
            raise UsageError(msg)
    films = tuple((path, film) for path, intake in zip(named, found, strict=True) for film in intake.radiographs)
    return Intake(_apart(films), tuple(failure for intake in found for failure in intake.failures), 0)


def _apart(films: Sequence[tuple[Path, Radiograph]]) -> tuple[Radiograph, ...]:
    """Give films from files of one name in different folders names of their own, as `gather` would."""
    places = [path.resolve() for path, _ in films]
    if len(set(places)) < len(places):
        return tuple(film for _, film in films)  # one file for both views, which is refused later
    names = names_apart([(film.source, place.parent) for place, (_, film) in zip(places, films, strict=True)])
    return tuple(
        replace(film, source=name, uid=name if film.uid == film.source else film.uid)
        for name, (_, film) in zip(names, films, strict=True)
    )


def _points(request: Request, radiographs: Iterable[Radiograph]) -> dict[str, Landmarks]:
    if request.landmarks is None:
        return {}
    _check_exist(request.landmarks)
    points = load_points(request.landmarks)
    if request.readings is None:
        check_all_named(points, radiographs, request.landmarks.name)
    return points


def _check_exist(table: Path) -> None:
    if not table.exists():
        msg = f"Expected a table, but {table.name} does not exist. Check the path."
        raise UsageError(msg)


def _localiser(request: Request, networks: Networks, radiographs: Iterable[Radiograph]) -> Localiser:
    points = _points(request, radiographs)
    return KnownPoints(points, networks.localiser) if points else networks.localiser


def _pairing(request: Request, intake: Intake, located: tuple[Located, ...]) -> Pairing:
    if request.inputs:
        return pair_exams(located)
    if intake.failures or len(located) < len(intake.radiographs):
        return Pairing((), ())
    films = list(located)
    cervical = films.pop(0) if request.cervical is not None else None
    return Pairing((Visit(cervical, films.pop(0) if films else None),), ())


def _list_failures(request: Request, tally: _Tally) -> None:
    """Write `failures.csv` beside what was scored; where nothing was, no folder is made for it."""
    if request.output is None or not (tally.scored or request.output.is_dir()):
        return
    try:
        listed = write_failures(tally.failures, request.output)
    except UsageError as error:
        if str(error) not in {failure.message for failure in tally.failures}:
            raise
        return  # no exam could be written there either, and that was said
    if listed is not None:
        note(f"Wrote {listed}")


def _settle(outcome: Outcome, request: Request, tally: _Tally) -> None:
    """Print and write an exam, or keep a failure."""
    if isinstance(outcome, Failure):
        tally.failures.append(outcome)
        return
    name = exam_name(outcome)
    written: tuple[Path, ...] = ()
    tally.scored += 1
    if request.output is not None:
        try:
            written = write_exam(outcome, request.output, overwrite=request.overwrite)
        except UsageError as error:
            tally.refused += 1
            tally.failures.append(Failure(name, str(error)))
            return
    if request.as_json:
        result(json.dumps(exam_json.to_record(outcome), ensure_ascii=False, allow_nan=False))
        return
    show_exam(outcome, name)
    for path in written:
        result(f"Wrote {path}")
