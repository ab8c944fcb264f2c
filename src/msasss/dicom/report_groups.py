"""The measurement groups of a structured report: one for each corner of the regions read, and one for the totals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from highdicom import sr
from pydicom import Dataset
from pydicom.sr.codedict import codes as dicom

from msasss.anatomy import Corner, Region
from msasss.dicom.codes import LESION_TERM, PROBABILITY_TERM, READER_TERM, CodeMap, Term
from msasss.dicom.identifiers import new_uid
from msasss.dicom.report_items import (
    COUNT_UNIT,
    PROBABILITY_UNIT,
    SCORE_UNIT,
    box_region,
    coded,
    corner_site,
    evaluation,
    is_within,
    measurement,
    point_region,
    text_item,
    tracking_name,
)
from msasss.exam import Exam
from msasss.imaging import Point
from msasss.reading import CornerFinding, Lesion
from msasss.scoring import NotScored

NOTICE = "Research use, not a medical device."
TOTALS_NAME = "mSASSS"

Group = sr.PlanarROIMeasurementsAndQualitativeEvaluations | sr.MeasurementsAndQualitativeEvaluations


@dataclass(frozen=True, slots=True)
class GroupContext:
    """What all groups of a report share.

    Args:
        exam: What is reported.
        headers: The header of each region's film.
        codes: The site's codes.
        algorithm: What computed the result.
        uid_seed: Text that fixes the tracking identifiers, or None.
    """

    exam: Exam
    headers: Mapping[Region, Dataset]
    codes: CodeMap
    algorithm: sr.AlgorithmIdentification
    uid_seed: str | None

    def tracking(self, name: str) -> sr.TrackingIdentifier:
        """Return the tracking identifier of the group of that name."""
        return sr.TrackingIdentifier(new_uid(self.uid_seed, "tracking", name), name)

    def point(self, corner: Corner) -> Point | None:
        """Return where a corner was found on its film; None if it was not, or beside the film."""
        film = self.exam.film(corner.region)
        point = None if film is None or film.landmarks is None else film.landmarks.corner(corner)
        return point if point is not None and is_within(point, self.headers[corner.region]) else None


def corner_group(context: GroupContext, corner: Corner) -> Group:
    """Return the group of a corner (TID 1410 where its point was found, TID 1501 where not)."""
    finding = context.exam.reading[corner]
    numbers = [*_grade(context, corner), *_probabilities(finding, context.codes)]
    answers = [*_lesions(finding, context.codes), *_state(context, finding)]
    header, point = context.headers[corner.region], context.point(corner)
    if point is None:
        return sr.MeasurementsAndQualitativeEvaluations(
            tracking_identifier=context.tracking(tracking_name(corner)),
            finding_type=coded(Term.CORNER, context.codes),
            finding_sites=[corner_site(corner)],
            algorithm_id=context.algorithm,
            measurements=numbers,
            qualitative_evaluations=answers,
            source_images=[_source_image(header)],
        )
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=context.tracking(tracking_name(corner)),
        referenced_region=point_region(point, header),
        finding_type=coded(Term.CORNER, context.codes),
        finding_sites=[corner_site(corner)],
        algorithm_id=context.algorithm,
        measurements=numbers,
        qualitative_evaluations=answers,
    )


def totals_group(context: GroupContext) -> Group:
    """Return the group of the sums, with who read and by which rules.

    Viewers that draw a group's numbers at its region get one to draw them at: the box around the corners of the first
    film that has any. OHIF before January 2026 cannot open a report in which a group has numbers and no region.
    """
    group = _totals_group(context, _box(context))
    exam = context.exam
    texts = [
        (Term.SCHEME, "; ".join((exam.scheme.name, *exam.scheme.citations))),
        (Term.READER, exam.reading.reader.id),
        *([] if exam.reading.software is None else [(Term.SOFTWARE, exam.reading.software)]),
        *((Term.WARNING, warning) for warning in dict.fromkeys((*exam.warnings, *exam.score.warnings))),
        (Term.NOTICE, NOTICE),
    ]
    group[0].ContentSequence.extend(text_item(term, text, context.codes) for term, text in texts)
    return group


def _totals_group(context: GroupContext, region: sr.ImageRegion | None) -> Group:
    kind = READER_TERM[context.exam.reading.reader.kind]
    numbers = list(_sums(context.exam, context.codes))
    answers = [evaluation(Term.READER_KIND, coded(kind, context.codes), context.codes)]
    if region is None:
        return sr.MeasurementsAndQualitativeEvaluations(
            tracking_identifier=context.tracking(TOTALS_NAME),
            finding_type=coded(Term.MSASSS, context.codes),
            algorithm_id=context.algorithm,
            measurements=numbers,
            qualitative_evaluations=answers,
            source_images=[_source_image(header) for header in context.headers.values()],
        )
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=context.tracking(TOTALS_NAME),
        referenced_region=region,
        finding_type=coded(Term.MSASSS, context.codes),
        algorithm_id=context.algorithm,
        measurements=numbers,
        qualitative_evaluations=answers,
    )


def _grade(context: GroupContext, corner: Corner) -> Iterator[sr.Measurement]:
    grade = context.exam.score.grades[corner]
    if grade is not None:
        yield measurement(Term.GRADE, grade, SCORE_UNIT, context.codes)


def _probabilities(finding: CornerFinding, codes: CodeMap) -> Iterator[sr.Measurement]:
    given = finding.probabilities or {}
    for lesion in Lesion:
        if lesion in given:
            yield measurement(PROBABILITY_TERM[lesion], float(given[lesion]), PROBABILITY_UNIT, codes)
    if finding.not_visible_probability is not None:
        yield measurement(Term.P_NOT_VISIBLE, float(finding.not_visible_probability), PROBABILITY_UNIT, codes)


def _lesions(finding: CornerFinding, codes: CodeMap) -> Iterator[sr.QualitativeEvaluation]:
    if finding.not_visible:  # neither present nor absent
        return
    for lesion in Lesion:
        found = dicom.SCT.Present if lesion in finding.lesions else dicom.SCT.Absent
        yield evaluation(LESION_TERM[lesion], found, codes)


def _state(context: GroupContext, finding: CornerFinding) -> Iterator[sr.QualitativeEvaluation]:
    codes = context.codes
    score = context.exam.score.region(finding.corner.region).corners
    reason = next(item.not_scored for item in score if item.corner == finding.corner)
    if reason is NotScored.NOT_VISIBLE:
        yield evaluation(Term.NOT_SCORED, dicom.DCM.NotVisualized, codes)
    elif reason is NotScored.EXCLUDED_LESION:
        yield evaluation(Term.NOT_SCORED, coded(Term.EXCLUDED, codes), codes)
    if finding.in_doubt:
        yield evaluation(Term.REVIEW, dicom.SCT.Yes, codes)
    if finding.probabilities is not None and not finding.probabilities:
        yield evaluation(Term.PROBABILITIES, dicom.SCT.Absent, codes)


def _sums(exam: Exam, codes: CodeMap) -> Iterator[sr.Measurement]:
    score = exam.score
    totals = ((Term.TOTAL, score.total), (Term.CERVICAL, score.cervical), (Term.LUMBAR, score.lumbar))
    for term, value in totals:
        if value is not None:
            yield measurement(term, value, SCORE_UNIT, codes)
    sums = ((Term.OBSERVED, score.observed), (Term.RANGE_LOW, score.range[0]), (Term.RANGE_HIGH, score.range[1]))
    for term, number in sums:
        yield measurement(term, number, SCORE_UNIT, codes)
    yield measurement(Term.IMPUTED, len(score.imputed), COUNT_UNIT, codes)


def _box(context: GroupContext) -> sr.ImageRegion | None:
    for region, header in context.headers.items():
        corners = (finding.corner for finding in context.exam.reading if finding.corner.region is region)
        points = [point for corner in corners if (point := context.point(corner)) is not None]
        if points:
            return box_region(points, header)
    return None


def _source_image(header: Dataset) -> sr.SourceImageForMeasurementGroup:
    return sr.SourceImageForMeasurementGroup(header.SOPClassUID, header.SOPInstanceUID)
