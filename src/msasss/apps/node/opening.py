"""How the scoring process of a node opens its networks."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msasss.apps.node.config import NodeConfig, Scoring
from msasss.apps.node.film_scorer import FilmScorer, OpenScorer
from msasss.models.weights import find_bundle
from msasss.pipeline.networks import open_networks
from msasss.pipeline.result_objects import ResultKind, ResultOptions


def scorer_opener(config: NodeConfig, search: Sequence[Path] = ()) -> OpenScorer:
    """Return what opens the scorer that settings ask for; it can be called in another process.

    Args:
        config: The node's settings.
        search: Folders that hold bundles of weights.
    """
    return partial(open_film_scorer, config.scoring, kinds_wanted(config), tuple(search))


def open_film_scorer(scoring: Scoring, kinds: Sequence[ResultKind], search: Sequence[Path]) -> FilmScorer:
    """Open the networks.

    Raises:
        WeightsError: If they are missing or do not match their cards.
    """
    networks = open_networks(scoring.weights, search=search, threads=scoring.threads)
    notices = tuple(sorted({card.notice for card in find_bundle(scoring.weights, search=search)}))
    return FilmScorer(networks, scoring.scheme, ResultOptions(tuple(kinds), scoring.report, scoring.codes, notices))


def kinds_wanted(config: NodeConfig) -> tuple[ResultKind, ...]:
    """Return the kinds of objects that at least one target gets."""
    return tuple(kind for kind in ResultKind if any(kind in target.kinds for target in config.targets))
