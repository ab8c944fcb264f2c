"""`msasss report`: from a scored exam to a page that can be read, printed and filed."""

from pathlib import Path
from typing import Annotated

import typer

from msasss.apps.cli.options import Overwrite


def report(
    exam: Annotated[
        Path,
        typer.Argument(metavar="EXAM", help="Folder of a scored exam, or its score.json.", show_default=False),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE", help="What to write: a name that ends in .html or .pdf.", dir_okay=False
        ),
    ],
    films: Annotated[
        list[Path] | None,
        typer.Option(metavar="INPUT", help="The exam's films, for its pictures; may be repeated.", show_default=False),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(metavar="EXAM", help="An earlier exam of the patient to compare with.", show_default=False),
    ] = None,
    sdc: Annotated[float, typer.Option(min=0.0, help="Smallest detectable change of the readers.")] = 2.0,
    overwrite: Overwrite = False,
) -> None:
    """Write the report of a scored exam as HTML or PDF.

    The report is one file: the score with its range, the 24 corners, what is doubtful, and how it was made. Results
    hold no pixels; give the films for the pictures.

    Example: msasss report results/exam-2024-05-31-1a2b3c4d -o report.html

    Example: msasss report results/exam-2024-05-31-1a2b3c4d --films films/ -o report.pdf
    """
    # Verbs import what they need when they run, so that --help stays quick.
    from msasss.apps.cli.report_run import Request, run_report

    run_report(Request(exam, output, tuple(films or ()), previous, sdc, overwrite))
