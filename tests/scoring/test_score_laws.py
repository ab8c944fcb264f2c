"""Laws of scoring, whatever the reading and the scheme."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import CORNERS, Region
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading
from msasss.scoring import (
    MSASSS,
    RASSS_STYLE,
    ExcludedCorner,
    MissingKind,
    MissingPolicy,
    SquaringPolicy,
    score_corner,
    score_reading,
    with_squaring,
)

IMAGES = {Region.CERVICAL: "cervical.dcm", Region.LUMBAR: "lumbar.dcm"}
READER = Reader(ReaderKind.HUMAN, "A")

missing_policies = st.builds(MissingPolicy, st.sampled_from(MissingKind), st.integers(0, 11))
schemes = st.builds(
    lambda scheme, squaring, missing, excluded: replace(
        with_squaring(scheme, squaring), missing=missing, excluded_corner=excluded
    ),
    st.sampled_from([MSASSS, RASSS_STYLE]),
    st.sampled_from(SquaringPolicy),
    missing_policies,
    st.sampled_from(ExcludedCorner),
)
# Mostly counted lesions: with osteophytes as common as the rest hardly a region would have a total.
lesion_sets = st.frozensets(st.sampled_from([*MSASSS.grade_of, *MSASSS.grade_of, *Lesion]), max_size=3)


@st.composite
def findings(draw, corner=None):
    corner = corner or draw(st.sampled_from(CORNERS))
    if draw(st.integers(0, 9)) == 9:
        return CornerFinding(corner, not_visible=True)
    return CornerFinding(corner, draw(lesion_sets))


@st.composite
def readings(draw):
    regions = draw(st.sampled_from([tuple(Region), tuple(Region), (Region.CERVICAL,), (Region.LUMBAR,)]))
    found = tuple(draw(findings(corner)) for corner in CORNERS if corner.region in regions)
    return Reading(READER, {region: IMAGES[region] for region in regions}, found)


@given(readings(), schemes)
def test_totals_stay_within_0_to_36_and_0_to_72(reading, scheme):
    score = score_reading(reading, scheme)
    assert all(total is None or 0 <= total <= 36 for total in (score.cervical, score.lumbar))
    assert score.total is None or 0 <= score.total <= 72
    assert all(grade is None or grade in (0, 1, 2, 3) for grade in score.grades.values())


@given(readings(), schemes)
def test_the_range_contains_the_observed_sum_and_the_total(reading, scheme):
    score = score_reading(reading, scheme)
    low, high = score.range
    assert 0 <= low <= high <= 72
    assert low <= score.observed <= high
    assert score.total is None or low <= score.total <= high
    for region in score.regions:
        assert region.total is None or region.range[0] <= region.total <= region.range[1]


@given(readings(), schemes)
def test_the_total_is_the_sum_of_the_regions_and_none_if_one_has_none(reading, scheme):
    score = score_reading(reading, scheme)
    if score.cervical is None or score.lumbar is None:
        assert score.total is None
    else:
        assert score.total == score.cervical + score.lumbar
    assert score.observed == sum(grade for grade in score.grades.values() if grade is not None)


@given(readings(), schemes)
def test_a_region_has_a_total_exactly_when_few_enough_corners_are_missing(reading, scheme):
    for region in score_reading(reading, scheme).regions:
        assert (region.total is not None) == (len(region.not_scored) <= scheme.missing.imputable)


@given(readings(), schemes)
def test_a_region_without_a_total_is_always_said_to_have_none(reading, scheme):
    score = score_reading(reading, scheme)
    told = [
        warning
        for warning in score.warnings
        if "no total" in warning or "no lumbar total" in warning or "no cervical total" in warning
    ]
    assert len(told) == sum(region.total is None for region in score.regions)


@given(readings(), schemes)
def test_the_imputed_corners_are_the_unscored_ones_of_regions_with_a_total(reading, scheme):
    score = score_reading(reading, scheme)
    unscored = [c.corner for c in score.corners if c.grade is None and score.region(c.corner.region).total is not None]
    assert list(score.imputed) == unscored
    if not score.imputed and score.total is not None:
        assert score.total == score.observed


@given(findings(), st.sampled_from(list(MSASSS.grade_of)), schemes)
def test_adding_a_counted_lesion_never_lowers_a_grade(finding, lesion, scheme):
    before = score_corner(finding, scheme)
    if finding.not_visible:
        return
    after = score_corner(replace(finding, lesions=finding.lesions | {lesion}), scheme)
    if before.grade is not None:
        assert after.grade is not None
        assert after.grade >= before.grade


@given(readings(), st.randoms(use_true_random=False), schemes)
def test_the_order_of_the_findings_changes_nothing(reading, random, scheme):
    shuffled = list(reading.findings)
    random.shuffle(shuffled)
    assert score_reading(replace(reading, findings=tuple(shuffled)), scheme) == score_reading(reading, scheme)


@given(readings(), schemes)
def test_the_kind_of_reader_changes_nothing(reading, scheme):
    by_network = replace(reading, reader=Reader(ReaderKind.MODEL, "network"))
    assert score_reading(by_network, scheme) == score_reading(reading, scheme)


@pytest.mark.parametrize("region", Region)
@given(data=st.data())
def test_a_region_scores_the_same_alone_as_in_the_exam(region, data):
    whole = data.draw(readings().filter(lambda reading: len(reading.regions) == 2))
    alone = Reading(READER, {region: IMAGES[region]}, tuple(f for f in whole if f.corner.region is region))
    assert score_reading(alone).region(region) == score_reading(whole).region(region)
