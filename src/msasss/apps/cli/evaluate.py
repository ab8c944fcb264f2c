"""`msasss evaluate`: how well readings agree, as the tables and figures of a study."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from msasss.apps.cli.options import Overwrite
from msasss.apps.cli.score import Squaring


class FoldChoice(Enum):
    """Which patients are evaluated."""

    ALL = "all"
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def evaluate(
    readings: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="READINGS.csv...", help="Tables of readings; those of a cohort come too.", show_default=False
        ),
    ] = None,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", file_okay=False, help="New folder to write.")
    ],
    cohort: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder with visits.csv and what else is known of the patients.", show_default=False
        ),
    ] = None,
    reference: Annotated[
        str,
        typer.Option(metavar="consensus|READER", help="What the others are measured by: the consensus, or a reader."),
    ] = "consensus",
    probabilities: Annotated[
        list[Path] | None,
        typer.Option(metavar="CSV", help="Probabilities of a network; may be repeated.", show_default=False),
    ] = None,
    fold: Annotated[
        FoldChoice | None,
        typer.Option(help="Patients to evaluate; by default the test fold where the cohort was split, else all."),
    ] = None,
    scheme: Annotated[str, typer.Option(metavar="NAME|FILE.json", help="Scoring rules.")] = "msasss",
    squaring: Annotated[Squaring | None, typer.Option(help="Where squaring counts; as the scheme has it.")] = None,
    draws: Annotated[int, typer.Option(min=10, max=100_000, help="Resamples of patients for the intervals.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.")] = 1,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="The films are simulated: every caption says so.")
    ] = False,
    per_centre: Annotated[bool, typer.Option("--per-centre", help="Write the tables of each centre as well.")] = False,
    figures: Annotated[bool, typer.Option(help="Draw the figures, where matplotlib is installed.")] = True,
    overwrite: Overwrite = False,
) -> None:
    """Compare readings with a reference: network, readers, consensus.

    Needs no image and no network. Writes the tables of a study as Markdown, CSV, LaTeX and JSON, with figures and a
    reporting checklist, and prints the main results.

    Example: msasss evaluate readings.csv -o results

    Example: msasss evaluate network.csv readers.csv --cohort my-cohort --reference reader-1 -o results
    """
    # Verbs import what they need when they run, so that --help stays quick.
    from msasss.apps.cli.evaluation_run import Request, Sources, run_evaluation

    run_evaluation(
        Request(
            Sources(tuple(readings or ()), cohort, tuple(probabilities or ()), simulated),
            output,
            reference=reference,
            fold=None if fold is None else fold.value,
            scheme=scheme,
            squaring=None if squaring is None else squaring.value,
            draws=draws,
            seed=seed,
            per_centre=per_centre,
            figures=figures,
            overwrite=overwrite,
        )
    )
