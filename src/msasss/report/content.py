"""What a report says about an exam, in words and numbers, whatever it is then shown as."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from msasss.anatomy import Region, corners_of
from msasss.exam import Exam, ExamFilm
from msasss.imaging import SpacingSource
from msasss.reading import Lesion, ReaderKind
from msasss.report.comparison import Comparison, compare
from msasss.report.corner_lines import CornerLine, UnscoredGroup, corner_lines, unscored_groups
from msasss.report.quality import quality_warnings
from msasss.report.sums import Sum, exam_sum, region_sum
from msasss.report.table import NOTICE
from msasss.scoring import ScoringScheme
from msasss.scoring.progression import USUAL_SDC

NOT_GIVEN = "not given"
INTENDED_USE = (
    "For research on patients already known to have axial spondyloarthritis, by readers who know the score and look at "
    "the films themselves. Not for diagnosis, and not for decisions on treatment."
)
SPACING_WORDS: Mapping[SpacingSource, str] = {
    SpacingSource.CALIBRATED: "calibrated at the patient",
    SpacingSource.DETECTOR: "at the detector (magnified)",
    SpacingSource.UNKNOWN: "measured where is not said",
}


class ReadingStatus(Enum):
    """How far people stand behind a reading; the value is what a report calls it."""

    AI_ONLY = "AI only, not reviewed"
    EDITED = "AI, edited by a reader"
    HUMAN = "Human reading"
    CONSENSUS = "Consensus of readers"

    @property
    def explanation(self) -> str:
        """What it means, as a sentence."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    ReadingStatus.AI_ONLY: "Read by networks alone; no person has confirmed any corner.",
    ReadingStatus.EDITED: "A person went through the findings of a network and answers for the result.",
    ReadingStatus.HUMAN: "Read by a person, without a network's findings.",
    ReadingStatus.CONSENSUS: "What the majority of several readers found, ties decided together.",
}


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """A film as a report describes it: each pair is a name and what stands for it."""

    region: Region
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReportContent:
    """All that a report says.

    Args:
        exam_id: What the exam is filed under.
        patient: Patient key. Shown, never logged.
        visit_date: Date of the visit.
        scheme: Name of the rules.
        status: How far people stand behind the reading.
        reader: Who read.
        regions: The sums of the two views, cervical first.
        total: The sum of the exam.
        corners: The 24 corners, cranio-caudally.
        legend: What each grade stands for.
        warnings: What to look at before using the score.
        comparison: The change since an earlier visit; None where none was given.
        films: The films read.
        provenance: What made the exam, as names and values.
        citations: Where the rules come from.
        notices: What must be known about the networks and the use of the report.
    """

    exam_id: str
    patient: str = field(repr=False)
    visit_date: str
    scheme: str
    status: ReadingStatus
    reader: str
    regions: tuple[Sum, ...]
    total: Sum
    corners: tuple[CornerLine, ...]
    legend: tuple[tuple[int, str], ...]
    warnings: tuple[str, ...]
    comparison: Comparison | None
    films: tuple[FilmFacts, ...]
    provenance: tuple[tuple[str, str], ...]
    citations: tuple[str, ...]
    notices: tuple[str, ...]

    @property
    def unscored(self) -> tuple[UnscoredGroup, ...]:
        """The corners without a grade, by view and reason."""
        return unscored_groups(self.corners)

    @property
    def imputed(self) -> int:
        """Number of corners for which a sum has a mean in place of a grade."""
        return sum(line.imputed is not None for line in self.corners)


