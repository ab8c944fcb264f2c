"""One run of `msasss locate`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msasss.apps.cli.console import counted, note, result
from msasss.apps.cli.networks import named_bundle
from msasss.errors import InputError, UsageError
from msasss.formats.landmarks_json import LocatedFilm, dump_located
from msasss.models.localiser import open_localiser
from msasss.pipeline.intake import Failure, gather
from msasss.pipeline.level_guard import level_warnings
from msasss.pipeline.outputs import write_failures, write_located
from msasss.pipeline.score import software_name
from msasss.pipeline.visits import locate_films


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for; the fields are the options of `msasss locate`."""

    inputs: tuple[Path, ...]
    output: Path | None
    weights: str
    overwrite: bool
    as_json: bool
    threads: int

    def __post_init__(self) -> None:
        if not self.inputs:
            msg = "Expected films, got none. Name files, folders or zips; see msasss locate --help."
            raise UsageError(msg)


def run_locate(request: Request) -> int:
    """Locate what is asked for.

    Returns:
        The exit code: 0, or 3 if nothing was found on some film.

    Raises:
        MsasssError: If the weights or an input are missing, or the folder exists.
    """
    bundle = named_bundle(request.weights)
    localiser = open_localiser(bundle, threads=request.threads)
    intake = gather(request.inputs)
    found = locate_films(counted(intake.radiographs, "Locating film"), localiser)
    films = [
        LocatedFilm(film.radiograph, film.landmarks, level_warnings(film.landmarks, film.radiograph.source))
        for film in found.located
    ]
    failures = (*intake.failures, *found.failures)
    written = _write(request, films, failures)
    if request.as_json:
        weights = {bundle.localiser.name: bundle.localiser.sha256}
        result(dump_located(films, software=software_name(), weights=weights))
    else:
        for film in films:
            _show(film)
        for path in written:
            result(f"Wrote {path}")
    for failure in failures:
        note(f"Failed: {failure.message}")
    return 0 if films and not failures else InputError.exit_code


def _write(request: Request, films: Sequence[LocatedFilm], failures: Sequence[Failure]) -> tuple[Path, ...]:
    if request.output is None or not films:
        return ()
    written = write_located(films, request.output, overwrite=request.overwrite)
    listed = write_failures(failures, request.output)
    return written if listed is None else (*written, listed)


def _show(film: LocatedFilm) -> None:
    marks = film.landmarks
    result(f"{film.radiograph.source}: {marks.region.value}, facing {marks.facing.value}")
    for item in marks:
        points = [
            f"{name} {point.x:.1f},{point.y:.1f} ({point.confidence:.2f})"
            for name, point in (("upper", item.upper_anterior), ("lower", item.lower_anterior), ("centre", item.centre))
            if point is not None
        ]
        result(f"  {item.vertebra.value:<4}{'  '.join(points)}")
    for warning in film.warnings:
        result(f"  Warning: {warning}")
