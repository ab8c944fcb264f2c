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
AeTitle = Annotated[str, typer.Option("--aet", metavar="TITLE", help="How we call ourselves to a PACS.")]
CredentialsFile = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        metavar="FILE",
        help="For DICOMweb: a file of one line, user:password or a bearer token.",
        show_default=False,
    ),
]
Tls = Annotated[bool, typer.Option("--tls", help="Use TLS with a dicom: address; https does so by itself.")]
Ca = Annotated[
    Path | None,
    typer.Option(metavar="FILE.pem", help="Authority that signed the PACS's certificate.", show_default=False),
]
