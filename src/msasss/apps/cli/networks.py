"""The networks that `--weights` names, ready to run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from msasss.models.lesion_classifier import open_lesion_classifier
from msasss.models.localiser import open_localiser
from msasss.models.ports import LesionClassifier, Localiser
from msasss.models.weights import Bundle, find_bundle


@dataclass(frozen=True, slots=True)
class Networks:
    """A localiser and a classifier, and the sha256 of their files by network name."""

    localiser: Localiser
    classifier: LesionClassifier
    digests: Mapping[str, str]


def bundle_folders() -> tuple[Path, ...]:
    """Return the folders in which bundles other than the default one are looked for."""
    return Path("weights"), Path(typer.get_app_dir("msasss")) / "weights"


def named_bundle(name: str) -> Bundle:
    """Return the bundle of that name.

    Raises:
        WeightsError: If it is not installed.
    """
    return find_bundle(name, search=bundle_folders())


def open_networks(name: str, *, threads: int) -> Networks:
    """Open the networks of a bundle.

    Raises:
        WeightsError: If they are missing or do not match their cards.
    """
    bundle = named_bundle(name)
    localiser, classifier = open_localiser(bundle, threads=threads), open_lesion_classifier(bundle, threads=threads)
    return Networks(localiser, classifier, {card.name: card.sha256 for card in bundle})
