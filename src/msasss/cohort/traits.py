"""What a split of a cohort should spread evenly: scores and lesions, by patient."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from msasss.cohort.load import Cohort
from msasss.reading import Lesion, ReaderKind, Reading
from msasss.scoring import MSASSS, ScoringScheme, score_reading


@dataclass(frozen=True, slots=True)
class PatientTraits:
    """A patient as a split sees them.

    Args:
        patient: Pseudonym.
        visits: Number of visits.
        score: Mean observed score over the visits read; None if none was.
        lesions: Lesions seen on some film.
    """

    patient: str
    visits: int
    score: float | None = None
    lesions: frozenset[Lesion] = frozenset()


def traits_of(cohort: Cohort, *, scheme: ScoringScheme = MSASSS) -> tuple[PatientTraits, ...]:
    """Return the traits of every patient, by pseudonym.

    The consensus of an image counts; where there is none, all persons who read it; a network never does.

    Raises:
        ReadingError: If the readings are not well formed.
    """
    reference = reference_readings(cohort.readings)
    patients = sorted({visit.patient for visit in cohort.visits})
    return tuple(_traits(cohort, patient, reference, scheme) for patient in patients)


def reference_readings(readings: Iterable[Reading]) -> dict[str, tuple[Reading, ...]]:
    """Return by image the readings that count as its reference: the consensus, or else those of all persons."""
    of_kind: dict[str, dict[ReaderKind, list[Reading]]] = {}
    for reading in readings:
        for image in reading.images.values():
            of_kind.setdefault(image, {}).setdefault(reading.reader.kind, []).append(reading)
    chosen = {
        image: tuple(kinds.get(ReaderKind.CONSENSUS) or kinds.get(ReaderKind.HUMAN) or ())
        for image, kinds in of_kind.items()
    }
    return {image: found for image, found in chosen.items() if found}


def _traits(
    cohort: Cohort, patient: str, reference: Mapping[str, Sequence[Reading]], scheme: ScoringScheme
) -> PatientTraits:
    visits = [visit for visit in cohort.visits if visit.patient == patient]
    scores: list[float] = []
    lesions: set[Lesion] = set()
    for visit in visits:
        read = [reference[image] for image in visit.images.values() if image in reference]
        if read:
            scores.append(sum(fmean(score_reading(one, scheme).observed for one in of_image) for of_image in read))
        lesions |= {lesion for of_image in read for one in of_image for finding in one for lesion in finding.lesions}
    return PatientTraits(patient, len(visits), fmean(scores) if scores else None, frozenset(lesions))
