"""`msasss models`: which networks are installed, and whether they are intact."""

from typing import Annotated

import typer

from msasss.apps.cli.options import AsJson

app = typer.Typer(help="Show and check the networks.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_models(*, as_json: AsJson = False) -> None:
    """List the installed networks with what their weight cards say.

    Example: msasss models list
    """
    # Verbs import what they need when they run, so that --help stays quick.
    from msasss.apps.cli.networks_listing import print_bundles

    raise typer.Exit(print_bundles(as_json=as_json))


@app.command("verify")
def verify_models(
    weights: Annotated[str, typer.Argument(metavar="[WEIGHTS]", help="'default', 'paper' or a folder.")] = "default",
) -> None:
    """Check that every network file is the one its weight card describes.

    Example: msasss models verify
    """
    from msasss.apps.cli.networks_listing import verify_bundle

    verify_bundle(weights)
