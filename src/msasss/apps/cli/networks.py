"""Where the command line looks for weights."""

from pathlib import Path

import typer

from msasss.models.weights import Bundle, find_bundle


def bundle_folders() -> tuple[Path, ...]:
    """Return the folders in which bundles other than the default one are looked for."""
    return Path("weights"), Path(typer.get_app_dir("msasss")) / "weights"


def named_bundle(name: str) -> Bundle:
    """Return the bundle of that name.

    Raises:
        WeightsError: If it is not installed.
    """
    return find_bundle(name, search=bundle_folders())
