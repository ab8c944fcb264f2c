"""Scoring schemes as data: which lesion counts how much, where, and what is left out.

Example:
    score_reading(reading, with_squaring(MSASSS, SquaringPolicy.C5_C6))
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from msasss.anatomy import Corner
from msasss.errors import SchemeError
from msasss.reading import Lesion
from msasss.scoring.citations import BARALIAKOS_2009, CHEN_2024, CREEMERS_2005
from msasss.scoring.missing import SEGMENT_MEAN_OF_UP_TO_3, MissingPolicy
from msasss.scoring.squaring import SQUARING_CITATION, SQUARING_SITES, SquaringPolicy

HIGHEST_GRADE = 3


class ExcludedCorner(Enum):
    """What a corner gets that bears an excluding lesion and a counted one as well.

    NOT_CONSIDERED: it is not scored (Chen 2024).
    COUNTED_LESIONS: it is graded by its counted lesions.

    With no counted lesion such a corner is not scored under either.
    """

    NOT_CONSIDERED = "not-considered"
    COUNTED_LESIONS = "counted-lesions"


@dataclass(frozen=True, slots=True)
class ScoringScheme:
    """The rules by which the findings at a corner become its grade, and the grades a total.

    The grade of a corner is that of its highest counted lesion; grades are not added up.

    Args:
        name: Shown beside every score.
        grade_of: Grade, 1 to 3, of each counted lesion; a lesion that is absent counts nothing.
        squaring_sites: The corners at which squaring counts.
        excluding_lesions: Lesions for which a corner is not scored.
        excluded_corner: What a corner with an excluding and a counted lesion gets.
        missing: What becomes of the total when corners are not scored.
        citations: Where the rules come from.

    Raises:
        SchemeError: If the name is blank, nothing is counted, a grade is not 1 to 3, or a lesion is both counted and
            excluding.
    """

    name: str
    grade_of: Mapping[Lesion, int] = field(hash=False)
    squaring_sites: frozenset[Corner]
    excluding_lesions: frozenset[Lesion]
    excluded_corner: ExcludedCorner = ExcludedCorner.NOT_CONSIDERED
    missing: MissingPolicy = SEGMENT_MEAN_OF_UP_TO_3
    citations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip():
            msg = f"Expected a scheme with a name, got {self.name!r}. The name is shown beside every score."
            raise SchemeError(msg)
        if not self.grade_of:
            msg = f"Expected at least one counted lesion in scheme {self.name}, got none."
            raise SchemeError(msg)
        for lesion, grade in self.grade_of.items():
            if not 1 <= grade <= HIGHEST_GRADE:
                msg = f"Expected grades 1 to 3 in scheme {self.name}, got {grade} for {lesion.value}. Drop it for 0."
                raise SchemeError(msg)
            if lesion in self.excluding_lesions:
                msg = f"Expected {lesion.value} in scheme {self.name} to be counted or excluding, got both. Choose one."
                raise SchemeError(msg)
        object.__setattr__(self, "grade_of", dict(self.grade_of))

    @property
    def highest_grade(self) -> int:
        """The highest grade a corner can get."""
        return max(self.grade_of.values())

    def counts(self, lesion: Lesion, corner: Corner) -> bool:
        """Say whether the lesion counts at the corner."""
        return lesion in self.grade_of and (lesion is not Lesion.SQUARING or corner in self.squaring_sites)


MSASSS = ScoringScheme(
    name="mSASSS",
    grade_of={
        Lesion.EROSION: 1,
        Lesion.SCLEROSIS: 1,
        Lesion.SQUARING: 1,
        Lesion.SYNDESMOPHYTE: 2,
        Lesion.BRIDGE: 3,
    },
    squaring_sites=SQUARING_SITES[SquaringPolicy.ALL_BUT_C3],
    excluding_lesions=frozenset({Lesion.OSTEOPHYTE, Lesion.OTHER}),
    citations=(CREEMERS_2005, CHEN_2024),
)

# The RASSS proper adds the corners from T10 to T12, which neither of the two views shows reliably.
RASSS_STYLE = ScoringScheme(
    name="RASSS-style without thorax",
    grade_of={lesion: grade for lesion, grade in MSASSS.grade_of.items() if lesion is not Lesion.EROSION},
    squaring_sites=SQUARING_SITES[SquaringPolicy.NO_CERVICAL],
    excluding_lesions=MSASSS.excluding_lesions,
    citations=(BARALIAKOS_2009,),
)

SCHEMES: Mapping[str, ScoringScheme] = {"msasss": MSASSS, "rasss-style": RASSS_STYLE}


def with_squaring(scheme: ScoringScheme, policy: SquaringPolicy) -> ScoringScheme:
    """Return the scheme with squaring counted where the policy says, and its name saying so.

    A scheme that already counts it there is returned as it is.
    """
    sites = SQUARING_SITES[policy]
    if scheme.squaring_sites == sites:
        return scheme
    base = scheme.name.partition(" (squaring ")[0]
    source = SQUARING_CITATION[policy]
    citations = scheme.citations if source in scheme.citations else (*scheme.citations, source)
    return replace(scheme, name=f"{base} (squaring {policy.value})", squaring_sites=sites, citations=citations)
