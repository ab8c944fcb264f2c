"""What one reader says at every corner of the visits of a study, as arrays.

Axes: V visits, 24 corners cranio-caudally as `msasss.anatomy.CORNERS`, 8 findings as `FINDINGS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.anatomy import CORNERS, Corner, Region, corners_of
from msasss.evaluation.agreement import NOT_SCORED
from msasss.evaluation.study import Study
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind
from msasss.scoring import MSASSS, ScoringScheme, score_corner
from msasss.scoring.missing import region_total

NOT_VISIBLE = "not visible"
FINDINGS: tuple[str, ...] = (*(lesion.value for lesion in Lesion), NOT_VISIBLE)
TOTALS: tuple[str, ...] = (*(region.value for region in Region), "exam")
ALWAYS_ZERO = "always 0"

Bools = npt.NDArray[np.bool_]
Array = npt.NDArray[np.float64]
Found = Mapping[Corner, CornerFinding]

_PLACE = {corner: place for place, corner in enumerate(CORNERS)}
_LESIONS = tuple(Lesion)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What one reader says.

    Args:
        reader: Who.
        read: (V, 24) whether there is an answer: the image was read and, for a consensus, there is a verdict.
        present: (V, 24, 8) the findings; all False where not read.
        grades: (V, 24) 0 to 3, or `NOT_SCORED`.
        totals: (V, 3) of the regions and the exam, as `TOTALS`; NaN where the scheme gives none.
        probabilities: (V, 24, 8), NaN where there is none.
        undecided: Corners that several persons read without a majority; 0 but for a consensus made here.
    """

    reader: Reader
    read: Bools
    present: Bools
    grades: npt.NDArray[np.int8]
    totals: Array
    probabilities: Array
    undecided: int = 0

    @property
    def visible(self) -> Bools:
        """Where the reader could read the corner."""
        return self.read & ~self.present[..., -1]

    @property
    def scored(self) -> Bools:
        """Where the reader gives a grade."""
        return np.asarray(self.grades != NOT_SCORED)

    @property
    def has_probabilities(self) -> bool:
        """Whether there is any probability."""
        return not bool(np.isnan(self.probabilities).all())


def assessed(answers: Answers, finding: int) -> Bools:
    """Return (V, 24): where a finding can be there or not: lesions where the corner is visible."""
    return answers.read if finding == len(FINDINGS) - 1 else answers.visible


def answers_of(study: Study, reader: Reader, scheme: ScoringScheme = MSASSS) -> Answers:
    """Return what a reader of the study says."""
    found: list[Found] = []
    for visit in study.visits:
        readings = [reading for image in visit.images.values() for reading in study.readings_of(image, (reader,))]
        found.append({finding.corner: finding for reading in readings for finding in reading})
    return answers_from(reader, found, scheme)


def answers_from(reader: Reader, visits: Sequence[Found], scheme: ScoringScheme, *, undecided: int = 0) -> Answers:
    """Return answers from the findings of each visit; corners without one were not read."""
    shape = (len(visits), len(CORNERS))
    read = np.zeros(shape, dtype=bool)
    present = np.zeros((*shape, len(FINDINGS)), dtype=bool)
    grades = np.full(shape, NOT_SCORED, dtype=np.int8)
    probabilities = np.full((*shape, len(FINDINGS)), np.nan)
    for number, found in enumerate(visits):
        for corner, finding in found.items():
            at = number, _PLACE[corner]
            read[at] = True
            present[at] = [*(lesion in finding.lesions for lesion in _LESIONS), finding.not_visible]
            grade = score_corner(finding, scheme).grade
            grades[at] = NOT_SCORED if grade is None else grade
            probabilities[at] = _probabilities(finding)
    totals = np.array([_totals(of_visit, scheme) for of_visit in grades]).reshape(len(visits), len(TOTALS))
    return Answers(reader, read, present, grades, totals, probabilities, undecided)


def always_zero(reference: Answers) -> Answers:
    """Return the answers of somebody who grades every corner that the reference read 0, and finds nothing."""
    totals = np.where(np.isnan(reference.totals), np.nan, 0.0)
    return Answers(
        Reader(ReaderKind.MODEL, ALWAYS_ZERO),
        reference.read,
        np.zeros_like(reference.present),
        np.where(reference.read, 0, NOT_SCORED).astype(np.int8),
        totals,
        np.full_like(reference.probabilities, np.nan),
    )


def corners_in(region: Region | None) -> Bools:
    """Return (24,): the corners of a region; all for None."""
    return np.array([region is None or corner.region is region for corner in CORNERS])


def _probabilities(finding: CornerFinding) -> list[float]:
    given = finding.probabilities or {}
    not_visible = finding.not_visible_probability
    return [
        *(given.get(lesion, float("nan")) for lesion in _LESIONS),
        float("nan") if not_visible is None else not_visible,
    ]


def _totals(grades: npt.NDArray[np.int8], scheme: ScoringScheme) -> list[float]:
    regions = []
    for region in Region:
        given = [int(grades[_PLACE[corner]]) for corner in corners_of(region)]
        total = region_total([grade for grade in given if grade != NOT_SCORED], scheme.missing)
        regions.append(float("nan") if total is None else total)
    return [*regions, sum(regions)]
