"""`msasss locate`: the landmarks of films, without scoring."""

from pathlib import Path
from typing import Annotated

import typer

from msasss.apps.cli.options import AsJson, Inputs, Overwrite, Threads, Weights


def locate(
    inputs: Inputs = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="OUT", file_okay=False, help="New folder for landmarks.csv and pictures."
        ),
    ] = None,
    weights: Weights = "default",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
    threads: Threads = 2,
) -> None:
    """Find the vertebrae on films: region, side the patient faces, and points with confidence.

    Correct the points in landmarks.csv where they are off and score with them: msasss score films/ --landmarks CSV.

    Example: msasss locate films/ --json

    Example: msasss locate c.dcm -o located
    """
    # Verbs import what they need when they run, so that --help stays quick.
    from msasss.apps.cli.locating_run import Request, run_locate

    request = Request(tuple(inputs or ()), output, weights, overwrite=overwrite, as_json=as_json, threads=threads)
    raise typer.Exit(run_locate(request))