def report_content(
    exam: Exam,
    *,
    previous: Exam | None = None,
    sdc: float = USUAL_SDC,
    notices: Sequence[str] = (),
    exam_id: str | None = None,
) -> ReportContent:
    """Say what there is to say about an exam.

    Args:
        exam: The exam.
        previous: An earlier exam of the same patient to compare with.
        sdc: Smallest detectable change of the readers, in units of the score.
        notices: What must be known about the networks used: the notices of their weight cards.
        exam_id: What the exam is filed under, such as the name of its folder; by default the date of the visit.

    Raises:
        PairingError: If the earlier exam is of another patient, or is the later one.
        UsageError: If the smallest detectable change is negative or not finite.
    """
    day = NOT_GIVEN if exam.visit_date is None else exam.visit_date.isoformat()
    return ReportContent(
        exam_id=exam_id or f"visit {day}",
        patient=exam.patient_key or NOT_GIVEN,
        visit_date=day,
        scheme=exam.score.scheme,
        status=reading_status(exam),
        reader=f"{exam.reading.reader.id} ({exam.reading.reader.kind.value})",
        regions=tuple(region_sum(exam, region) for region in Region),
        total=exam_sum(exam),
        corners=corner_lines(exam),
        legend=_legend(exam.scheme),
        warnings=quality_warnings(exam),
        comparison=None if previous is None else compare(previous, exam, sdc=sdc),
        films=tuple(film_facts(film) for film in exam.films),
        provenance=_provenance(exam),
        citations=exam.scheme.citations,
        notices=_notices(notices),
    )


def reading_status(exam: Exam) -> ReadingStatus:
    """Say how far people stand behind an exam's reading.

    A person's reading whose findings carry a network's probabilities was made by going through the network's.
    """
    kind = exam.reading.reader.kind
    if kind is ReaderKind.MODEL:
        return ReadingStatus.AI_ONLY
    if kind is ReaderKind.CONSENSUS:
        return ReadingStatus.CONSENSUS
    is_edited = any(finding.probabilities is not None for finding in exam.reading)
    return ReadingStatus.EDITED if is_edited else ReadingStatus.HUMAN


def film_facts(film: ExamFilm) -> FilmFacts:
    """Describe a film: file, date, spacing, levels and points, and a digest of its pixels where they are at hand."""
    facts = [("File", film.source)]
    if film.uid != film.source:
        facts.append(("SOP instance UID", film.uid))
    facts.append(("Exposed on", NOT_GIVEN if film.acquired_on is None else film.acquired_on.isoformat()))
    facts.append(("Pixel spacing", _spacing(film)))
    if film.landmarks is not None:
        found = sum(film.landmarks.corner(corner) is not None for corner in corners_of(film.region))
        facts.append(("Corners found", f"{found} of 12, facing {film.landmarks.facing.value}"))
        facts.append(("Certainty of the levels", f"{film.landmarks.level_margin:.2f} of 1"))
    if film.radiograph is not None:
        digest = hashlib.sha256(film.radiograph.pixels.tobytes()).hexdigest()
        facts.append(("Pixels, sha256", digest[:16]))
    return FilmFacts(film.region, tuple(facts))


def _legend(scheme: ScoringScheme) -> tuple[tuple[int, str], ...]:
    names = {
        grade: ", ".join(lesion.value for lesion in Lesion if scheme.grade_of.get(lesion) == grade)
        for grade in sorted(set(scheme.grade_of.values()))
    }
    return ((0, "no counted lesion"), *names.items())


def _spacing(film: ExamFilm) -> str:
    if film.spacing is None:
        return "none given (the score needs none)"
    return f"{film.spacing.mm:.3g} mm, {SPACING_WORDS[film.spacing.source]}"


def _notices(given: Sequence[str]) -> tuple[str, ...]:
    says_it = any(NOTICE in notice for notice in given)
    return tuple(dict.fromkeys(given if says_it else (*given, NOTICE)))


def _provenance(exam: Exam) -> tuple[tuple[str, str], ...]:
    made = exam.provenance
    facts = [("Scored by", made.software), ("Scored at", f"{made.created_at:%Y-%m-%d %H:%M} UTC")]
    if exam.reading.software not in (None, made.software):
        facts.append(("Reading recorded by", str(exam.reading.software)))
    if exam.reading.read_at not in (None, made.created_at):
        facts.append(("Read at", f"{exam.reading.read_at:%Y-%m-%d %H:%M} UTC"))
    facts.extend((f"Weights {name}, sha256", digest) for name, digest in made.weights.items())
    if not made.weights:
        facts.append(("Weights", "none used"))
    return tuple(facts)
