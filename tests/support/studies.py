"""Small studies made of numbers: patients, visits, persons who err a little, and a network with probabilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from msasss.anatomy import CORNERS, Corner, Region, Vertebra
from msasss.cohort.records import CohortVisit, Fold, ImageNote, Patient, Quality, Sex
from msasss.evaluation.study import Study, study_of
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading

LESIONS = tuple(Lesion)
FREQUENCY = dict(zip(LESIONS, (0.002, 0.04, 0.05, 0.07, 0.14, 0.06, 0.01), strict=True))
PERSONS = ("anna", "ben", "cleo")
HARD_TO_SEE = (Vertebra.C7, Vertebra.T1, Vertebra.T12)
Found = Mapping[Corner, CornerFinding]


@dataclass(frozen=True)
class StudyParts:
    """What a study is made of, before it is put together."""

    visits: tuple[CohortVisit, ...]
    readings: tuple[Reading, ...]
    patients: Mapping[str, Patient]
    notes: Mapping[str, ImageNote]
    folds: Mapping[str, Fold]


def human(name: str) -> Reader:
    return Reader(ReaderKind.HUMAN, name)


NETWORK = Reader(ReaderKind.MODEL, "network")


def visit(patient: str, number: int = 0) -> CohortVisit:
    """A visit with both views, two years after the one before."""
    images = {region: f"{patient}-{number}-{region.value}.dcm" for region in Region}
    return CohortVisit(patient, f"v{number}", images, dict.fromkeys(Region, date(2010 + 2 * number, 5, 20)))


def reading_of(at: CohortVisit, reader: Reader, found: Mapping[str, CornerFinding] | None = None) -> Reading:
    """A reading of a visit; corners that are not named bear nothing."""
    named = found or {}
    findings = tuple(named.get(str(corner), CornerFinding(corner)) for corner in CORNERS)
    return Reading(reader, dict(at.images), findings)


def parts(*, patients: int = 12, seed: int = 0) -> StudyParts:
    """A study of patients with one or two visits, read by three persons and a network."""
    rng = np.random.default_rng(seed)
    names = [f"P{number:02d}" for number in range(patients)]
    visits: list[CohortVisit] = []
    readings: list[Reading] = []
    for number, name in enumerate(names):
        severity = rng.gamma(1.2, 0.8)
        truth: dict[Corner, set[Lesion]] = {corner: set() for corner in CORNERS}
        for place in range(1 + number % 2):
            visits.append(visit(name, place))
            truth = {corner: found | _new(rng, severity) for corner, found in truth.items()}
            unseen = {it for it in CORNERS if rng.random() < (0.2 if it.vertebra in HARD_TO_SEE else 0.02)}
            readings += [_person(rng, visits[-1], name_, truth, unseen) for name_ in PERSONS]
            readings.append(_network(rng, visits[-1], truth, unseen))
    return StudyParts(tuple(visits), tuple(readings), _patients(rng, names), _notes(rng, visits), _folds(names))


def study(*, patients: int = 12, seed: int = 0, simulated: bool = False) -> Study:
    """The parts put together."""
    made = parts(patients=patients, seed=seed)
    return study_of(
        made.visits,
        made.readings,
        patients=made.patients,
        notes=made.notes,
        folds=made.folds,
        simulated=simulated,
    )


def _new(rng: np.random.Generator, severity: float) -> set[Lesion]:
    return {lesion for lesion in LESIONS if rng.random() < min(0.9, FREQUENCY[lesion] * severity)}


def _person(
    rng: np.random.Generator, at: CohortVisit, name: str, truth: Mapping[Corner, set[Lesion]], unseen: set[Corner]
) -> Reading:
    findings = []
    for corner in CORNERS:
        hidden = (corner in unseen) ^ (rng.random() < 0.01)
        seen = {it for it in LESIONS if (it in truth[corner]) ^ (rng.random() < FREQUENCY[it] / 4)}
        findings.append(CornerFinding(corner, frozenset() if hidden else frozenset(seen), hidden))
    return Reading(human(name), dict(at.images), tuple(findings))


def _network(
    rng: np.random.Generator, at: CohortVisit, truth: Mapping[Corner, set[Lesion]], unseen: set[Corner]
) -> Reading:
    findings = []
    for corner in CORNERS:
        logits = {it: (1.5 if it in truth[corner] else -3.5) + rng.normal(0, 1.2) for it in LESIONS}
        probabilities = {it: float(1 / (1 + np.exp(-value))) for it, value in logits.items()}
        hidden = corner in unseen
        found = frozenset() if hidden else frozenset(it for it in LESIONS if probabilities[it] > 0.5)
        not_visible = float(np.clip((0.8 if hidden else 0.1) + rng.normal(0, 0.1), 0, 1))
        findings.append(CornerFinding(corner, found, hidden, probabilities, not_visible))
    return Reading(NETWORK, dict(at.images), tuple(findings))


def _patients(rng: np.random.Generator, names: list[str]) -> dict[str, Patient]:
    return {
        name: Patient(
            name,
            sex=Sex.FEMALE if number % 4 == 0 else Sex.MALE,
            birth_year=1945 + 4 * number,
            age_at_diagnosis=20.0 + number,
            modified_new_york=number % 5 != 0,
            asas=True,
            clinical={"basdai": float(np.round(rng.uniform(0, 8), 1))},
        )
        for number, name in enumerate(names)
    }


def _notes(rng: np.random.Generator, visits: list[CohortVisit]) -> dict[str, ImageNote]:
    return {
        image: ImageNote(
            image,
            quality=tuple(Quality)[int(rng.integers(0, 3))],
            implant=bool(rng.random() < 0.05),
            centre="north" if int(at.patient[1:]) % 2 else "south",
        )
        for at in visits
        for image in at.images.values()
    }


def _folds(names: list[str]) -> dict[str, Fold]:
    return {name: Fold.TEST if number % 3 else Fold.TRAIN for number, name in enumerate(names)}
