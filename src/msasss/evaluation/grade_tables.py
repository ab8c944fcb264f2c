"""Tables 5 and 6: the grades of the corners against those of the reference."""

from collections.abc import Callable

import numpy as np

from msasss.evaluation import agreement
from msasss.evaluation.agreement import GRADES, NOT_SCORED
from msasss.evaluation.answers import Answers, Array
from msasss.evaluation.bootstrap import Interval
from msasss.evaluation.comparison import Comparison
from msasss.evaluation.table import Cell, Table, columns

Measure = Callable[[Array], Array]

COUNTED = (
    "Corners that the reference grades and both read. A corner that the reader does not score counts as wrong: leaving "
    "it out is an answer."
)
BY_CONSTRUCTION = "A reader who took part in the consensus agrees with it in part by construction."


def confusion_of_grades(comparison: Comparison) -> Table:
    """Return Table 5: for each reader, how the corners of each grade of the reference are graded."""
    rows = [row for other in (*comparison.others, comparison.baseline) for row in _confusion_rows(comparison, other)]
    return Table(
        "table-5-confusion",
        "Table 5",
        f"Grades of {_scored(comparison)} corners of {len(comparison.study.visits)} visits against "
        f"{comparison.reference.reader.id}: counts, and accuracy per grade of the reference and overall.",
        columns(
            ("reader", "Reader"),
            ("reference_grade", "Grade of the reference"),
            *((f"grade_{grade}", str(grade)) for grade in GRADES),
            ("not_scored", "Not scored"),
            ("n", "n"),
            ("accuracy", "Accuracy"),
            ("precision", "Precision"),
        ),
        tuple(rows),
        (
            COUNTED,
            "Rows 'not scored': corners that the reference does not grade (not visible, osteophyte or other); they "
            "enter neither accuracy nor precision.",
            "Accuracy of a grade: share of the reference's corners of that grade that get it (recall). Precision: "
            "share of the corners given that grade, among those the reference grades, that have it.",
            BY_CONSTRUCTION,
        ),
    )


def agreement_on_grades(comparison: Comparison) -> Table:
    """Return Table 6: one line per reader, with what accuracy alone hides."""
    measures = {
        "accuracy": agreement.accuracy,
        "balanced_accuracy": agreement.balanced_accuracy,
        "weighted_kappa": agreement.weighted_kappa,
        "within_one": agreement.within_one_grade,
        "not_scored": agreement.share_not_scored,
    }
    return Table(
        "table-6-grades",
        "Table 6",
        f"Agreement on the grade of a corner with {comparison.reference.reader.id}.",
        columns(
            ("reader", "Reader"),
            ("n", "n"),
            ("accuracy", "Accuracy"),
            ("balanced_accuracy", "Balanced accuracy"),
            ("weighted_kappa", "Quadratic-weighted κ"),
            ("within_one", "Within one grade"),
            ("not_scored", "Not scored"),
        ),
        tuple(
            (other.reader.id, _graded(comparison, other), *_intervals(comparison, other, tuple(measures.values())))
            for other in (*comparison.others, comparison.baseline)
        ),
        (
            COUNTED,
            "Balanced accuracy: mean of the accuracies of the grades that occur. Weighted κ: over corners both grade.",
            "95 % intervals by resampling patients.",
            BY_CONSTRUCTION,
        ),
    )


def _confusion_rows(comparison: Comparison, other: Answers) -> list[tuple[Cell, ...]]:
    confusion = comparison.confusion(other)
    total = confusion.sum(axis=0).astype(np.int64)
    rows: list[tuple[Cell, ...]] = []
    for grade in (*GRADES, NOT_SCORED):
        name = "not scored" if grade == NOT_SCORED else str(grade)
        counts = [int(count) for count in total[grade]]
        accuracy, precision = _of_grade(comparison, confusion, grade)
        rows.append((other.reader.id, name, *counts, sum(counts), accuracy, precision))
    counts = [int(count) for count in total[:NOT_SCORED].sum(axis=0)]
    overall = comparison.draws.interval_of_sums(confusion, agreement.accuracy)
    return [*rows, (other.reader.id, "all graded", *counts, sum(counts), overall, None)]


def _of_grade(comparison: Comparison, confusion: Array, grade: int) -> tuple[Interval | None, Interval | None]:
    if grade == NOT_SCORED:
        return None, None
    draws = comparison.draws
    return (
        draws.interval_of_sums(confusion, lambda sums: agreement.recalls(sums)[..., grade]),
        draws.interval_of_sums(confusion, lambda sums: agreement.precisions(sums)[..., grade]),
    )


def _intervals(comparison: Comparison, other: Answers, measures: tuple[Measure, ...]) -> list[Interval]:
    confusion = comparison.confusion(other)
    return [comparison.draws.interval_of_sums(confusion, measure) for measure in measures]


def _graded(comparison: Comparison, other: Answers) -> int:
    return int((comparison.both_read(other) & comparison.reference.scored).sum())


def _scored(comparison: Comparison) -> int:
    return int((comparison.reference.read & comparison.reference.scored).sum())
