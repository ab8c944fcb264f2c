from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import CORNERS, Region
from msasss.errors import PairingError, UsageError
from msasss.reading import Lesion, Reader, ReaderKind
from msasss.report.comparison import compare, signed
from msasss.scoring import RASSS_STYLE
from support.report_exams import earlier_exam, exam_of, network_reading, usual_exam, without_pixels

NOW, THEN = without_pixels(usual_exam()), earlier_exam()


def exam_with(findings, *, hidden=(), like=NOW):
    return exam_of(network_reading(like.reading.images, findings, hidden=hidden), like.films)


def dated(exam, day):
    return replace(exam, films=tuple(replace(film, acquired_on=day) for film in exam.films))


def test_the_change_is_told_corner_by_corner():
    comparison = compare(THEN, NOW, sdc=2.0)
    changed = {
        str(corner): (item.previous, item.current, item.text, item.words)
        for corner, item in comparison.differences.items()
        if item.previous != item.current
    }
    assert changed == {
        "C6 superior": (0, 2, "+2", "new syndesmophyte"),
        "T12 inferior": (2, 3, "+1", "grown to a bridge"),
        "L1 inferior": (0, 1, "+1", ""),
        "L3 superior": (0, 2, "+2", "new syndesmophyte"),
    }
    assert (comparison.change, comparison.change_text, comparison.interval) == (6, "+6", "2.0 years")
    assert [str(corner) for corner in comparison.new] == ["C6 superior", "L3 superior"]
    assert [str(corner) for corner in comparison.growing] == ["T12 inferior"]


@pytest.mark.parametrize(
    ("sdc", "verdict"),
    [(5.9, "Progression beyond the SDC of 5.9"), (6.0, "Within measurement error (SDC 6)")],
)
def test_a_change_must_exceed_the_sdc_to_count(sdc, verdict):
    assert compare(THEN, NOW, sdc=sdc).verdict == verdict


def test_a_decrease_beyond_the_sdc_asks_to_check_the_readings():
    before = exam_with({"L1 superior": (Lesion.BRIDGE,)})
    comparison = compare(before, exam_with({}), sdc=2.0)
    assert (comparison.change_text, comparison.verdict.split(":")[0]) == ("−3", "Decrease beyond the SDC of 2")
    assert [item.words for item in comparison.differences.values() if item.words] == ["graded lower"]


def test_a_bridge_where_there_was_nothing_is_new():
    comparison = compare(exam_with({}), exam_with({"L1 superior": (Lesion.BRIDGE,)}), sdc=2.0)
    assert [item.words for item in comparison.differences.values() if item.words] == ["new bridge"]


def test_only_corners_scored_at_both_visits_are_compared():
    comparison = compare(THEN, NOW, sdc=2.0)
    assert len(comparison.differences) == 21
    assert comparison.notes[0] == "The change is summed over the 21 of 24 corners scored at both visits."


def test_views_that_do_not_overlap_cannot_be_compared():
    neck, back = usual_exam(regions=[Region.CERVICAL]), usual_exam(regions=[Region.LUMBAR])
    comparison = compare(neck, back, sdc=2.0)
    assert comparison.verdict == "Not comparable: no corner is scored at both visits."
    assert (comparison.change_text, comparison.previous_total) == ("–", "no total")


def test_an_earlier_exam_of_another_patient_is_refused_without_naming_either():
    with pytest.raises(PairingError, match="another patient") as refused:
        compare(replace(THEN, patient_key="OTHER-1"), NOW, sdc=2.0)
    assert "OTHER-1" not in str(refused.value)
    assert "PAT-0042" not in str(refused.value)


def test_visits_in_the_wrong_order_are_refused():
    with pytest.raises(PairingError, match="742 days after"):
        compare(NOW, THEN, sdc=2.0)


def test_an_sdc_below_zero_is_refused():
    with pytest.raises(UsageError, match="-1"):
        compare(THEN, NOW, sdc=-1.0)


@pytest.mark.parametrize(
    ("day", "interval"),
    [
        (date(2024, 5, 31), "0 days"),
        (date(2024, 5, 30), "1 day"),
        (date(2023, 11, 30), "6 months"),
        (date(2021, 5, 31), "3.0 years"),
    ],
)
def test_the_interval_is_told_in_the_unit_that_fits(day, interval):
    assert compare(dated(THEN, day), NOW, sdc=2.0).interval == interval


def test_what_limits_the_comparison_is_said():
    notes = " ".join(compare(dated(THEN, date(2023, 5, 31)), NOW, sdc=3.0).notes)
    assert "less than two years apart" in notes
    assert "The SDC of 3 is the one given for this report." in notes
    assert "measured between human readers" in " ".join(compare(THEN, NOW, sdc=2.0).notes)
    nobody = " ".join(compare(replace(dated(THEN, None), patient_key=None), NOW, sdc=2.0).notes)
    assert "an exam carries no patient key" in nobody
    assert "a visit is not dated" in nobody


def test_different_readers_weights_or_rules_are_said():
    human = replace(THEN.reading, reader=Reader(ReaderKind.HUMAN, "r1"))
    assert "r1 (human), then msasss (model)" in " ".join(compare(exam_of(human, THEN.films), NOW, sdc=2.0).notes)
    retrained = replace(THEN, provenance=replace(THEN.provenance, weights={"lesions": "00" * 32}))
    assert "different network weights" in " ".join(compare(retrained, NOW, sdc=2.0).notes)
    other = exam_of(THEN.reading, THEN.films, scheme=RASSS_STYLE)
    assert f"scored as {RASSS_STYLE.name}" in " ".join(compare(other, NOW, sdc=2.0).notes)


@given(st.sets(st.sampled_from(CORNERS)), st.sets(st.sampled_from(CORNERS)))
def test_the_changes_of_the_corners_add_up_to_the_change(before, after):
    exams = [exam_with({str(corner): (Lesion.SYNDESMOPHYTE,) for corner in each}) for each in (before, after)]
    comparison = compare(*exams, sdc=2.0)
    assert sum(item.current - item.previous for item in comparison.differences.values()) == comparison.change
    assert comparison.change == 2 * (len(after) - len(before))


@pytest.mark.parametrize(("change", "text"), [(0.0, "0"), (2, "+2"), (-1.5, "−1.5")])
def test_a_change_carries_its_sign(change, text):
    assert signed(change) == text
