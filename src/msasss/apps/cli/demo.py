"""`msasss demo`: two example films, scored."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", file_okay=False, help="Folder to write in.")
    ] = Path("msasss-demo"),
) -> None:
    """Write two example films (simulated) and score them.

    Example: msasss demo -o my-first-exam
    """
    # Verbs import what they need when they run, so that --help stays quick.
    from msasss.apps.cli.console import result
    from msasss.apps.cli.scoring_run import Request, run_score
    from msasss.pipeline.demo import write_demo_films

    films = write_demo_films(output / "films")
    for path in films:
        result(f"Wrote {path}")
    raise typer.Exit(run_score(Request(inputs=films, output=output, overwrite=True)))
