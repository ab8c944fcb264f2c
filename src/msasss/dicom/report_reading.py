"""A structured report of ours as the reading it was made from."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from pydicom import Dataset

from msasss.anatomy import Corner, Endplate, Vertebra
from msasss.dicom.codes import LESION_TERM, PROBABILITY_TERM, READER_TERM, Term, term_of
from msasss.errors import ReadingError
from msasss.reading import CornerFinding, Reader, Reading

_IMAGING_MEASUREMENTS: Final = "126010"
_MEASUREMENT_GROUP: Final = "125007"
_TRACKING_IDENTIFIER: Final = "112039"
_FINDING: Final = "121071"
_NOT_VISUALIZED: Final = "122288"
_PRESENT: Final = "52101004"
_LESION_OF: Final = {term: lesion for lesion, term in LESION_TERM.items()}
_PROBABILITY_OF: Final = {term: lesion for lesion, term in PROBABILITY_TERM.items()}
_KIND_OF: Final = {term: kind for kind, term in READER_TERM.items()}
_MOMENT: Final = "%Y%m%d%H%M%S.%f%z"


def reading_from_report(report: Dataset) -> Reading:
    """Return the reading that a report states, equal to the one it was made from.

    Args:
        report: What `structured_report` returns, or the same read from a file. A site's own codes are understood by
            the equivalents that stand beside them.

    Raises:
        ReadingError: If it is no report of this software, or an incomplete one.
    """
    try:
        groups = list(_groups(report))
        totals = next(group for group in groups if _finding_term(group) is Term.MSASSS)
        corners = [group for group in groups if _finding_term(group) is Term.CORNER]
        findings = tuple(_finding(group) for group in corners)
        images = {finding.corner.region: _image(group) for finding, group in zip(findings, corners, strict=True)}
        return Reading(_reader(totals), images, findings, _read_at(report), _text(totals, Term.SOFTWARE))
    except ReadingError:
        raise
    except (AttributeError, KeyError, IndexError, StopIteration, TypeError, ValueError) as error:
        msg = (
            f"Expected a structured report of this software with all its groups, got one without "
            f"({type(error).__name__}). Give the report as it was written."
        )
        raise ReadingError(msg) from error


def _groups(report: Dataset) -> Iterator[Dataset]:
    for container in report.ContentSequence:
        if _name(container) == _IMAGING_MEASUREMENTS:
            yield from (item for item in container.ContentSequence if _name(item) == _MEASUREMENT_GROUP)


def _finding(group: Dataset) -> CornerFinding:
    corner = _corner(group)
    answers = {term: item.ConceptCodeSequence[0] for term, item in _terms(group, "CODE")}
    numbers = {term: _number(item) for term, item in _terms(group, "NUM")}
    given = {lesion: numbers[term] for term, lesion in _PROBABILITY_OF.items() if term in numbers}
    reason = answers.get(Term.NOT_SCORED)
    return CornerFinding(
        corner,
        frozenset(lesion for term, lesion in _LESION_OF.items() if _is_present(answers.get(term))),
        not_visible=reason is not None and str(reason.CodeValue) == _NOT_VISUALIZED,
        probabilities=given if given or Term.PROBABILITIES in answers else None,
        not_visible_probability=numbers.get(Term.P_NOT_VISIBLE),
        in_doubt=Term.REVIEW in answers,
    )


def _corner(group: Dataset) -> Corner:
    name = next(str(item.TextValue) for item in group.ContentSequence if _name(item) == _TRACKING_IDENTIFIER)
    vertebra, endplate, _ = name.split("-")
    return Corner(Vertebra(vertebra), Endplate(endplate))


def _image(group: Dataset) -> str:
    """Return the film a group refers to: under its region, or itself where it has none."""
    for item in group.ContentSequence:
        image = item.ContentSequence[0] if item.ValueType == "SCOORD" else item
        if image.ValueType == "IMAGE":
            return str(image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID)
    msg = "Expected a film in each group of the report, got a group without. Give the report as it was written."
    raise ReadingError(msg)


def _reader(totals: Dataset) -> Reader:
    kind = next(item.ConceptCodeSequence[0] for term, item in _terms(totals, "CODE") if term is Term.READER_KIND)
    name = _text(totals, Term.READER)
    term = term_of(kind)
    if name is None or term is None:
        msg = f"Expected the reader and its kind in the report, got {name!r}. Give the report as it was written."
        raise ReadingError(msg)
    return Reader(_KIND_OF[term], name)


def _read_at(report: Dataset) -> datetime | None:
    text = report.get("ObservationDateTime")
    return None if not text else datetime.strptime(str(text), _MOMENT).astimezone(UTC)


def _text(group: Dataset, wanted: Term) -> str | None:
    for term, item in _terms(group, "TEXT"):
        if term is wanted:
            text = str(item.TextValue)
            return str(json.loads(text)) if text.startswith('"') else text
    return None


def _terms(group: Dataset, value_type: str) -> Iterator[tuple[Term, Dataset]]:
    for item in group.ContentSequence:
        term = term_of(item.ConceptNameCodeSequence[0]) if item.ValueType == value_type else None
        if term is not None:
            yield term, item


def _finding_term(group: Dataset) -> Term | None:
    findings = (item.ConceptCodeSequence[0] for item in group.ContentSequence if _name(item) == _FINDING)
    return next((term_of(code) for code in findings), None)


def _number(item: Dataset) -> float:
    measured = item.MeasuredValueSequence[0]
    exact = measured.get("FloatingPointValue")
    return float(measured.NumericValue if exact is None else exact)


def _is_present(answer: Dataset | None) -> bool:
    return answer is not None and str(answer.CodeValue) == _PRESENT


def _name(item: Dataset) -> str:
    return str(item.ConceptNameCodeSequence[0].CodeValue)
