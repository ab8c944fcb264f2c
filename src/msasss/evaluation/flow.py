"""From eligibility to the corners compared: the numbers of a STROBE flow chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from msasss.anatomy import CORNERS, Region
from msasss.cohort.records import CohortVisit, Fold
from msasss.evaluation.comparison import Comparison
from msasss.evaluation.table import Table, columns

CRITERIA = "modified New York or ASAS criteria"


class StepKind(Enum):
    """MAIN leads from eligibility to the reference; APART leaves there; COMPARED branches off at its end."""

    MAIN = "main"
    APART = "apart"
    COMPARED = "compared"


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step; a number that does not apply is None.

    Args:
        step: What is counted.
        patients: How many.
        visits: How many.
        corners: How many.
        kind: Its place in the chart.
    """

    step: str
    patients: int | None = None
    visits: int | None = None
    corners: int | None = None
    kind: StepKind = StepKind.MAIN


def flow_of(comparison: Comparison) -> tuple[FlowStep, ...]:
    """Count patients, visits and corners from eligibility to each comparison; nobody set apart is no step."""
    steps = (*_eligibility(comparison), *_folds(comparison), *_reference(comparison), *_compared(comparison))
    return tuple(step for step in steps if step.kind is not StepKind.APART or _has_any(step))


def flow_table(comparison: Comparison) -> Table:
    """Return the flow as a table."""
    return Table(
        "flow",
        "Flow",
        "From eligibility to comparison.",
        columns(
            ("step", "Step"), ("kind", "Place"), ("patients", "Patients"), ("visits", "Visits"), ("corners", "Corners")
        ),
        tuple((it.step, it.kind.value, it.patients, it.visits, it.corners) for it in flow_of(comparison)),
        (
            "Main: the way from eligibility to the reference; apart: what leaves it there; compared: who read what the "
            "reference grades. Steps that the files say nothing about are left out.",
            "24 corners per visit, 12 per image. Corners not scored are counted apart, never as grade 0.",
        ),
    )


def _eligibility(comparison: Comparison) -> list[FlowStep]:
    study = comparison.study
    steps = []
    if study.patients:
        known = [it for it in study.patients.values() if it.modified_new_york is not None or it.asas is not None]
        eligible = [it for it in known if it.modified_new_york or it.asas]
        steps.append(FlowStep("patients listed", patients=len(study.patients)))
        if known:
            unmet, unknown = len(known) - len(eligible), len(study.patients) - len(known)
            steps.append(FlowStep(f"not fulfilling {CRITERIA}", patients=unmet, kind=StepKind.APART))
            steps.append(FlowStep(f"{CRITERIA} not known", patients=unknown, kind=StepKind.APART))
            steps.append(FlowStep(f"fulfilling {CRITERIA}", patients=len(eligible)))
    one_view = [visit for visit in study.all_visits if not visit.is_set]
    return [
        *steps,
        _visits("with radiographs", study.all_visits),
        _visits("of these, one view only: no exam total", one_view, kind=StepKind.APART),
    ]


def _folds(comparison: Comparison) -> list[FlowStep]:
    study = comparison.study
    if study.fold is None:
        return [_visits("evaluated", study.visits)]
    steps = []
    for fold in Fold:
        visits = [visit for visit in study.all_visits if study.folds.get(visit.patient) is fold]
        if fold is not study.fold:
            steps.append(_visits(f"in the fold {fold.value}", visits, kind=StepKind.APART))
    return [*steps, _visits(f"evaluated: the fold {study.fold.value}", study.visits)]


def _reference(comparison: Comparison) -> list[FlowStep]:
    study, reference = comparison.study, comparison.reference
    with_reference = [visit for visit, read in zip(study.visits, reference.read, strict=True) if read.any()]
    step = _visits("with a reference", with_reference)
    unseen = int(reference.present[..., -1].sum())
    excluded = int((reference.visible & ~reference.scored).sum())
    return [
        FlowStep("corners without a majority", corners=reference.undecided, kind=StepKind.APART),
        FlowStep(step.step, step.patients, step.visits, int(reference.read.sum())),
        FlowStep("corners not visible to the reference", corners=unseen, kind=StepKind.APART),
        FlowStep("corners with an excluding lesion, not scored", corners=excluded, kind=StepKind.APART),
        FlowStep("graded by the reference", corners=int(reference.scored.sum())),
    ]


def _compared(comparison: Comparison) -> list[FlowStep]:
    steps = []
    for other in comparison.others:
        both = comparison.both_read(other) & comparison.reference.scored
        visits = [visit for visit, read in zip(comparison.study.visits, both, strict=True) if read.any()]
        step = _visits(f"of these read by {other.reader.id}", visits)
        steps.append(FlowStep(step.step, step.patients, step.visits, int(both.sum()), StepKind.COMPARED))
    return steps


def _visits(step: str, visits: Sequence[CohortVisit], *, kind: StepKind = StepKind.MAIN) -> FlowStep:
    corners = sum(len(visit.images) for visit in visits) * len(CORNERS) // len(Region)
    return FlowStep(step, len({visit.patient for visit in visits}), len(visits), corners, kind)


def _has_any(step: FlowStep) -> bool:
    return any((step.patients, step.visits, step.corners))
