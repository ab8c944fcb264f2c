"""Tables 9 and 10: whether a network's probabilities mean what they say, and what can be left to it."""

from functools import partial

import numpy as np

from msasss.evaluation import calibration
from msasss.evaluation.abstention import Abstention, abstention_of, certainty_of_grades
from msasss.evaluation.answers import FINDINGS, Answers, Array
from msasss.evaluation.bootstrap import sums_by_patient
from msasss.evaluation.comparison import Comparison
from msasss.evaluation.lesion_tables import UNASSESSED, ranking_of
from msasss.evaluation.ratios import ratio
from msasss.evaluation.table import Cell, Table, columns

ACCURACIES = (0.90, 0.95, 0.975, 0.99)
SHARES = (0.05, 0.10, 0.20, 0.30, 0.50)


def readers_with_probabilities(comparison: Comparison) -> tuple[Answers, ...]:
    """Return the readers that give probabilities."""
    return tuple(other for other in comparison.others if other.has_probabilities)


def calibration_of_findings(comparison: Comparison) -> Table | None:
    """Return Table 9: calibration of each finding's probability; None where there are none."""
    readers = readers_with_probabilities(comparison)
    if not readers:
        return None
    rows = [_calibration_row(comparison, other, finding) for other in readers for finding in range(len(FINDINGS))]
    return Table(
        "table-9-calibration",
        "Table 9",
        f"Calibration of probabilities against {comparison.reference.reader.id}.",
        columns(
            ("reader", "Reader"),
            ("finding", "Finding"),
            ("n", "n"),
            ("positive", "Positive"),
            ("calibration_error", "Expected calibration error"),
            ("predicted_over_observed", "Predicted / observed", 2),
            ("brier", "Brier score"),
            ("brier_of_prevalence", "Brier score of the prevalence"),
        ),
        tuple(row for row in rows if row[2]),
        (
            UNASSESSED,
            f"Expected calibration error: mean distance of predicted and observed frequency in {calibration.BINS} bins "
            "of equal width. Brier score of the prevalence: the baseline that says the prevalence of this study "
            "everywhere.",
            "95 % intervals by resampling patients.",
        ),
    )


def abstention_of_readers(comparison: Comparison) -> Table | None:
    """Return Table 10: what share a person must look at; None where there are no probabilities."""
    readers = readers_with_probabilities(comparison)
    if not readers:
        return None
    return Table(
        "table-10-abstention",
        "Table 10",
        "Share of the corners that a person must look at so that the rest are right, and accuracy of the rest after "
        f"looking at a share, against {comparison.reference.reader.id}.",
        columns(("reader", "Reader"), ("question", "Question"), ("n", "n"), ("answer", "Answer")),
        tuple(row for other in readers for row in _abstention_rows(comparison, other)),
        (
            "Corners that the reference grades, the least certain looked at first. Corners that the reader does not "
            "score are always looked at. Certainty: the probability of the grade given, those of the lesions taken "
            "as independent.",
            "95 % intervals by resampling patients.",
        ),
    )


def abstention_for(comparison: Comparison, other: Answers) -> Abstention:
    """Return how a reader's grades of the corners that the reference grades rank by certainty."""
    certainty = certainty_of_grades(other, comparison.settings.scheme)
    where = comparison.both_read(other) & comparison.reference.scored & ~np.isnan(certainty)
    return abstention_of(
        certainty[where],
        (other.grades == comparison.reference.grades)[where],
        other.scored[where],
        comparison.patient_of[np.nonzero(where)[0]],
    )


def bins_of(comparison: Comparison, other: Answers, finding: int) -> Array:
    """Return (P, bins, 3) sums of a finding's probabilities per patient, for the calibration curve."""
    return _by_patient(comparison, other, finding)[0]


def _by_patient(comparison: Comparison, other: Answers, finding: int) -> tuple[Array, Array]:
    _, probabilities, truth, patient_of = ranking_of(comparison, other, finding)
    squares = np.column_stack([(probabilities - truth) ** 2, truth, np.ones(len(truth))])
    patients = comparison.draws.patients
    return (
        sums_by_patient(calibration.binned(probabilities, truth), patient_of, patients),
        sums_by_patient(squares, patient_of, patients),
    )


def _calibration_row(comparison: Comparison, other: Answers, finding: int) -> tuple[Cell, ...]:
    bins, squares = _by_patient(comparison, other, finding)
    interval = comparison.draws.interval_of_sums
    return (
        other.reader.id,
        FINDINGS[finding],
        int(bins[..., 0].sum()),
        int(bins[..., 2].sum()),
        interval(bins, calibration.expected_calibration_error),
        interval(bins, calibration.predicted_over_observed),
        interval(squares, lambda sums: ratio(sums[:, 0], sums[:, 2])),
        interval(squares, _brier_of_prevalence),
    )


def _brier_of_prevalence(sums: Array) -> Array:
    prevalence = ratio(sums[:, 1], sums[:, 2])
    return np.asarray(prevalence * (1.0 - prevalence))


def _abstention_rows(comparison: Comparison, other: Answers) -> list[tuple[Cell, ...]]:
    abstention = abstention_for(comparison, other)
    interval = comparison.draws.interval
    answers = {}
    for goal in ACCURACIES:
        question = f"share to look at for {100 * goal:g} % of the rest right"
        answers[question] = interval(partial(abstention.share_to_look_at, accuracy=goal))
    for share in SHARES:
        question = f"accuracy of the rest after looking at {100 * share:g} %"
        answers[question] = interval(partial(_accuracy_of_rest, abstention, share))
    return [(other.reader.id, question, len(abstention.right), answer) for question, answer in answers.items()]


def _accuracy_of_rest(abstention: Abstention, share: float, weights: Array) -> Array:
    return abstention.accuracy_of_rest(weights, (share,))[:, 0]
