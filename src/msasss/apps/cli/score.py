"""`msasss score`: from films, or from a human reading, to scored exams."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from msasss.apps.cli.extras import needs_extra
from msasss.apps.cli.options import AsJson, Ca, CredentialsFile, Inputs, Overwrite, Points, Threads, Weights


class Squaring(Enum):
    """Where squaring counts; the names of `msasss.scoring.SquaringPolicy`."""

    ALL_BUT_C3 = "all-but-c3"
    C5_C6 = "c5-c6"
    NO_CERVICAL = "no-cervical"


def score(
    inputs: Inputs = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", file_okay=False, help="Folder to write in, one folder per exam."),
    ] = None,
    cervical: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The cervical film, where files carry no patient or date.")
    ] = None,
    lumbar: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The lumbar film, where files carry no patient or date.")
    ] = None,
    readings: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Score human readings; no network is used, films are optional.")
    ] = None,
    landmarks: Points = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="dicomweb:URL",
            help="Fetch the films of a study (.../studies/UID) or of a search (.../studies?PatientID=ID).",
            show_default=False,
        ),
    ] = None,
    credentials: CredentialsFile = None,
    ca: Ca = None,
    weights: Weights = "default",
    scheme: Annotated[str, typer.Option(metavar="NAME|FILE.json", help="Scoring rules.")] = "msasss",
    squaring: Annotated[Squaring | None, typer.Option(help="Where squaring counts; as the scheme has it.")] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    threads: Threads = 2,
) -> None:
    """Score films, or human readings of films.

    Films are paired into exams by patient and date: a cervical and a lumbar view within three months. Each exam gets
    its own folder with score.json, corners.csv, landmarks.csv and a picture per film; files that fail are listed in
    failures.csv.

    Example: msasss score films/ -o results

    Example: msasss score --cervical c.png --lumbar l.png -o results

    Example: msasss score --readings readings.csv --json

    Example: msasss score --from "dicomweb:https://pacs.example/dicom-web/studies?PatientID=123" -o results
    """
    # Verbs import what they need when they run, so that --help stays quick.
    from msasss.apps.cli.scoring_run import Request, run_score

    with _films(from_, credentials, ca) as fetched:
        request = Request(
            inputs=(*(inputs or ()), *fetched),
            output=output,
            cervical=cervical,
            lumbar=lumbar,
            readings=readings,
            landmarks=landmarks,
            weights=weights,
            scheme=scheme,
            squaring=None if squaring is None else squaring.value,
            overwrite=overwrite,
            as_json=as_json,
            threads=threads,
        )
        raise typer.Exit(run_score(request))


@contextmanager
def _films(source: str | None, credentials: Path | None, ca: Path | None) -> Iterator[tuple[Path, ...]]:
    """Fetch the films that `--from` names into a folder, for as long as the block lasts."""
    if source is None:
        yield ()
        return
    with needs_extra("node"):
        from msasss.apps.cli.remote import Access, films_from

    with films_from(source, Access(credentials=credentials, ca=ca)) as folder:
        yield (folder,)
