"""Table 3: how far the persons agree with one another, per finding, on the grade, and pair by pair."""

from itertools import combinations

import numpy as np
import numpy.typing as npt

from msasss.evaluation import agreement, totals
from msasss.evaluation.agreement import GRADES
from msasss.evaluation.answers import FINDINGS, Answers, assessed
from msasss.evaluation.bootstrap import sums_by_patient
from msasss.evaluation.comparison import Comparison
from msasss.evaluation.raters import (
    NO_RATING,
    Tallies,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    mean_cohen_kappa,
    percent_agreement,
    tallies_of,
)
from msasss.evaluation.table import Cell, Table, columns
from msasss.evaluation.total_tables import EXAM, missing_rule

GRADE = "grade 0 to 3"


def interobserver_agreement(comparison: Comparison) -> Table | None:
    """Return Table 3: agreement of the persons per finding; None with fewer than two persons."""
    persons = comparison.persons
    if len(persons) < 2:
        return None
    ratings = {name: _finding_ratings(persons, place) for place, name in enumerate(FINDINGS)}
    rows = [_row(comparison, name, of_finding, categories=2) for name, of_finding in ratings.items()]
    rows.append(_row(comparison, GRADE, _grade_ratings(persons), categories=len(GRADES)))
    return Table(
        "table-3-interobserver",
        "Table 3",
        f"Agreement of {len(persons)} persons ({', '.join(it.reader.id for it in persons)}) on each finding, corner by "
        "corner.",
        columns(
            ("finding", "Finding"),
            ("n", "Corners"),
            ("n_all", "Corners, all persons"),
            ("percent", "Agreement, %", 1),
            ("cohen", "Cohen's κ"),
            ("fleiss", "Fleiss's κ"),
            ("ac1", "Gwet's AC1"),
            ("krippendorff", "Krippendorff's α"),
        ),
        tuple(rows),
        (
            "Corners that two or more persons assessed. A lesion is not assessed by a person who calls the corner not "
            "visible, a grade not by one who gives none; 'not visible' is, at every corner read.",
            "Agreement: agreements / (agreements + disagreements) over all pairs of persons, as Chen 2024. Cohen's κ: "
            "mean over the pairs. Fleiss's κ: corners that all persons assessed. α: nominal; for the grade, interval.",
            "Where a finding is rare, κ and α can be low although nearly all answers agree; AC1 is not upset by that.",
            "95 % intervals by resampling patients.",
        ),
    )


def agreement_of_pairs(comparison: Comparison) -> Table | None:
    """Return Table 3b: grades and totals of each two persons; None with fewer than two persons."""
    pairs = list(combinations(comparison.persons, 2))
    if not pairs:
        return None
    return Table(
        "table-3b-pairs",
        "Table 3b",
        "Agreement of each two persons on grades and totals.",
        columns(
            ("reader", "Person"),
            ("other", "Other person"),
            ("n", "Corners"),
            ("accuracy", "Same grade"),
            ("weighted_kappa", "Quadratic-weighted κ"),
            ("visits", "Visits"),
            ("icc_2_1", "Total: ICC(2,1)"),
            ("bias", "Bias", 2),
            ("limit_low", "Lower limit", 2),
            ("limit_high", "Upper limit", 2),
        ),
        tuple(_pair_row(comparison, *pair) for pair in pairs),
        (
            "Corners that both persons grade. Bias: other person minus person, in points; 95 % limits of agreement.",
            missing_rule(comparison.settings.scheme.missing),
            "95 % intervals by resampling patients.",
        ),
    )


def _finding_ratings(persons: tuple[Answers, ...], finding: int) -> npt.NDArray[np.int8]:
    return np.stack(
        [np.where(assessed(it, finding), it.present[..., finding], NO_RATING).astype(np.int8) for it in persons]
    )


def _grade_ratings(persons: tuple[Answers, ...]) -> npt.NDArray[np.int8]:
    return np.stack([np.where(it.scored, it.grades, NO_RATING).astype(np.int8) for it in persons])


def _row(comparison: Comparison, name: str, ratings: npt.NDArray[np.int8], *, categories: int) -> tuple[Cell, ...]:
    """Return the row of a finding from (persons, V, 24) ratings."""
    corners = ratings.shape[-1]
    tallies = tallies_of(
        ratings.reshape(len(ratings), -1),
        np.repeat(comparison.patient_of, corners),
        patients=comparison.draws.patients,
        categories=categories,
    )
    return (name, *_counts(tallies), *_coefficients(comparison, tallies, ordered=categories > 2))


def _counts(tallies: Tallies) -> tuple[int, int]:
    return int(tallies.by_some[:, 0].sum()), int(tallies.by_all[:, 0].sum())


def _coefficients(comparison: Comparison, tallies: Tallies, *, ordered: bool) -> tuple[Cell, ...]:
    interval = comparison.draws.interval_of_sums
    return (
        interval(tallies.agreement, lambda sums: 100 * percent_agreement(sums)),
        interval(tallies.pairs, mean_cohen_kappa),
        interval(tallies.by_all, fleiss_kappa),
        interval(tallies.by_some, gwet_ac1),
        interval(tallies.coincidences, lambda sums: krippendorff_alpha(sums, ordered=ordered)),
    )


def _pair_row(comparison: Comparison, one: Answers, other: Answers) -> tuple[Cell, ...]:
    both = one.scored & other.scored
    size = len(GRADES)
    cells = np.eye(size * size)[one.grades[both].astype(np.intp) * size + other.grades[both]]
    confusion = comparison.by_patient(both, cells).reshape(-1, size, size)
    scores = np.column_stack([one.totals[:, EXAM], other.totals[:, EXAM]])
    known = ~np.isnan(scores).any(axis=1)
    moments = sums_by_patient(totals.moments_of(scores[known]), comparison.patient_of[known], comparison.draws.patients)
    interval = comparison.draws.interval_of_sums
    return (
        one.reader.id,
        other.reader.id,
        int(both.sum()),
        interval(confusion, agreement.accuracy),
        interval(confusion, agreement.weighted_kappa),
        int(known.sum()),
        interval(moments, totals.icc_agreement),
        interval(moments, totals.bias),
        interval(moments, totals.lower_limit),
        interval(moments, totals.upper_limit),
    )
