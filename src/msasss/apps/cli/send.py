"""`msasss send`: results to a PACS."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from msasss.apps.cli.extras import needs_extra
from msasss.apps.cli.options import AeTitle, Ca, CredentialsFile, Tls


class Kind(Enum):
    """Kinds of objects; the names of `msasss.pipeline.result_objects.ResultKind`."""

    SR = "sr"
    SC = "sc"
    GSPS = "gsps"
    PDF = "pdf"


def send(
    exams: Annotated[
        list[Path],
        typer.Argument(metavar="EXAM...", help="Folders of scored exams.", show_default=False),
    ],
    *,
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="dicom:AET@host:port or dicomweb:URL.")],
    source: Annotated[
        list[Path] | None,
        typer.Option(metavar="INPUT", help="The exams' DICOM films, or folders of them.", show_default=False),
    ] = None,
    only: Annotated[
        list[Kind] | None,
        typer.Option(help="Send this kind of object alone; may be repeated.", show_default=False),
    ] = None,
    aet: AeTitle = "MSASSS",
    credentials: CredentialsFile = None,
    tls: Tls = False,
    ca: Ca = None,
) -> None:
    """Send scored exams to a PACS: structured report, overlays, presentation states and PDF.

    DICOM objects that lie in an exam's folder are sent as they are. Otherwise they are made from its score.json and
    its films, which --source names. The same exam always makes objects of the same UIDs, so that sending it again
    makes no copies. Ends with 5 if the PACS does not answer.

    Example: msasss send results/exam-* --source films/ --to dicom:ORTHANC@pacs.example:4242

    Example: msasss send results/exam-* --source films/ --to dicomweb:https://pacs.example/dicom-web --only sr
    """
    # Verbs import what they need when they run, so that --help stays quick.
    with needs_extra("node"):
        from msasss.apps.cli.remote import Access
        from msasss.apps.cli.sending import Request, run_send

    access = Access(aet, credentials, tls, ca)
    kinds = tuple(kind.value for kind in only or ())
    raise typer.Exit(run_send(Request(tuple(exams), to, tuple(source or ()), kinds, access)))
