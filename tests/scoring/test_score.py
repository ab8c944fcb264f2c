from dataclasses import replace

import pytest

from msasss.anatomy import CORNERS, Corner, Endplate, Region, Vertebra, corners_of
from msasss.errors import ReadingError, SchemeError
from msasss.reading import CornerFinding, Lesion
from msasss.scoring import (
    MSASSS,
    RASSS_STYLE,
    CornerScore,
    ExcludedCorner,
    MissingKind,
    MissingPolicy,
    NotScored,
    SquaringPolicy,
    score_corner,
    score_reading,
    with_squaring,
)
from msasss.scoring.missing import region_total

C5 = Corner(Vertebra.C5, Endplate.INFERIOR)
COUNTED = replace(MSASSS, excluded_corner=ExcludedCorner.COUNTED_LESIONS)
NO_IMPUTATION = replace(MSASSS, missing=MissingPolicy(MissingKind.NONE))
BOUNDS = replace(MSASSS, missing=MissingPolicy(MissingKind.OBSERVED_WITH_BOUNDS))


def finding(*lesions, corner=C5):
    return CornerFinding(corner, frozenset(lesions))


@pytest.mark.parametrize(
    ("lesions", "grade"),
    [
        ([], 0),
        ([Lesion.EROSION], 1),
        ([Lesion.SCLEROSIS], 1),
        ([Lesion.SQUARING], 1),
        ([Lesion.EROSION, Lesion.SCLEROSIS, Lesion.SQUARING], 1),
        ([Lesion.SYNDESMOPHYTE], 2),
        ([Lesion.SYNDESMOPHYTE, Lesion.SQUARING], 2),
        ([Lesion.BRIDGE], 3),
        ([Lesion.BRIDGE, Lesion.SYNDESMOPHYTE], 3),
    ],
)
def test_the_grade_is_that_of_the_highest_counted_lesion(lesions, grade):
    assert score_corner(finding(*lesions)) == CornerScore(C5, grade=grade)


@pytest.mark.parametrize("endplate", Endplate)
def test_squaring_of_c3_counts_nothing(endplate):
    corner = Corner(Vertebra.C3, endplate)
    assert score_corner(finding(Lesion.SQUARING, corner=corner)).grade == 0
    assert score_corner(finding(Lesion.SQUARING, Lesion.EROSION, corner=corner)).grade == 1


def test_squaring_of_c4_counts_by_default_and_not_when_c5_and_c6_alone_count():
    squared = finding(Lesion.SQUARING, corner=Corner(Vertebra.C4, Endplate.INFERIOR))
    assert score_corner(squared).grade == 1
    assert score_corner(squared, with_squaring(MSASSS, SquaringPolicy.C5_C6)).grade == 0
    assert score_corner(finding(Lesion.SQUARING), with_squaring(MSASSS, SquaringPolicy.C5_C6)).grade == 1


def test_rasss_style_counts_no_erosion():
    assert score_corner(finding(Lesion.EROSION), RASSS_STYLE).grade == 0
    assert score_corner(finding(Lesion.SCLEROSIS), RASSS_STYLE).grade == 1


@pytest.mark.parametrize("lesion", [Lesion.OSTEOPHYTE, Lesion.OTHER])
@pytest.mark.parametrize("scheme", [MSASSS, COUNTED])
def test_an_osteophyte_or_other_alone_is_never_0(lesion, scheme):
    assert score_corner(finding(lesion), scheme) == CornerScore(C5, not_scored=NotScored.EXCLUDED_LESION)


def test_an_osteophyte_beside_a_syndesmophyte_is_not_considered_unless_the_scheme_says_so():
    both = finding(Lesion.OSTEOPHYTE, Lesion.SYNDESMOPHYTE)
    assert score_corner(both).not_scored is NotScored.EXCLUDED_LESION
    assert score_corner(both, COUNTED).grade == 2


def test_an_osteophyte_beside_squaring_that_does_not_count_is_not_scored():
    both = finding(Lesion.OSTEOPHYTE, Lesion.SQUARING, corner=Corner(Vertebra.C3, Endplate.SUPERIOR))
    assert score_corner(both, COUNTED).not_scored is NotScored.EXCLUDED_LESION


def test_a_corner_that_is_not_visible_says_so():
    score = score_corner(CornerFinding(C5, not_visible=True))
    assert (score.grade, score.not_scored) == (None, NotScored.NOT_VISIBLE)


def test_a_normal_spine_scores_0(reading_of):
    score = score_reading(reading_of({}))
    assert (score.cervical, score.lumbar, score.total, score.observed) == (0.0, 0.0, 0.0, 0)
    assert score.range == (0, 0)
    assert score.warnings == ()
    assert score.scheme == "mSASSS"


def test_a_bamboo_spine_scores_72(reading_of):
    score = score_reading(reading_of(dict.fromkeys(CORNERS, (Lesion.BRIDGE,))))
    assert (score.cervical, score.lumbar, score.total, score.observed) == (36.0, 36.0, 72.0, 72)


def test_a_worked_example(reading_of, at):
    score = score_reading(
        reading_of(
            {
                at("C3 superior"): [Lesion.SQUARING],
                at("C5 inferior"): [Lesion.BRIDGE, Lesion.SYNDESMOPHYTE],
                at("C6 superior"): [Lesion.BRIDGE],
                at("C6 inferior"): [Lesion.SYNDESMOPHYTE],
                at("L1 superior"): [Lesion.EROSION, Lesion.SCLEROSIS],
                at("L4 inferior"): [Lesion.SQUARING],
            }
        )
    )
    assert (score.cervical, score.lumbar, score.total) == (8.0, 2.0, 10.0)
    assert score.grades[at("C5 inferior")] == 3
    assert score.imputed == ()
    assert score.warnings == ()
    assert [corner.corner for corner in score.corners] == list(CORNERS)


