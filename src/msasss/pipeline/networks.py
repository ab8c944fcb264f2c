"""The networks of a bundle, ready to run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from msasss.models.lesion_classifier import open_lesion_classifier
from msasss.models.localiser import open_localiser
from msasss.models.ports import LesionClassifier, Localiser
from msasss.models.weights import find_bundle


@dataclass(frozen=True, slots=True)
class Networks:
    """A localiser and a classifier, and the sha256 of their files by network name."""

    localiser: Localiser
    classifier: LesionClassifier
    digests: Mapping[str, str]


def open_networks(name: str = "default", *, search: Sequence[Path] = (), threads: int = 2) -> Networks:
    """Open the networks of a bundle.

    Args:
        name: "default" for the bundle in the package, another one's name, or the path of its folder.
        search: Folders that hold bundles.
        threads: CPU threads of each network.

    Raises:
        WeightsError: If they are missing or do not match their cards.
    """
    bundle = find_bundle(name, search=search)
    localiser, classifier = open_localiser(bundle, threads=threads), open_lesion_classifier(bundle, threads=threads)
    return Networks(localiser, classifier, {card.name: card.sha256 for card in bundle})
