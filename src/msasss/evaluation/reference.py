"""The reading that the others are measured by: one reader's, or the majority of the persons."""

from msasss.anatomy import Corner
from msasss.errors import UsageError
from msasss.evaluation.answers import Answers, answers_from, answers_of
from msasss.evaluation.study import Study
from msasss.reading import CornerFinding, Reader, ReaderKind
from msasss.scoring import MSASSS, ScoringScheme, consensus_of

CONSENSUS = "consensus"


def reference_of(study: Study, name: str, scheme: ScoringScheme = MSASSS) -> Answers:
    """Return the answers of the reference.

    Args:
        study: The readings.
        name: A reader; or "consensus": the consensus among the readers if there is one, else the majority of the
            persons, image by image, where two or more read it.
        scheme: The rules.

    Raises:
        UsageError: If there is no such reader, or nothing to make a consensus of.
    """
    named = [reader for reader in study.readers if reader.id == name]
    if named:
        return answers_of(study, named[0], scheme)
    known = ", ".join(reader.id for reader in study.readers)
    if name != CONSENSUS:
        msg = f"Expected the reference to be 'consensus' or one of {known}, got {name!r}. Correct --reference."
        raise UsageError(msg)
    agreed = [reader for reader in study.readers if reader.kind is ReaderKind.CONSENSUS]
    if len(agreed) > 1:
        msg = f"Expected one consensus among the readers, got {', '.join(it.id for it in agreed)}. Name one of them."
        raise UsageError(msg)
    return answers_of(study, agreed[0], scheme) if agreed else _majority(study, known, scheme)


def _majority(study: Study, known: str, scheme: ScoringScheme) -> Answers:
    reader = Reader(ReaderKind.CONSENSUS, CONSENSUS)
    found: list[dict[Corner, CornerFinding]] = []
    undecided = 0
    for visit in study.visits:
        agreed: dict[Corner, CornerFinding] = {}
        for image in visit.images.values():
            readings = study.readings_of(image, study.persons)
            if len(readings) > 1:
                consensus = consensus_of(readings, scheme=scheme)
                agreed |= {finding.corner: finding for finding in consensus.agreed}
                undecided += len(consensus.to_adjudicate)
        found.append(agreed)
    if not any(found):
        msg = (
            f"Expected images that two or more persons read, to make a consensus of, got none (readers: {known}). "
            "Name one of them with --reference."
        )
        raise UsageError(msg)
    return answers_from(reader, found, scheme, undecided=undecided)


def description_of(reference: Answers, study: Study) -> str:
    """Say in words what the reference is."""
    if reference.reader in study.readers:
        return f"the reading of {reference.reader.id} ({reference.reader.kind.value})"
    names = ", ".join(reader.id for reader in study.persons)
    return f"the majority of the persons who read an image ({names}); corners without a majority are left out"
