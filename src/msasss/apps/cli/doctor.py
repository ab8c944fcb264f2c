"""`msasss doctor`: what is installed, and whether it works."""

import typer


def doctor() -> None:
    """Check the installation: versions, decoders, weights, CPU threads, extras.

    Ends with 4 if the weights are broken and with 1 if anything else that scoring needs is.

    Example: msasss doctor
    """
    # Verbs import what they need when they run, so that --help stays quick.
    from msasss.apps.cli.health import print_health

    raise typer.Exit(print_health())
