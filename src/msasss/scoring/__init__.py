"""The rule book: from the findings of a reading to grades, totals, consensus and progression.

Standard library only. The rules are data in a `ScoringScheme`; the network's findings and a person's are scored alike.
"""

from msasss.scoring.consensus import Consensus, Disagreement, DisagreementReason, adjudicated, consensus_of
from msasss.scoring.grades import CornerScore, MsasssScore, NotScored, RegionScore
from msasss.scoring.missing import MissingKind, MissingPolicy
from msasss.scoring.progression import (
    CornerChange,
    Progression,
    Threshold,
    progression,
    progression_thresholds,
)
from msasss.scoring.scheme import MSASSS, RASSS_STYLE, SCHEMES, ExcludedCorner, ScoringScheme, with_squaring
from msasss.scoring.scheme_dict import scheme_from_dict, scheme_to_dict
from msasss.scoring.score import score_corner, score_reading
from msasss.scoring.squaring import SquaringPolicy

__all__ = [
    "MSASSS",
    "RASSS_STYLE",
    "SCHEMES",
    "Consensus",
    "CornerChange",
    "CornerScore",
    "Disagreement",
    "DisagreementReason",
    "ExcludedCorner",
    "MissingKind",
    "MissingPolicy",
    "MsasssScore",
    "NotScored",
    "Progression",
    "RegionScore",
    "ScoringScheme",
    "SquaringPolicy",
    "Threshold",
    "adjudicated",
    "consensus_of",
    "progression",
    "progression_thresholds",
    "scheme_from_dict",
    "scheme_to_dict",
    "score_corner",
    "score_reading",
    "with_squaring",
]
