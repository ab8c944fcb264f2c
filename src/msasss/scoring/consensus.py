"""The consensus of several readers, and what they must still decide together.

    consensus = consensus_of([reading_of_a, reading_of_b, reading_of_c])
    reading = consensus.reading or adjudicated(consensus, decided_in_the_meeting)

Chen 2024 (10.1177/1759720X241285973): three readers; discrepancies go to a consensus
meeting, where the majority decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from msasss.anatomy import Corner, Region
from msasss.errors import ReadingError
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading
from msasss.scoring.grades import CornerScore
from msasss.scoring.scheme import MSASSS, ScoringScheme
from msasss.scoring.score import score_corner


class DisagreementReason(Enum):
    """Why a corner needs adjudication."""

    VISIBILITY = "as many readers call the corner not visible as read it"
    GRADE = "no grade has a majority"
    LESION = "the grade has a majority, the lesions behind it have none"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A corner that the readers must decide together, and why.

    Args:
        corner: The corner.
        reason: What they disagree on.
        findings: What each of them found, in the order of the readings.
    """

    corner: Corner
    reason: DisagreementReason
    findings: tuple[CornerFinding, ...]


@dataclass(frozen=True, slots=True)
class Consensus:
    """What several readers agree on.

    Args:
        reader: The consensus as a reader.
        images: The image read per region.
        agreed: Findings of the corners with a majority.
        to_adjudicate: The corners without one.
    """

    reader: Reader
    images: Mapping[Region, str]
    agreed: tuple[CornerFinding, ...]
    to_adjudicate: tuple[Disagreement, ...]

    @property
    def reading(self) -> Reading | None:
        """The consensus reading; None while a corner waits for adjudication."""
        return None if self.to_adjudicate else Reading(self.reader, self.images, self.agreed)


def consensus_of(
    readings: Sequence[Reading], *, reader_id: str = "consensus", scheme: ScoringScheme = MSASSS
) -> Consensus:
    """Find what the majority of the readers says at each corner.

    A corner is agreed on as not visible if more than half of the readers say so. Otherwise the readers who see it
    vote: more than half of them must give it the same grade (or the same reason why it has none), and each lesion is
    present if more than half of them name it. Where this leaves a tie, or lesions that do not give the agreed grade,
    the corner goes to adjudication: that there is no majority never means that there is no lesion.

    Args:
        readings: Two or more, of the same images by different readers.
        reader_id: Pseudonym of the consensus.
        scheme: The rules by which the readers' grades are compared.

    Raises:
        ReadingError: If there are fewer than two readings, or they are of different images or by one reader.
    """
    _check(readings)
    agreed, disputed = [], []
    for finding in readings[0]:
        corner = finding.corner
        verdict = _verdict([reading[corner] for reading in readings], scheme)
        if isinstance(verdict, CornerFinding):
            agreed.append(verdict)
        else:
            disputed.append(Disagreement(corner, verdict, tuple(reading[corner] for reading in readings)))
    reader = Reader(ReaderKind.CONSENSUS, reader_id)
    return Consensus(reader, dict(readings[0].images), tuple(agreed), tuple(disputed))


def adjudicated(consensus: Consensus, findings: Iterable[CornerFinding]) -> Reading:
    """Complete a consensus with what was decided for the corners in adjudication.

    Raises:
        ReadingError: If a disputed corner is not decided, or one is decided that was not disputed.
    """
    decided = tuple(findings)
    disputed = [item.corner for item in consensus.to_adjudicate]
    for finding in decided:
        if finding.corner not in disputed:
            msg = f"Expected decisions for the corners in adjudication only, got one for {finding.corner}. Remove it."
            raise ReadingError(msg)
    open_corners = [str(corner) for corner in disputed if corner not in {finding.corner for finding in decided}]
    if open_corners:
        msg = f"Expected a decision for each corner in adjudication, got none for {', '.join(open_corners)}."
        raise ReadingError(msg)
    return Reading(consensus.reader, consensus.images, (*consensus.agreed, *decided))


def _check(readings: Sequence[Reading]) -> None:
    if len(readings) < 2:
        msg = f"Expected two or more readings for a consensus, got {len(readings)}. Add those of the other readers."
        raise ReadingError(msg)
    names = [reading.reader.id for reading in readings]
    for reading in readings:
        if names.count(reading.reader.id) > 1:
            msg = f"Expected each reader once in a consensus, got {reading.reader.id} twice. Keep one reading of each."
            raise ReadingError(msg)
        if dict(reading.images) != dict(readings[0].images):
            msg = (
                f"Expected readings of the same images in a consensus, got others by reader {reading.reader.id} than "
                f"by {names[0]}. Match the readings by visit."
            )
            raise ReadingError(msg)


def _verdict(findings: list[CornerFinding], scheme: ScoringScheme) -> CornerFinding | DisagreementReason:
    corner = findings[0].corner
    seen = [finding for finding in findings if not finding.not_visible]
    if 2 * len(seen) < len(findings):
        return CornerFinding(corner, not_visible=True)
    if 2 * len(seen) == len(findings):
        return DisagreementReason.VISIBILITY
    grade = _majority_grade([score_corner(finding, scheme) for finding in seen])
    if grade is None:
        return DisagreementReason.GRADE
    votes = {lesion: sum(lesion in finding.lesions for finding in seen) for lesion in Lesion}
    found = CornerFinding(corner, frozenset(lesion for lesion in Lesion if 2 * votes[lesion] > len(seen)))
    tied = any(2 * count == len(seen) for count in votes.values())
    return DisagreementReason.LESION if tied or score_corner(found, scheme) != grade else found


def _majority_grade(grades: list[CornerScore]) -> CornerScore | None:
    return next((grade for grade in grades if 2 * grades.count(grade) > len(grades)), None)
