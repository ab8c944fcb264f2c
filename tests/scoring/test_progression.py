import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import CORNERS, Region, corners_of
from msasss.errors import ReadingError, UsageError
from msasss.reading import Lesion
from msasss.scoring import RASSS_STYLE, progression, progression_thresholds

E, SY, B, O = Lesion.EROSION, Lesion.SYNDESMOPHYTE, Lesion.BRIDGE, Lesion.OSTEOPHYTE  # noqa: E741


def test_a_worked_example(reading_of, at):
    previous = reading_of({at("C5 inferior"): [SY], at("C6 superior"): [SY], at("L1 superior"): [E]})
    current = reading_of({at("C5 inferior"): [B], at("C6 superior"): [B], at("L2 superior"): [SY]})
    result = progression(previous, current)
    assert (result.change, result.total_change) == (3, 3.0)
    assert len(result.corners) == 24
    assert result.new_syndesmophytes == (at("L2 superior"),)
    assert result.growing_syndesmophytes == (at("C5 inferior"), at("C6 superior"))
    assert result.met == {"> 0": True, "> 0.5": True, "≥ 2": True, "> SDC": True}
    assert {str(item.corner): item.change for item in result.corners if item.change} == {
        "C5 inferior": 1,
        "C6 superior": 1,
        "L1 superior": -1,
        "L2 superior": 2,
    }


def test_a_bridge_where_there_was_no_syndesmophyte_is_new_and_not_growing(reading_of, at):
    result = progression(reading_of({at("L1 superior"): [E]}), reading_of({at("L1 superior"): [B]}))
    assert result.new_syndesmophytes == (at("L1 superior"),)
    assert result.growing_syndesmophytes == ()


def test_a_bridge_that_stays_and_one_that_is_lost_are_neither(reading_of, at):
    previous = reading_of({at("L1 superior"): [B], at("L2 superior"): [B]})
    result = progression(previous, reading_of({at("L1 superior"): [B]}))
    assert (result.new_syndesmophytes, result.growing_syndesmophytes, result.change) == ((), (), -3)


def test_a_change_of_2_is_within_an_sdc_of_2_and_beyond_one_of_1_5(reading_of, at):
    visits = reading_of({}), reading_of({at("L1 superior"): [SY]})
    assert progression(*visits).met == {"> 0": True, "> 0.5": True, "≥ 2": True, "> SDC": False}
    assert progression(*visits, sdc=1.5).met["> SDC"]


def test_no_change_meets_no_threshold(reading_of):
    assert not any(progression(reading_of({}), reading_of({})).met.values())


def test_a_corner_scored_once_only_does_not_count(reading_of, at):
    previous = reading_of({at("C4 superior"): [E]}, not_visible=[at("C5 inferior")])
    current = reading_of({at("C5 inferior"): [B], at("C4 superior"): [E, O]})
    result = progression(previous, current)
    assert len(result.corners) == 22
    assert result.change == 0
    assert result.new_syndesmophytes == ()


def test_the_change_of_totals_includes_imputed_corners(reading_of, at):
    previous = reading_of({corner: [B] for corner in corners_of(Region.LUMBAR)}, not_visible=[at("C5 inferior")])
    current = reading_of(
        {corner: [B] for corner in corners_of(Region.LUMBAR)} | {at("C4 inferior"): [E]},
        not_visible=[at("C5 inferior")],
    )
    result = progression(previous, current)
    assert result.change == 1
    assert result.total_change == pytest.approx(12 / 11)


@pytest.mark.parametrize("first_has_no_total", [True, False])
def test_without_both_totals_there_is_no_change_of_totals(reading_of, first_has_no_total):
    visits = [reading_of({}, regions=[Region.LUMBAR]), reading_of({})]
    result = progression(*(visits if first_has_no_total else visits[::-1]))
    assert result.total_change is None
    assert len(result.corners) == 12


def test_visits_without_a_common_corner_cannot_be_compared(reading_of):
    with pytest.raises(ReadingError, match="scored at both visits, got none in common"):
        progression(reading_of({}, regions=[Region.LUMBAR]), reading_of({}, regions=[Region.CERVICAL]))


def test_the_scheme_decides_what_has_changed(reading_of, at):
    visits = reading_of({}), reading_of({at("L1 superior"): [E]})
    assert progression(*visits).change == 1
    result = progression(*visits, scheme=RASSS_STYLE)
    assert (result.change, result.scheme) == (0, "RASSS-style without thorax")


@pytest.mark.parametrize("sdc", [-0.5, float("nan"), float("inf")])
def test_a_smallest_detectable_change_is_a_size(reading_of, sdc):
    with pytest.raises(UsageError, match=f"got {sdc}"):
        progression(reading_of({}), reading_of({}), sdc=sdc)


def test_every_threshold_is_cited():
    assert all(threshold.citation for threshold in progression_thresholds())


grades = st.dictionaries(st.sampled_from(CORNERS), st.sampled_from([(), (E,), (SY,), (B,)]))


@given(grades, grades)
def test_the_way_back_is_the_change_reversed(reading_of, first, second):
    there = progression(reading_of(first), reading_of(second))
    back = progression(reading_of(second), reading_of(first))
    assert there.change == -back.change == there.total_change


@given(grades, grades)
def test_a_corner_is_new_or_growing_and_never_both(reading_of, first, second):
    result = progression(reading_of(first), reading_of(second))
    assert not set(result.new_syndesmophytes) & set(result.growing_syndesmophytes)
    assert all(item.change > 0 for item in result.corners if item.corner in result.new_syndesmophytes)
