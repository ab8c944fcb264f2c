"""Splits a cohort into train, validation and test: whole patients, evenly by score and lesions, the same for a seed.

Whole patients move, as in Chen 2024 (10.1177/1759720X241285973: 211 of 1056 sets are test), so that no film of a test
patient is ever trained on. Scores and lesions are spread by iterative stratification (Sechidis 2011,
10.1007/978-3-642-23808-6_10): the rarest trait is dealt out first, each patient to the fold that lacks it most.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msasss.cohort.layout import SPLIT
from msasss.cohort.records import Fold
from msasss.cohort.tables import dump_split
from msasss.cohort.traits import PatientTraits
from msasss.errors import InputError, UsageError

TEST_SHARE: Final = 0.2
VALIDATION_SHARE: Final = 0.2
TERTILES: Final = 3

# Every patient has this trait; it is dealt out last, for those without any other.
_ANY: Final = "visit"


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How to split.

    Args:
        seed: Decides between patients that are alike.
        test_share: Share of all visits for the test.
        validation_share: Share of the others for validation.

    Raises:
        UsageError: If a share is not between 0 and 1, both excluded.
    """

    seed: int
    test_share: float = TEST_SHARE
    validation_share: float = VALIDATION_SHARE

    def __post_init__(self) -> None:
        for name, share in (("test", self.test_share), ("validation", self.validation_share)):
            if not 0.0 < share < 1.0:
                msg = f"Expected a {name} share between 0 and 1, got {share:g}. Give a fraction such as 0.2."
                raise UsageError(msg)

    @property
    def shares(self) -> dict[Fold, float]:
        """Share of all visits by fold."""
        rest = 1.0 - self.test_share
        validation = rest * self.validation_share
        return {Fold.TRAIN: rest - validation, Fold.VALIDATION: validation, Fold.TEST: self.test_share}


def split_patients(patients: Sequence[PatientTraits], plan: SplitPlan) -> dict[str, Fold]:
    """Return the fold of every patient, by pseudonym.

    Args:
        patients: In any order.
        plan: Seed and shares.

    Raises:
        InputError: If there are fewer patients than folds.
    """
    if len(patients) < len(Fold):
        msg = f"Expected at least {len(Fold)} patients, one for each fold, got {len(patients)}. Add patients."
        raise InputError(msg)
    order = sorted(patients, key=lambda it: it.patient)
    random.Random(plan.seed).shuffle(order)
    traits = {it.patient: _labels(it, _tertile_bounds(patients)) for it in order}
    folds = _deal(order, traits, plan)
    _fill_empty(folds, order)
    return {it.patient: folds[it.patient] for it in sorted(patients, key=lambda it: it.patient)}


def write_split(folder: Path, folds: Mapping[str, Fold]) -> Path:
    """Write `split.csv`; one that is there is never replaced, so that no test patient is trained on later.

    Raises:
        UsageError: If the cohort was split before, or cannot be written.
    """
    path = folder / SPLIT
    try:
        with path.open("x", encoding="utf-8", newline="") as stream:
            stream.write(dump_split(folds))
    except FileExistsError as error:
        msg = (
            f"Expected a cohort without {SPLIT}, got one that was split before. Keep that split, as networks may have "
            "been trained on it; to start over, remove the file and train anew."
        )
        raise UsageError(msg) from error
    except OSError as error:
        msg = f"Expected a folder that can be written, got {folder} ({error.strerror}). Check your permission."
        raise UsageError(msg) from error
    return path


def _tertile_bounds(patients: Sequence[PatientTraits]) -> tuple[float, ...]:
    """Return the scores from which a patient is in the middle and in the upper third of those who have a score."""
    scores = sorted(it.score for it in patients if it.score is not None)
    if len(scores) < TERTILES:
        return ()
    return tuple(scores[math.ceil(len(scores) * part / TERTILES)] for part in range(1, TERTILES))


def _labels(patient: PatientTraits, bounds: Sequence[float]) -> frozenset[str]:
    labels = {_ANY, *(lesion.value for lesion in patient.lesions)}
    if patient.score is not None:
        labels.add(f"tertile {sum(patient.score >= bound for bound in bounds)}")
    return frozenset(labels)


def _deal(order: Sequence[PatientTraits], traits: Mapping[str, frozenset[str]], plan: SplitPlan) -> dict[str, Fold]:
    totals: dict[str, int] = {}
    for it in order:
        for label in traits[it.patient]:
            totals[label] = totals.get(label, 0) + it.visits
    lacking = {fold: {label: share * total for label, total in totals.items()} for fold, share in plan.shares.items()}
    folds: dict[str, Fold] = {}
    while len(folds) < len(order):
        label = _rarest([traits[it.patient] for it in order if it.patient not in folds])
        for it in order:
            if it.patient in folds or label not in traits[it.patient]:
                continue
            fold = _neediest(lacking, label, it.visits)
            folds[it.patient] = fold
            for own in traits[it.patient]:
                lacking[fold][own] -= it.visits
    return folds


def _rarest(traits: Sequence[frozenset[str]]) -> str:
    """Return the trait that fewest patients have; `_ANY` only when no other is left."""
    counts: dict[str, int] = {}
    for labels in traits:
        for label in labels:
            counts[label] = counts.get(label, 0) + 1
    return min(counts, key=lambda label: (label == _ANY, counts[label], label))


def _neediest(lacking: Mapping[Fold, Mapping[str, float]], label: str, visits: int) -> Fold:
    """Return the fold that lacks a trait most, among those with room for at least half of the patient's visits."""
    roomy = [fold for fold in Fold if lacking[fold][_ANY] >= visits / 2] or list(Fold)
    return max(roomy, key=lambda fold: (lacking[fold][label], lacking[fold][_ANY]))


def _fill_empty(folds: dict[str, Fold], order: Sequence[PatientTraits]) -> None:
    """Give an empty fold the patient with fewest visits of the fold with most patients: small cohorts leave one."""
    for fold in Fold:
        if fold in folds.values():
            continue
        held = list(folds.values())
        fullest = max(Fold, key=held.count)
        given = min((it for it in order if folds[it.patient] is fullest), key=lambda it: it.visits)
        folds[given.patient] = fold
