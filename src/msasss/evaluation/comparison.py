"""A reference and the readings measured by it, ready to be counted."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.evaluation.agreement import NOT_SCORED
from msasss.evaluation.answers import Answers, Bools, always_zero, answers_of, assessed
from msasss.evaluation.bootstrap import DRAWS, PatientDraws, draw_patients, sums_by_patient
from msasss.evaluation.reference import reference_of
from msasss.evaluation.study import Study
from msasss.reading import ReaderKind
from msasss.scoring import MSASSS, ScoringScheme

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to evaluate.

    Args:
        reference: A reader, or "consensus".
        scheme: The rules by which all readings are scored.
        draws: Resamples of patients for each interval.
        seed: Of the resamples.
    """

    reference: str = "consensus"
    scheme: ScoringScheme = MSASSS
    draws: int = DRAWS
    seed: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What the tables are made of.

    Args:
        study: The visits.
        settings: How to evaluate.
        reference: What the others are measured by.
        others: Every other reader: networks, persons, then consensus.
        persons: The human readers, the reference among them if it is one.
        patient_of: (V,) number of each visit's patient.
        draws: The resamples of patients.
    """

    study: Study
    settings: Settings
    reference: Answers
    others: tuple[Answers, ...]
    persons: tuple[Answers, ...]
    patient_of: npt.NDArray[np.intp]
    draws: PatientDraws

    @property
    def baseline(self) -> Answers:
        """Somebody who finds nothing."""
        return always_zero(self.reference)

    @property
    def networks(self) -> tuple[Answers, ...]:
        """The networks among the others."""
        return tuple(other for other in self.others if other.reader.kind is ReaderKind.MODEL)

    @property
    def tested(self) -> tuple[Answers, ...]:
        """Whom the study is about: the networks, or everybody where there is none."""
        return self.networks or self.others

    def by_patient(self, where: Bools, values: npt.NDArray[np.number]) -> Array:
        """Add up (N, ...) values of the corners chosen by a (V, 24) mask, by patient."""
        return sums_by_patient(values, self.patient_of[np.nonzero(where)[0]], self.draws.patients)

    def both_read(self, other: Answers, where: Bools | None = None) -> Bools:
        """Return (V, 24): the corners that the reference and the other read, within a mask."""
        both = self.reference.read & other.read
        return both if where is None else both & where

    def confusion(self, other: Answers, where: Bools | None = None) -> Array:
        """Return (P, 5, 5): grades of the reference by grades of the other, "not scored" last, per patient."""
        both = self.both_read(other, where)
        size = NOT_SCORED + 1
        cells = np.eye(size * size)[self.reference.grades[both].astype(np.intp) * size + other.grades[both]]
        return self.by_patient(both, cells).reshape(-1, size, size)

    def detection(self, other: Answers, finding: int, where: Bools | None = None) -> Array:
        """Return (P, 2, 2): a finding in the reference by the same in the other, per patient.

        Corners at which the reference cannot say are left out; a corner that the other calls not visible has no
        lesion flagged.
        """
        both = self.both_read(other, where) & assessed(self.reference, finding)
        truth, flagged = self.reference.present[both][:, finding], other.present[both][:, finding]
        return self.by_patient(both, np.eye(4)[truth * 2 + flagged]).reshape(-1, 2, 2)


def compare(study: Study, settings: Settings) -> Comparison:
    """Work out who says what.

    Raises:
        UsageError: If there is no such reference, or nobody to compare with it.
    """
    reference = reference_of(study, settings.reference, settings.scheme)
    answers = [answers_of(study, reader, settings.scheme) for reader in study.readers]
    names = study.patient_names
    number = {name: place for place, name in enumerate(names)}
    return Comparison(
        study,
        settings,
        reference,
        others=tuple(found for found in answers if found.reader != reference.reader),
        persons=tuple(found for found in answers if found.reader.kind is ReaderKind.HUMAN),
        patient_of=np.array([number[visit.patient] for visit in study.visits], dtype=np.intp),
        draws=draw_patients(len(names), seed=settings.seed, draws=settings.draws),
    )
