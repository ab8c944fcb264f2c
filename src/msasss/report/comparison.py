"""A visit against an earlier one, as a report states it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from msasss.anatomy import Corner
from msasss.errors import PairingError, ReadingError
from msasss.exam import Exam
from msasss.reading import ReaderKind
from msasss.report.sums import NO_TOTAL, number
from msasss.scoring import CornerChange, Progression, Threshold, progression, score_reading
from msasss.scoring.citations import BARALIAKOS_2007
from msasss.scoring.progression import USUAL_SDC

DAYS_PER_YEAR = 365.25
# Two years is the shortest interval over which change is usually told from noise (PMC6381766).
SHORTEST_USEFUL_YEARS = 2.0
SHORT_INTERVAL = "The visits are less than two years apart, the shortest interval usually thought useful (PMC6381766)."


@dataclass(frozen=True, slots=True)
class Difference:
    """A corner scored at both visits.

    Args:
        previous: Its grade then.
        current: Its grade now.
        words: What became of it; empty where nothing did.
    """

    previous: int
    current: int
    words: str = ""

    @property
    def text(self) -> str:
        """The change with its sign."""
        return signed(self.current - self.previous)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The change between two visits.

    Args:
        previous_date: Date of the earlier visit.
        interval: Time between the visits; empty where one is not dated.
        previous_total: Total then, under the rules used now.
        verdict: The change against the smallest detectable change, in words.
        change: Sum of the changes at the corners scored at both visits; None if there is no such corner.
        total_change: Change of the totals, imputed corners included; None unless both visits have one.
        differences: The corners scored at both visits.
        new: Corners with a syndesmophyte or bridge where there was neither.
        growing: Corners where a syndesmophyte has become a bridge.
        thresholds: The thresholds in use, with whether the change meets them.
        notes: What limits the comparison.
    """

    previous_date: str
    interval: str
    previous_total: str
    verdict: str
    change: int | None = None
    total_change: float | None = None
    differences: Mapping[Corner, Difference] = field(default_factory=dict)
    new: tuple[Corner, ...] = ()
    growing: tuple[Corner, ...] = ()
    thresholds: tuple[tuple[Threshold, bool], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def change_text(self) -> str:
        """The change with its sign, or a dash."""
        return "–" if self.change is None else signed(self.change)


def compare(previous: Exam, current: Exam, *, sdc: float) -> Comparison:
    """Compare an exam with an earlier one of the same patient, under the rules of the current one.

    Args:
        previous: The earlier exam.
        current: The exam reported.
        sdc: Smallest detectable change of the readers, in units of the score.

    Raises:
        PairingError: If the exams are of different patients, or the earlier one is the later.
        UsageError: If the smallest detectable change is negative or not finite.
    """
    _check(previous, current)
    then = score_reading(previous.reading, current.scheme).total
    header = (
        "undated" if previous.visit_date is None else previous.visit_date.isoformat(),
        _interval(previous.visit_date, current.visit_date),
        NO_TOTAL if then is None else number(then),
    )
    try:
        found = progression(previous.reading, current.reading, scheme=current.scheme, sdc=sdc)
    except ReadingError:
        return Comparison(*header, verdict="Not comparable: no corner is scored at both visits.")
    return Comparison(
        *header,
        verdict=_verdict(found.change, sdc),
        change=found.change,
        total_change=found.total_change,
        differences={item.corner: Difference(item.previous, item.current, _words(item)) for item in found.corners},
        new=found.new_syndesmophytes,
        growing=found.growing_syndesmophytes,
        thresholds=tuple((threshold, found.met[threshold.name]) for threshold in found.thresholds),
        notes=tuple(_notes(previous, current, found, sdc)),
    )


def signed(change: float) -> str:
    """Return a change with its sign, 0 without one."""
    return "0" if change == 0 else f"{'+' if change > 0 else '−'}{number(abs(change))}"


def _check(previous: Exam, current: Exam) -> None:
    keys = (previous.patient_key, current.patient_key)
    if all(keys) and keys[0] != keys[1]:
        msg = "Expected a previous exam of the same patient, got one of another patient. Give that of this patient."
        raise PairingError(msg)
    days = (previous.visit_date, current.visit_date)
    if days[0] is not None and days[1] is not None and days[0] > days[1]:
        late = (days[0] - days[1]).days
        msg = f"Expected a previous exam from before the current one, got one from {late} days after. Swap the two."
        raise PairingError(msg)


def _interval(previous: date | None, current: date | None) -> str:
    if previous is None or current is None:
        return ""
    days = (current - previous).days
    if days < 60:
        return f"{days} {'day' if days == 1 else 'days'}"
    if days < DAYS_PER_YEAR:
        return f"{days / DAYS_PER_YEAR * 12:.0f} months"
    return f"{days / DAYS_PER_YEAR:.1f} years"


def _verdict(change: int, sdc: float) -> str:
    if abs(change) <= sdc:
        return f"Within measurement error (SDC {sdc:g})"
    if change > 0:
        return f"Progression beyond the SDC of {sdc:g}"
    return f"Decrease beyond the SDC of {sdc:g}: structural damage rarely regresses, check both readings"


def _words(item: CornerChange) -> str:
    if item.is_new_syndesmophyte:
        return "new bridge" if item.current > 2 else "new syndesmophyte"
    if item.is_growing_syndesmophyte:
        return "grown to a bridge"
    return "graded lower" if item.change < 0 else ""


def _notes(previous: Exam, current: Exam, found: Progression, sdc: float) -> Iterator[str]:
    yield f"The change is summed over the {len(found.corners)} of 24 corners scored at both visits."
    if sdc == USUAL_SDC:
        yield f"The SDC of {sdc:g} was measured between human readers ({BARALIAKOS_2007}); a site should know its own."
    else:
        yield f"The SDC of {sdc:g} is the one given for this report."
    yield from _differences_in_reading(previous, current)
    if not (previous.patient_key and current.patient_key):
        yield "That both visits are of one patient was not checked: an exam carries no patient key."
    if previous.visit_date is None or current.visit_date is None:
        yield "The interval is not known: a visit is not dated."
    elif (current.visit_date - previous.visit_date).days < SHORTEST_USEFUL_YEARS * DAYS_PER_YEAR - 30:
        yield SHORT_INTERVAL


def _differences_in_reading(previous: Exam, current: Exam) -> Iterator[str]:
    before, now = previous.reading.reader, current.reading.reader
    if before != now:
        names = [f"{reader.id} ({reader.kind.value})" for reader in (before, now)]
        yield f"The visits were read by different readers: {names[0]}, then {names[1]}."
    elif now.kind is ReaderKind.MODEL and dict(previous.provenance.weights) != dict(current.provenance.weights):
        yield "The visits were read with different network weights."
    if previous.scheme != current.scheme:
        yield f"The earlier visit was scored as {previous.scheme.name}; here both follow {current.scheme.name}."
