"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

Inputs = Annotated[
    list[Path] | None,
    typer.Argument(metavar="INPUT...", help="Files, folders or zips of DICOM, PNG, JPEG or TIFF.", show_default=False),
]
Weights = Annotated[
    str,
    typer.Option(help="Networks to use: 'default' (in the package), 'paper', or the folder of a bundle."),
]
Points = Annotated[
    Path | None,
    typer.Option("--landmarks", metavar="CSV", help="Points set or corrected by a person.", show_default=False),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what an earlier run wrote.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON instead of a table.")]
Threads = Annotated[int, typer.Option(min=1, max=64, help="CPU threads for the networks.")]
