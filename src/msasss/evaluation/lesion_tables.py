"""Tables 2 and 4: how often each finding is there, and how well it is detected."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region
from msasss.evaluation import detection
from msasss.evaluation.answers import FINDINGS, Answers, Array, Bools, assessed, corners_in
from msasss.evaluation.bootstrap import Interval
from msasss.evaluation.comparison import Comparison
from msasss.evaluation.ranking import Ranking, rank
from msasss.evaluation.ratios import ratio
from msasss.evaluation.table import Cell, Table, columns

REGIONS: tuple[tuple[str, Region | None], ...] = (*((region.value, region) for region in Region), ("both", None))
UNASSESSED = "Corners that the reference calls not visible are left out, but for the row 'not visible'."
UNFLAGGED = "At a corner that the reader calls not visible, no lesion counts as flagged."

_MEASURES = (
    detection.accuracy,
    detection.sensitivity,
    detection.specificity,
    detection.positive_predictive_value,
    detection.negative_predictive_value,
    detection.f1,
)


def lesion_frequency(comparison: Comparison) -> Table:
    """Return Table 2: corners with each finding, by region."""
    reference = comparison.reference
    none = reference.visible & ~reference.present.any(axis=-1)
    rows = [("no lesion", none), *((name, reference.present[..., place]) for place, name in enumerate(FINDINGS))]
    return Table(
        "table-2-lesions",
        "Table 2",
        f"Findings at {int(reference.read.sum())} corners of {len(comparison.study.visits)} visits with a reference.",
        columns(
            ("finding", "Finding"),
            *((key, label, 2) for name, _ in REGIONS for key, label in _frequency_columns(name)),
            ("patients", "Patients with it"),
        ),
        tuple(_frequency_row(comparison, name, found) for name, found in rows),
        (
            "%: of all corners with a reference, those not visible among them, as Chen 2024; 95 % intervals by "
            "resampling patients.",
            "A corner can bear several lesions.",
        ),
    )


def lesion_detection(comparison: Comparison) -> Table:
    """Return Table 4: how well networks detect each finding by region, and persons in both regions together."""
    networks = [_detection_row(comparison, it, *what) for it in comparison.networks for what in _finding_regions()]
    others = [other for other in comparison.others if other not in comparison.networks]
    persons = [
        _detection_row(comparison, it, finding, "both", None) for it in others for finding in range(len(FINDINGS))
    ]
    return Table(
        "table-4-detection",
        "Table 4",
        f"Detection of each finding, corner by corner, against {comparison.reference.reader.id}.",
        columns(
            ("reader", "Reader"),
            ("finding", "Finding"),
            ("region", "Region"),
            ("n", "n"),
            ("positive", "Positive"),
            ("accuracy", "Accuracy"),
            ("sensitivity", "Sensitivity"),
            ("specificity", "Specificity"),
            ("ppv", "PPV"),
            ("npv", "NPV"),
            ("f1", "F1"),
            ("auc_roc", "AUC-ROC"),
            ("auc_pr", "AUC-PR"),
            ("never", "Accuracy of 'never'"),
            ("accuracy_1_to_3", "Accuracy at 1:3"),
        ),
        (*networks, *persons),
        (
            UNASSESSED,
            UNFLAGGED,
            "'Never': the baseline that flags nothing. 1:3: accuracy to be expected with three negatives per positive, "
            "the mix of the validation sets of Chen 2024; the baseline scores 0.750 there. PPV and NPV hold at the "
            "prevalence of this study.",
            "AUC-PR is the average precision. Areas are given where the reader gives probabilities.",
        ),
    )


def ranking_of(
    comparison: Comparison, other: Answers, finding: int, where: Bools | None = None
) -> tuple[Ranking, Array, Bools, npt.NDArray[np.intp]]:
    """Return how a reader's probabilities rank a finding; with probability, truth and patient of the corners."""
    both = comparison.both_read(other, where) & assessed(comparison.reference, finding)
    both = both & ~np.isnan(other.probabilities[..., finding])
    truth = comparison.reference.present[both][:, finding]
    probabilities = other.probabilities[both][:, finding]
    patient_of = comparison.patient_of[np.nonzero(both)[0]]
    ranking = rank(probabilities, truth, patient_of, patients=comparison.draws.patients)
    return ranking, probabilities, truth, patient_of


def _frequency_columns(region: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f"{region}_n", f"{region.capitalize()}, n"), (f"{region}_percent", f"{region.capitalize()}, %")


def _frequency_row(comparison: Comparison, name: str, found: Bools) -> tuple[Cell, ...]:
    cells: list[Cell] = [name]
    for _, region in REGIONS:
        read = comparison.reference.read & corners_in(region)
        sums = comparison.by_patient(read, np.column_stack([found[read], np.ones(int(read.sum()))]))
        cells += [
            int(sums[:, 0].sum()),
            comparison.draws.interval_of_sums(sums, lambda total: 100 * ratio(total[:, 0], total[:, 1])),
        ]
    patients = len(set(comparison.patient_of[np.nonzero(found)[0]].tolist()))
    return (*cells, patients)


def _finding_regions() -> Iterator[tuple[int, str, Region | None]]:
    for finding in range(len(FINDINGS)):
        for name, region in REGIONS:
            yield finding, name, region


def _detection_row(
    comparison: Comparison, other: Answers, finding: int, name: str, region: Region | None
) -> tuple[Cell, ...]:
    where = np.broadcast_to(corners_in(region), other.read.shape)
    table = comparison.detection(other, finding, where)
    total = table.sum(axis=0)
    draws = comparison.draws
    return (
        other.reader.id,
        FINDINGS[finding],
        name,
        int(total.sum()),
        int(total[1].sum()),
        *(draws.interval_of_sums(table, measure) for measure in _MEASURES),
        *_areas(comparison, other, finding, where),
        float(detection.accuracy_of_never(total)),
        draws.interval_of_sums(table, detection.accuracy_at_one_to_three),
    )


def _areas(
    comparison: Comparison, other: Answers, finding: int, where: Bools
) -> tuple[Interval | None, Interval | None]:
    ranking, probabilities, _, _ = ranking_of(comparison, other, finding, where)
    if not len(probabilities):
        return None, None
    draws = comparison.draws
    return draws.interval(ranking.area_under_roc), draws.interval(ranking.average_precision)
