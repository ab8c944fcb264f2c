"""Table 11: whether it holds for women and men, young and old, each level, and each centre."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from msasss.anatomy import CORNERS, Region
from msasss.cohort.records import CohortVisit, ImageNote, Patient, Quality
from msasss.evaluation import agreement, totals
from msasss.evaluation.agreement import NOT_SCORED
from msasss.evaluation.answers import Answers, Bools
from msasss.evaluation.bootstrap import sums_by_patient
from msasss.evaluation.comparison import Comparison
from msasss.evaluation.grade_tables import COUNTED
from msasss.evaluation.patients import age_at
from msasss.evaluation.ratios import ratio
from msasss.evaluation.study import Study
from msasss.evaluation.table import Cell, Table, columns
from msasss.evaluation.total_tables import EXAM, missing_rule

Labels = npt.NDArray[np.str_]

NOT_GIVEN = "not given"
AGE_LIMITS = (30, 40, 50, 60)  # years
AGE_GROUPS = ("under 30", "30 to 39", "40 to 49", "50 to 59", "60 and over")
ALL = "all"


def subgroup_factors(study: Study) -> dict[str, Labels]:
    """Return (V, 24) labels of the corners by factor; factors of which nothing is known are left out."""
    factors = {
        "sex": _of_patient(study, lambda _, patient: patient.sex and patient.sex.value),
        "age": _of_patient(study, _age_group),
        "region": _of_corner(study, [corner.region.value for corner in CORNERS]),
        "level": _of_corner(study, [str(corner.disc) for corner in CORNERS]),
        "quality": _of_image(study, lambda note: note.quality and note.quality.value),
        "implant": _of_image(study, lambda note: None if note.implant is None else ("yes" if note.implant else "no")),
        "centre": _of_image(study, lambda note: note.centre),
        "vendor": _of_image(study, lambda note: note.vendor),
    }
    return {name: labels for name, labels in factors.items() if (labels != NOT_GIVEN).any()}


def agreement_in_subgroups(comparison: Comparison) -> Table:
    """Return Table 11: agreement with the reference in each subgroup, for the networks or, without one, everybody."""
    rows = []
    factors = subgroup_factors(comparison.study)
    for other in comparison.tested:
        everywhere = np.ones(other.read.shape, dtype=bool)
        rows.append(_row(comparison, other, (ALL, ALL), everywhere))
        rows += [
            _row(comparison, other, (factor, str(label)), labels == label)
            for factor, labels in factors.items()
            for label in _in_order(labels)
        ]
    return Table(
        "table-11-subgroups",
        "Table 11",
        f"Agreement with {comparison.reference.reader.id} in subgroups.",
        columns(
            ("reader", "Reader"),
            ("factor", "Factor"),
            ("subgroup", "Subgroup"),
            ("patients", "Patients"),
            ("n", "Corners"),
            ("accuracy", "Accuracy"),
            ("always_0", "Accuracy of always 0"),
            ("balanced_accuracy", "Balanced accuracy"),
            ("weighted_kappa", "Quadratic-weighted κ"),
            ("visits", "Visits"),
            ("icc_2_1", "Total: ICC(2,1)"),
            ("bias", "Bias", 2),
        ),
        tuple(rows),
        (
            COUNTED,
            "Totals: visits that belong to the subgroup with all their films. "
            f"{missing_rule(comparison.settings.scheme.missing)}",
            "95 % intervals by resampling patients. Subgroups overlap and are many: some will differ by chance.",
        ),
    )


def _row(comparison: Comparison, other: Answers, names: tuple[str, str], where: Bools) -> tuple[Cell, ...]:
    confusion = comparison.confusion(other, where)
    counted = comparison.both_read(other, where) & comparison.reference.scored
    total = confusion.sum(axis=0)[:NOT_SCORED]
    pairs = np.column_stack([comparison.reference.totals[:, EXAM], other.totals[:, EXAM]])
    whole = _whole_visits(comparison, where) & ~np.isnan(pairs).any(axis=1)
    moments = sums_by_patient(totals.moments_of(pairs[whole]), comparison.patient_of[whole], comparison.draws.patients)
    interval = comparison.draws.interval_of_sums
    return (
        other.reader.id,
        *names,
        len(set(comparison.patient_of[np.nonzero(counted)[0]].tolist())),
        int(counted.sum()),
        interval(confusion, agreement.accuracy),
        float(ratio(total[0].sum(), total.sum())),
        interval(confusion, agreement.balanced_accuracy),
        interval(confusion, agreement.weighted_kappa),
        int(whole.sum()) or None,
        interval(moments, totals.icc_agreement) if whole.any() else None,
        interval(moments, totals.bias) if whole.any() else None,
    )


def _whole_visits(comparison: Comparison, where: Bools) -> npt.NDArray[np.bool_]:
    """Return (V,): visits of which the subgroup has every corner of every image."""
    taken = np.array([[corner.region in visit.images for corner in CORNERS] for visit in comparison.study.visits])
    return np.asarray((where | ~taken).all(axis=1) & taken.all(axis=1))


def _in_order(labels: Labels) -> list[str]:
    """Return the labels as they come down the spine, by age, by quality, or in the alphabet; what is not given last."""
    order = [*dict.fromkeys(str(corner.disc) for corner in CORNERS), *AGE_GROUPS, *(it.value for it in Quality)]
    found = set(labels.ravel().tolist())
    return sorted(found, key=lambda it: (it == NOT_GIVEN, order.index(it) if it in order else -1, it))


def _of_patient(study: Study, label: Callable[[CohortVisit, Patient], str | None]) -> Labels:
    labels = [label(visit, study.patients.get(visit.patient, Patient(visit.patient))) for visit in study.visits]
    return np.repeat(np.array([it or NOT_GIVEN for it in labels])[:, None], len(CORNERS), axis=1)


def _of_corner(study: Study, labels: list[str]) -> Labels:
    return np.repeat(np.array(labels)[None, :], len(study.visits), axis=0)


def _of_image(study: Study, label: Callable[[ImageNote], str | None]) -> Labels:
    rows = []
    for visit in study.visits:
        by_region = {region: _noted(study.notes, visit, region, label) for region in Region}
        rows.append([by_region[corner.region] for corner in CORNERS])
    return np.array(rows)


def _noted(
    notes: Mapping[str, ImageNote], visit: CohortVisit, region: Region, label: Callable[[ImageNote], str | None]
) -> str:
    note = notes.get(visit.images.get(region, ""))
    return (label(note) if note else None) or NOT_GIVEN


def _age_group(visit: CohortVisit, patient: Patient) -> str | None:
    age = age_at(visit, patient)
    if age is None:
        return None
    return AGE_GROUPS[sum(age >= limit for limit in AGE_LIMITS)]
