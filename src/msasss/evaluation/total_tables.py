"""Tables 7 and 8: total scores, and their change from one visit of a patient to the next."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from msasss.evaluation import totals
from msasss.evaluation.answers import TOTALS, Answers, Array
from msasss.evaluation.bootstrap import sums_by_patient
from msasss.evaluation.comparison import Comparison
from msasss.evaluation.ratios import ratio
from msasss.evaluation.table import Cell, Table, columns
from msasss.scoring.missing import MissingPolicy

EXAM = TOTALS.index("exam")
_MEASURES = (
    totals.icc_agreement,
    totals.icc_consistency,
    totals.bias,
    totals.lower_limit,
    totals.upper_limit,
)
_COLUMNS = (
    ("icc_2_1", "ICC(2,1)"),
    ("icc_3_1", "ICC(3,1)"),
    ("bias", "Bias", 2),
    ("limit_low", "Lower limit", 2),
    ("limit_high", "Upper limit", 2),
)


def agreement_on_totals(comparison: Comparison) -> Table:
    """Return Table 7: agreement of total scores with the reference."""
    return Table(
        "table-7-totals",
        "Table 7",
        f"Agreement of total scores with {comparison.reference.reader.id}, in points.",
        columns(
            ("reader", "Reader"),
            ("score", "Score"),
            ("n", "Visits"),
            *_COLUMNS,
            ("sdc_status", "SDC from status", 2),
            ("mean_absolute_error", "Mean absolute error", 2),
        ),
        tuple(
            (other.reader.id, TOTALS[score], *_total_cells(comparison, other, score))
            for other in (*comparison.others, comparison.baseline)
            for score in range(len(TOTALS))
        ),
        (
            f"Visits for which both have the total. {missing_rule(comparison.settings.scheme.missing)}",
            "ICC(2,1): absolute agreement of single readers; ICC(3,1): consistency (Shrout & Fleiss 1979). Bias: "
            "reader minus reference; limits of agreement: bias ± 1.96 SD (Bland & Altman 1986).",
            "SDC from status: 1.96 · √2 · SEM, SEM = SD of the differences / √2; it takes the errors of two visits "
            "to be independent. Table 8 has the SDC from change, where patients have two visits.",
            "95 % intervals by resampling patients.",
        ),
    )


def agreement_on_change(comparison: Comparison) -> Table | None:
    """Return Table 8: agreement on change between visits; None where no patient has two visits with a total."""
    before, _ = consecutive_visits(comparison)
    rows = [(other, changes_of(comparison, other)) for other in (*comparison.others, comparison.baseline)]
    if not any(len(pairs) for _, (pairs, _) in rows):
        return None
    return Table(
        "table-8-change",
        "Table 8",
        f"Agreement on the change of the total score over {len(before)} intervals between consecutive visits with "
        f"{comparison.reference.reader.id}, in points.",
        columns(
            ("reader", "Reader"),
            ("n", "Intervals"),
            ("mean_reference", "Mean change, reference", 2),
            ("mean_reader", "Mean change, reader", 2),
            *_COLUMNS,
            ("sdc", "SDC", 2),
        ),
        tuple((other.reader.id, *_change_cells(comparison, *changes)) for other, changes in rows),
        (
            f"Intervals for which both have both totals. {missing_rule(comparison.settings.scheme.missing)}",
            "SDC: 1.96 · SD of the difference of the changes / √2, for a single reader (Bruynesteyn 2005).",
            "95 % intervals by resampling patients.",
        ),
    )


def consecutive_visits(comparison: Comparison) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the numbers of the earlier and of the later visit of each interval."""
    visits = comparison.study.visits
    pairs = [
        (first, second)
        for first, second in pairwise(range(len(visits)))
        if visits[first].patient == visits[second].patient
    ]
    found = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def changes_of(comparison: Comparison, other: Answers) -> tuple[Array, npt.NDArray[np.intp]]:
    """Return (N, 2) changes of the reference and the other where both have one, and each one's patient."""
    before, after = consecutive_visits(comparison)
    change = np.column_stack(
        [it.totals[after, EXAM] - it.totals[before, EXAM] for it in (comparison.reference, other)]
    ).reshape(-1, 2)
    known = ~np.isnan(change).any(axis=1)
    return change[known], comparison.patient_of[before][known]


def pairs_of_totals(comparison: Comparison, other: Answers, score: int) -> tuple[Array, npt.NDArray[np.intp]]:
    """Return (N, 2) totals of the reference and the other where both have one, and each one's patient."""
    pairs = np.column_stack([comparison.reference.totals[:, score], other.totals[:, score]])
    known = ~np.isnan(pairs).any(axis=1)
    return pairs[known], comparison.patient_of[known]


def missing_rule(policy: MissingPolicy) -> str:
    """Say what becomes of a total with corners that are not scored."""
    if policy.imputable:
        return (
            f"Up to {policy.imputable} corners of a region that are not scored are replaced by the mean of the "
            "region's scored corners; with more there is no total."
        )
    return "A region with a corner that is not scored has no total."


def _total_cells(comparison: Comparison, other: Answers, score: int) -> tuple[Cell, ...]:
    pairs, patient_of = pairs_of_totals(comparison, other, score)
    patients, draws = comparison.draws.patients, comparison.draws
    moments = sums_by_patient(totals.moments_of(pairs), patient_of, patients)
    errors = np.column_stack([np.abs(pairs[:, 1] - pairs[:, 0]), np.ones(len(pairs))])
    absolute = sums_by_patient(errors, patient_of, patients)
    return (
        len(pairs),
        *(draws.interval_of_sums(moments, measure) for measure in _MEASURES),
        draws.interval_of_sums(moments, totals.detectable_change_from_status),
        draws.interval_of_sums(absolute, lambda sums: ratio(sums[:, 0], sums[:, 1])),
    )


def _change_cells(comparison: Comparison, pairs: Array, patient_of: npt.NDArray[np.intp]) -> tuple[Cell, ...]:
    draws = comparison.draws
    moments = sums_by_patient(totals.moments_of(pairs), patient_of, draws.patients)
    return (
        len(pairs),
        draws.interval_of_sums(moments, lambda sums: ratio(sums[:, 0, 1], sums[:, 0, 0])),
        draws.interval_of_sums(moments, lambda sums: ratio(sums[:, 0, 2], sums[:, 0, 0])),
        *(draws.interval_of_sums(moments, measure) for measure in _MEASURES),
        draws.interval_of_sums(moments, totals.detectable_change),
    )
