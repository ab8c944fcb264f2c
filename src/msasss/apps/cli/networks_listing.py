"""What `msasss models` prints."""

import json
from pathlib import Path

from msasss.apps.cli.console import note, result
from msasss.apps.cli.networks import bundle_folders, named_bundle
from msasss.errors import WeightsError
from msasss.models.weights import BUNDLED, MANIFEST, Bundle, WeightCard, card_to_json, load_bundle, verify


def installed_bundles() -> tuple[Bundle, ...]:
    """Return every bundle in the package and in the folders searched.

    Raises:
        WeightsError: If one of them is damaged.
    """
    folders = [BUNDLED, *(path for parent in bundle_folders() if parent.is_dir() for path in sorted(parent.iterdir()))]
    return tuple(load_bundle(folder) for folder in folders if (folder / MANIFEST).is_file())


def print_bundles(*, as_json: bool) -> int:
    """Print what is installed; without anything, say so and return the exit code for missing weights."""
    bundles = installed_bundles()
    if as_json:
        record = [{"name": bundle.name, "networks": [card_to_json(card) for card in bundle]} for bundle in bundles]
        result(json.dumps(record, indent=1))
    else:
        for bundle in bundles:
            _print_bundle(bundle)
    if not bundles:
        note("Error: Expected the default weights in the package, got none. Install the package again.")
        return WeightsError.exit_code
    return 0


def verify_bundle(name: str) -> None:
    """Check every network of a bundle and say so.

    Raises:
        WeightsError: If the bundle is missing or a file is not the one of its card.
    """
    bundle = named_bundle(name)
    for card in bundle:
        verify(card, bundle.folder)
        result(f"{card.name}: intact (sha256 {card.sha256})")


def _print_bundle(bundle: Bundle) -> None:
    result(f"{bundle.name}  ({bundle.folder})")
    for card in bundle:
        _print_card(card, bundle.folder)


def _print_card(card: WeightCard, folder: Path) -> None:
    path = folder / card.file
    size = f"{path.stat().st_size / 1e6:.1f} MB" if path.is_file() else "file missing"
    result(f"  {card.name}: {card.kind.value}, {size}, {card.licence}, made {card.created} with {card.software}")
    result(f"    trained on: {card.training_data.description}")
    if card.metrics:
        result("    " + ", ".join(f"{name} {value:.3g}" for name, value in card.metrics.items()))
    result(f"    {card.notice}")
