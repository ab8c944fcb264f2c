from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import CORNERS, Region
from msasss.imaging import PixelSpacing, Point, SpacingSource, VertebraLandmarks
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind
from msasss.report.content import ReadingStatus, reading_status, report_content
from msasss.report.sums import number
from msasss.scoring import RASSS_STYLE
from support.exams import corner
from support.report_exams import exam_of, network_reading, usual_exam

EXAM = usual_exam()
HUMAN = Reader(ReaderKind.HUMAN, "r1")


def lines_of(exam):
    return {str(line.corner): line for line in report_content(exam).corners}


def test_the_sums_stand_with_their_range_and_counts():
    content = report_content(EXAM)
    cervical, lumbar = content.regions
    assert (cervical.text, cervical.low, cervical.high, cervical.graded) == ("4.8", 4, 10, 10)
    assert (lumbar.value, lumbar.syndesmophytes, lumbar.bridges) == (pytest.approx(9 * 12 / 11), 1, 1)
    assert (content.total.text, content.total.highest, content.imputed) == ("14.62", 72, 3)
    assert content.total.why_none == ()


def test_a_missing_total_says_why():
    content = report_content(usual_exam(regions=[Region.LUMBAR]))
    assert content.total.text == "no total"
    assert content.total.why_none == ("No cervical view was read, so the exam has no total.",)
    assert content.total.why_none[0] not in content.warnings


def test_every_corner_is_told_in_anatomical_order():
    assert tuple(line.corner for line in report_content(EXAM).corners) == CORNERS


def test_a_corner_tells_its_lesions_with_their_probabilities():
    line = lines_of(EXAM)["L1 inferior"]
    assert [lesion.name for lesion in line.lesions] == ["erosion", "sclerosis"]
    probabilities = EXAM.reading[corner("L1 inferior")].probabilities
    assert [lesion.probability for lesion in line.lesions] == [
        probabilities[Lesion.EROSION],
        probabilities[Lesion.SCLEROSIS],
    ]


def test_a_lesion_that_does_not_count_at_its_corner_says_so():
    line = lines_of(EXAM)["C3 superior"]
    assert line.grade == 0
    assert [(lesion.name, lesion.is_counted) for lesion in line.lesions] == [("squaring", False)]


def test_a_corner_without_lesion_names_the_likeliest_one():
    line = lines_of(EXAM)["C2 inferior"]
    probabilities = EXAM.reading[corner("C2 inferior")].probabilities
    assert line.next_likely.probability == max(probabilities.values())
    assert probabilities[Lesion(line.next_likely.name)] == line.next_likely.probability


def test_a_corner_to_be_checked_is_marked_and_warned_of():
    assert lines_of(EXAM)["L3 superior"].check
    assert "In doubt, to be looked at by a person: L3 superior." in report_content(EXAM).warnings


def test_corners_not_scored_are_grouped_by_reason_with_what_stands_for_them():
    groups = [(group.corners, group.reason, group.treatment) for group in report_content(EXAM).unscored]
    assert groups == [
        ("C7 inferior, T1 superior", "not visible", "Counts as 0.4, the mean of its region"),
        ("L4 inferior", "osteophyte or other", "Counts as 0.82, the mean of its region"),
    ]


def test_a_view_that_was_not_read_is_one_group():
    groups = report_content(usual_exam(regions=[Region.LUMBAR])).unscored
    assert (groups[0].corners, groups[0].reason) == ("All 12 cervical corners", "not read")
    assert groups[0].treatment == "Nothing stands for it; see the range"


@pytest.mark.parametrize(
    ("kind", "keeps_probabilities", "status"),
    [
        (ReaderKind.MODEL, True, ReadingStatus.AI_ONLY),
        (ReaderKind.HUMAN, True, ReadingStatus.EDITED),
        (ReaderKind.HUMAN, False, ReadingStatus.HUMAN),
        (ReaderKind.CONSENSUS, False, ReadingStatus.CONSENSUS),
    ],
)
def test_the_status_says_how_far_people_stand_behind_the_reading(kind, keeps_probabilities, status):
    findings = tuple(
        finding if keeps_probabilities else replace(finding, probabilities=None, not_visible_probability=None)
        for finding in EXAM.reading
    )
    reading = replace(EXAM.reading, reader=Reader(kind, "r1"), findings=findings)
    exam = exam_of(reading, EXAM.films)
    assert reading_status(exam) is status
    assert status.explanation.endswith(".")


def test_the_warnings_name_points_that_are_missing_or_a_guess():
    film = EXAM.films[0]
    doubtful = tuple(
        replace(item, lower_anterior=Point(item.lower_anterior.x, item.lower_anterior.y, 0.2))
        if item.vertebra.value == "C4"
        else item
        for item in film.landmarks
    )
    films = (replace(film, landmarks=replace(film.landmarks, vertebrae=doubtful)), EXAM.films[1])
    warnings = report_content(exam_of(EXAM.reading, films, warnings=["Check levels of the cervical film."])).warnings
    assert warnings[0] == "Check levels of the cervical film."
    assert "Cervical film: T1 superior not found." in warnings
    assert "Cervical film: the position of C4 inferior is a guess (confidence below 0.5)." in warnings


