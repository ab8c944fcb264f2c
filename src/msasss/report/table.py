"""The 24 corners of an exam and its score as text, at most 80 columns wide, in plain characters."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from msasss.anatomy import Region
from msasss.exam import Exam
from msasss.reading import Lesion
from msasss.scoring import CornerScore, NotScored

WIDTH = 80
NOTICE = "Research use, not a medical device."


@dataclass(frozen=True, slots=True)
class CornerRow:
    """A corner in words.

    Args:
        corner: Its name.
        grade: 0 to 3, or a dash where there is none.
        findings: Its lesions, or why it has no grade.
        check: Whether a person should look at it.
    """

    corner: str
    grade: str
    findings: str
    check: bool


def corner_rows(exam: Exam) -> tuple[CornerRow, ...]:
    """Return the 24 corners in words, cranio-caudally."""
    return tuple(_row(exam, item) for item in exam.score.corners)


def score_lines(exam: Exam) -> tuple[str, ...]:
    """Return the score in words: sum per region, total, and the range it could have."""
    score = exam.score
    low, high = score.range
    lines = [f"{region.value.capitalize():<9} {_sum(score.region(region).total, highest=36)}" for region in Region]
    lines.append(f"{'Total':<9} {_sum(score.total, highest=72)}")
    lines.append(f"Observed  {score.observed}, possible {low} to {high}")
    if score.imputed:
        names = ", ".join(str(corner) for corner in score.imputed)
        lines += textwrap.wrap(f"Imputed with the mean of their region: {names}", WIDTH, subsequent_indent="  ")
    return tuple(lines)


def plain_table(exam: Exam) -> str:
    """Return the corners, the score and the warnings as text without any markup."""
    return "\n".join(_plain_lines(exam)) + "\n"


def _plain_lines(exam: Exam) -> Iterator[str]:
    yield f"{exam.score.scheme}, read by {exam.reading.reader.id} ({exam.reading.reader.kind.value})"
    yield ""
    yield f"{'Corner':<14}{'Grade':<7}{'Check':<7}Findings"
    for row in corner_rows(exam):
        yield f"{row.corner:<14}{row.grade:<7}{'check' if row.check else '':<7}{row.findings}".rstrip()
    yield ""
    yield from score_lines(exam)
    for warning in exam.warnings:
        yield from textwrap.wrap(f"Warning: {warning}", WIDTH, subsequent_indent="  ", break_long_words=False)
    yield NOTICE


def _row(exam: Exam, item: CornerScore) -> CornerRow:
    corner = str(item.corner)
    if item.not_scored is NotScored.NOT_READ:
        return CornerRow(corner, "-", "not read", check=False)
    finding = exam.reading[item.corner]
    lesions = ", ".join(lesion.value for lesion in Lesion if lesion in finding.lesions)
    reason = "" if item.not_scored is None else f"not scored: {item.not_scored.value}"
    words = "; ".join(part for part in (reason, lesions) if part)
    return CornerRow(corner, "-" if item.grade is None else str(item.grade), words, check=finding.in_doubt)


def _sum(value: float | None, *, highest: int) -> str:
    return "none" if value is None else f"{rounded(value)} of {highest}"


def rounded(value: float) -> str:
    """Write a sum for people: one decimal, none for a whole number."""
    return f"{value:.1f}".removesuffix(".0")
