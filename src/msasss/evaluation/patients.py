"""Table 1: who the patients are."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from msasss.cohort.records import CohortVisit, Fold, Patient, Sex
from msasss.evaluation.answers import Answers
from msasss.evaluation.comparison import Comparison
from msasss.evaluation.study import Study
from msasss.evaluation.table import Cell, Table, columns
from msasss.evaluation.table_formats import DASH
from msasss.evaluation.total_tables import EXAM, missing_rule

# By the columns of patients.csv; others keep their name.
LABELS = {
    "disease_duration_years": "Disease duration, years",
    "asdas_crp": "ASDAS-CRP",
    "asdas_esr": "ASDAS-ESR",
    "basdai": "BASDAI",
    "basfi": "BASFI",
    "crp_mg_l": "CRP, mg/l",
    "esr_mm_h": "ESR, mm/h",
}
MEAN = "mean ± SD (n)"
MEDIAN = "median [quartiles] (n)"
COUNT = "n (%)"


@dataclass(frozen=True, slots=True)
class Group:
    """Patients that share a column of the table."""

    name: str
    patients: tuple[Patient, ...]
    visits: tuple[CohortVisit, ...]

    def numbers(self, of: Callable[[Patient], float | None]) -> list[float]:
        """Return a number of each patient who has it."""
        found = [of(patient) for patient in self.patients]
        return [value for value in found if value is not None]

    def first_visit(self, patient: str) -> CohortVisit:
        """Return the first visit of a patient."""
        return next(visit for visit in self.visits if visit.patient == patient)


def characteristics(comparison: Comparison) -> Table:
    """Return Table 1: patients, by fold where the cohort was split."""
    study, reference = comparison.study, comparison.reference
    groups = _groups(study)
    rows: list[tuple[Cell, ...]] = [
        ("Patients", "n", *(len(group.patients) for group in groups)),
        ("Visits", "n", *(len(group.visits) for group in groups)),
        *_shares(groups),
        *_measures(groups),
        *_scores(study, reference, groups),
    ]
    known = [row for row in rows if any(cell != DASH for cell in row[2:])]
    return Table(
        "table-1-patients",
        "Table 1",
        f"Characteristics of {len(groups[0].patients)} patients.",
        columns(("characteristic", "Characteristic"), ("measure", "Measure"), *((it.name, it.name) for it in groups)),
        tuple(known),
        (
            "n: patients for whom it is known; shares are of these. Characteristics known of nobody are left out.",
            f"Total score: by {reference.reader.id}, at the first visit that has one, of the patients evaluated. "
            f"{missing_rule(comparison.settings.scheme.missing)}",
            *([] if study.has_patients else ["No table of visits was given: each visit is taken for a patient."]),
        ),
    )


def age_at(visit: CohortVisit, patient: Patient) -> float | None:
    """Return the age at a visit in years, from the year of birth or else the age at the first visit."""
    if patient.birth_year is not None and visit.visit_date is not None:
        return float(visit.visit_date.year - patient.birth_year)
    return patient.age


def _groups(study: Study) -> tuple[Group, ...]:
    folds = [fold for fold in Fold if fold in study.folds.values()]
    evaluated = _group("Evaluated", study, study.visits)
    if not folds:
        return (evaluated,)
    by_fold = [
        _group(fold.value.capitalize(), study, [it for it in study.all_visits if study.folds.get(it.patient) is fold])
        for fold in folds
    ]
    return (_group("All", study, study.all_visits), *by_fold)


def _group(name: str, study: Study, visits: Sequence[CohortVisit]) -> Group:
    names = dict.fromkeys(visit.patient for visit in visits)
    return Group(name, tuple(study.patients.get(it, Patient(it)) for it in names), tuple(visits))


def _shares(groups: Sequence[Group]) -> list[tuple[Cell, ...]]:
    traits: dict[str, Callable[[Patient], bool | None]] = {
        "Men": lambda patient: None if patient.sex is None else patient.sex is Sex.MALE,
        "HLA-B27 positive": lambda patient: patient.hla_b27,
        "Modified New York criteria": lambda patient: patient.modified_new_york,
        "ASAS criteria": lambda patient: patient.asas,
    }
    return [(name, COUNT, *(_share(group, of) for group in groups)) for name, of in traits.items()]


def _share(group: Group, of: Callable[[Patient], bool | None]) -> str:
    known = [value for value in map(of, group.patients) if value is not None]
    return f"{sum(known)} of {len(known)} ({100 * sum(known) / len(known):.1f})" if known else DASH


def _measures(groups: Sequence[Group]) -> list[tuple[Cell, ...]]:
    names = dict.fromkeys(name for group in groups for patient in group.patients for name in patient.clinical)
    ages = [group.numbers(partial(_age_at_first_visit, group)) for group in groups]
    at_diagnosis = [group.numbers(lambda patient: patient.age_at_diagnosis) for group in groups]
    rows = [
        ("Age at the first visit, years", MEAN, *map(_mean, ages)),
        ("Age at diagnosis, years", MEAN, *map(_mean, at_diagnosis)),
    ]
    for name in names:
        values = [group.numbers(partial(_measure, name)) for group in groups]
        rows += _two_rows(LABELS.get(name, name), values)
    return [tuple(row) for row in rows]


def _age_at_first_visit(group: Group, patient: Patient) -> float | None:
    return age_at(group.first_visit(patient.patient), patient)


def _measure(name: str, patient: Patient) -> float | None:
    return patient.clinical.get(name)


def _scores(study: Study, reference: Answers, groups: Sequence[Group]) -> list[tuple[Cell, ...]]:
    first: dict[str, float] = {}
    for visit, total in zip(study.visits, reference.totals[:, EXAM], strict=True):
        if not math.isnan(total):
            first.setdefault(visit.patient, float(total))
    values = [[first[it.patient] for it in group.patients if it.patient in first] for group in groups]
    return [tuple(row) for row in _two_rows("Total score, 0 to 72", values)]


def _two_rows(name: str, values: Sequence[Sequence[float]]) -> list[tuple[str, ...]]:
    return [(name, MEAN, *map(_mean, values)), (name, MEDIAN, *map(_median, values))]


def _mean(values: Sequence[float]) -> str:
    if not values:
        return DASH
    spread = f"{np.std(values, ddof=1):.1f}" if len(values) > 1 else DASH
    return f"{np.mean(values):.1f} ± {spread} ({len(values)})"


def _median(values: Sequence[float]) -> str:
    if not values:
        return DASH
    low, middle, high = np.percentile(values, [25, 50, 75])
    return f"{middle:.1f} [{low:.1f} to {high:.1f}] ({len(values)})"
