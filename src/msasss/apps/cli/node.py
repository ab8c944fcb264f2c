"""`msasss node`: a DICOM service that scores what it is sent."""

from pathlib import Path
from typing import Annotated

import typer

from msasss.apps.cli.extras import needs_extra


def node(
    *,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Settings; see --example-config.", show_default=False)
    ] = None,
    example_config: Annotated[bool, typer.Option("--example-config", help="Print a settings file and exit.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Check the settings and exit.")] = False,
    retry_dead: Annotated[
        bool, typer.Option("--retry-dead", help="Take the dead letters back: send and score them again.")
    ] = False,
) -> None:
    """Take films by DICOM, score them, and return the results to a PACS.

    The node waits for the two views of a patient, scores them, and sends structured report, overlays, presentation
    states and PDF to its targets. It ends on SIGTERM or Ctrl-C; whatever ends it, it goes on where it was.

    Example: msasss node --example-config > node.toml

    Example: msasss node --config node.toml
    """
    # Verbs import what they need when they run, so that --help stays quick.
    with needs_extra("node"):
        from msasss.apps.cli.node_run import print_example, run

    if example_config:
        print_example()
    else:
        run(config, is_check=check, retry_dead=retry_dead)