def test_the_warnings_name_films_apart_in_time_or_without_date():
    first, second = EXAM.films
    apart = replace(second, acquired_on=first.acquired_on.replace(day=24))
    assert "The two films were taken 7 days apart." in report_content(exam_of(EXAM.reading, (first, apart))).warnings
    undated = replace(second, acquired_on=None)
    said = report_content(exam_of(EXAM.reading, (first, undated))).warnings
    assert "No date of exposure is known of the lumbar film." in said


@pytest.mark.parametrize(
    ("spacing", "words"),
    [
        (None, "none given (the score needs none)"),
        (PixelSpacing(0.2, SpacingSource.CALIBRATED), "0.2 mm, calibrated at the patient"),
        (PixelSpacing(0.1431, SpacingSource.DETECTOR), "0.143 mm, at the detector (magnified)"),
        (PixelSpacing(0.2, SpacingSource.UNKNOWN), "0.2 mm, measured where is not said"),
    ],
)
def test_the_spacing_is_told_with_its_source(spacing, words):
    films = (replace(EXAM.films[0], spacing=spacing), EXAM.films[1])
    facts = dict(report_content(exam_of(EXAM.reading, films)).films[0].facts)
    assert facts["Pixel spacing"] == words


def test_the_provenance_holds_the_whole_digest_of_each_network():
    provenance = dict(report_content(EXAM).provenance)
    assert provenance["Weights localiser, sha256"] == "ab12" * 16
    assert provenance["Scored at"] == "2024-06-01 09:30 UTC"


def test_a_reading_made_without_networks_says_so_and_when_it_was_recorded():
    reading = replace(EXAM.reading, software="Reader 2.1", read_at=EXAM.reading.read_at.replace(hour=7))
    exam = replace(exam_of(reading, EXAM.films), provenance=replace(EXAM.provenance, weights={}))
    provenance = dict(report_content(exam).provenance)
    assert provenance["Weights"] == "none used"
    assert (provenance["Reading recorded by"], provenance["Read at"]) == ("Reader 2.1", "2024-06-01 07:30 UTC")


def test_the_notices_end_with_research_use_which_is_said_once():
    assert report_content(EXAM, notices=["Simulated."]).notices == (
        "Simulated.",
        "Research use, not a medical device.",
    )
    card = "Trained on simulated radiographs only. Research use, not a medical device."
    assert report_content(EXAM, notices=[card, card]).notices == (card,)


def test_the_legend_follows_the_scheme():
    assert dict(report_content(EXAM).legend)[1] == "erosion, sclerosis, squaring"
    exam = exam_of(EXAM.reading, EXAM.films, scheme=RASSS_STYLE)
    assert dict(report_content(exam).legend)[1] == "sclerosis, squaring"


def test_an_exam_without_patient_or_date_says_so():
    films = tuple(replace(film, acquired_on=None) for film in EXAM.films)
    content = report_content(exam_of(EXAM.reading, films, patient_key=None))
    assert (content.patient, content.visit_date, content.exam_id) == ("not given", "not given", "visit not given")


def test_the_patient_key_is_not_in_the_words_an_exam_is_logged_with():
    assert "PAT-0042" not in repr(EXAM)
    assert "PAT-0042" not in repr(report_content(EXAM))


def test_a_corner_with_an_osteophyte_beside_a_syndesmophyte_is_not_counted_as_one():
    findings = {"L2 superior": (Lesion.SYNDESMOPHYTE, Lesion.OSTEOPHYTE)}
    exam = exam_of(network_reading(EXAM.reading.images, findings, hidden=()), EXAM.films)
    assert report_content(exam).total.syndesmophytes == 0


def test_a_film_without_points_or_uid_tells_what_is_known():
    reading = replace(EXAM.reading, images={film.region: film.source for film in EXAM.films})
    films = tuple(replace(film, uid=film.source, landmarks=None, radiograph=None) for film in EXAM.films)
    facts = dict(report_content(exam_of(reading, films)).films[0].facts)
    assert "SOP instance UID" not in facts
    assert "Corners found" not in facts


def test_a_finding_by_a_person_has_no_likeliest_lesion():
    findings = tuple(CornerFinding(finding.corner) for finding in EXAM.reading)
    exam = exam_of(replace(EXAM.reading, reader=HUMAN, findings=findings), EXAM.films)
    assert all(line.next_likely is None for line in report_content(exam).corners)


@given(st.fractions(0, 72, max_denominator=12))
def test_a_sum_as_text_is_within_half_a_hundredth(value):
    assert float(number(float(value))) == pytest.approx(float(value), abs=0.00501)


def test_a_vertebra_without_points_counts_as_not_found():
    film = EXAM.films[1]
    bare = tuple(VertebraLandmarks(item.vertebra) if item.vertebra.value == "L2" else item for item in film.landmarks)
    films = (EXAM.films[0], replace(film, landmarks=replace(film.landmarks, vertebrae=bare)))
    assert "Lumbar film: L2 superior, L2 inferior not found." in report_content(exam_of(EXAM.reading, films)).warnings