def test_three_missing_corners_get_the_mean_of_their_region(reading_of, at):
    hidden = [at("C7 inferior"), at("T1 superior")]
    reading = reading_of(
        {at("C2 inferior"): [Lesion.OSTEOPHYTE], at("C4 superior"): [Lesion.BRIDGE], at("L2 superior"): [Lesion.BRIDGE]}
        | {at("C4 inferior"): [Lesion.BRIDGE]},
        not_visible=hidden,
    )
    score = score_reading(reading)
    assert score.observed == 9
    assert score.cervical == 8.0
    assert score.lumbar == 3.0
    assert score.total == 11.0
    assert score.imputed == (at("C2 inferior"), *hidden)
    assert score.range == (9, 18)


def test_with_four_missing_corners_there_is_no_total(reading_of):
    reading = reading_of({}, not_visible=corners_of(Region.LUMBAR)[:4])
    score = score_reading(reading)
    assert (score.cervical, score.lumbar, score.total) == (0.0, None, None)
    assert score.range == (0, 12)
    assert score.imputed == ()
    assert score.warnings == (
        "4 of 12 lumbar corners are not scored and at most 3 may be, so there is no lumbar total and none of the exam.",
    )


def test_the_number_of_corners_that_may_be_missing_is_a_setting(reading_of):
    reading = reading_of({}, not_visible=corners_of(Region.LUMBAR)[:4])
    assert score_reading(reading, replace(MSASSS, missing=MissingPolicy(max_missing=4))).total == 0.0


def test_without_imputation_one_missing_corner_leaves_no_total(reading_of):
    reading = reading_of({}, not_visible=[C5])
    score = score_reading(reading, NO_IMPUTATION)
    assert (score.cervical, score.lumbar, score.total) == (None, 0.0, None)
    assert score.range == (0, 3)
    assert score.warnings[0].startswith("1 of 12 cervical corners are not scored and at most 0 may be")


@pytest.mark.parametrize("scheme", [NO_IMPUTATION, BOUNDS])
def test_without_imputation_a_complete_reading_has_its_total(reading_of, scheme):
    assert score_reading(reading_of({C5: [Lesion.EROSION]}), scheme).total == 1.0


def test_observed_sum_with_bounds_says_what_was_observed(reading_of, at):
    reading = reading_of({at("C4 superior"): [Lesion.SYNDESMOPHYTE]}, not_visible=[C5])
    score = score_reading(reading, BOUNDS)
    assert (score.observed, score.range, score.total) == (2, (2, 5), None)
    assert score.warnings == (
        "Cervical observed sum 2 over 11 of 12 corners, possible range 2 to 5; "
        "nothing is imputed, so there is no total.",
    )


def test_one_view_alone_has_its_total_and_the_exam_has_none(reading_of, at):
    score = score_reading(reading_of({at("L1 superior"): [Lesion.BRIDGE]}, regions=[Region.LUMBAR]))
    assert (score.cervical, score.lumbar, score.total, score.observed) == (None, 3.0, None, 3)
    assert score.range == (3, 39)
    assert {corner.not_scored for corner in score.corners[:12]} == {NotScored.NOT_READ}
    assert not score.region(Region.CERVICAL).is_read
    assert score.region(Region.LUMBAR).is_read
    assert score.warnings[-1] == "No cervical view was read, so the exam has no total."


def test_bounds_reach_no_higher_than_the_scheme_does(reading_of):
    erosions = replace(MSASSS, grade_of={Lesion.EROSION: 1})
    assert score_reading(reading_of({}, not_visible=[C5]), erosions).range == (0, 1)


def test_bridge_on_one_side_is_reported_and_left_as_read(reading_of, at):
    score = score_reading(reading_of({C5: [Lesion.BRIDGE]}))
    assert (score.grades[C5], score.grades[at("C6 superior")]) == (3, 0)
    assert score.warnings == (
        "C5/C6: a bridge at C5 inferior should span the disc space to C6 superior, where none was read. "
        "Check both corners.",
    )


def test_bridge_towards_a_corner_that_is_not_visible_is_reported(reading_of, at):
    score = score_reading(reading_of({C5: [Lesion.BRIDGE]}, not_visible=[at("C6 superior")]))
    assert score.warnings[0].startswith("C5/C6: ")
    assert "to C6 superior, which is not visible" in score.warnings[0]


def test_bridge_on_both_sides_is_no_warning(reading_of, at):
    assert score_reading(reading_of({C5: [Lesion.BRIDGE], at("C6 superior"): [Lesion.BRIDGE]})).warnings == ()


@pytest.mark.parametrize(("grade", "reason", "got"), [(None, None, "neither"), (0, NotScored.NOT_VISIBLE, "both")])
def test_a_corner_has_a_grade_or_a_reason(grade, reason, got):
    with pytest.raises(ReadingError, match=f"at C5 inferior, got {got}"):
        CornerScore(C5, grade, reason)


@pytest.mark.parametrize("grade", [-1, 4])
def test_a_grade_is_0_to_3(grade):
    with pytest.raises(ReadingError, match=f"got {grade} at C5 inferior"):
        CornerScore(C5, grade)


@pytest.mark.parametrize("number", [-1, 12])
def test_at_least_one_corner_must_be_scored_to_impute_the_others(number):
    with pytest.raises(SchemeError, match=f"got {number}"):
        MissingPolicy(max_missing=number)


def test_one_scored_corner_suffices_where_eleven_may_be_missing():
    assert region_total([2], MissingPolicy(max_missing=11)) == 24.0
