import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msasss.anatomy import Region, discs_of
from msasss.simulation import cervical, lumbar
from msasss.simulation.dimensions import DISC_BELOW, VERTEBRAE
from msasss.simulation.new_bone import DiscSpace
from msasss.simulation.shape import Bend, Proportions, bend, stack
from msasss.simulation.streams import stream

AVERAGE = Proportions(1.0, 1.0, 1.0, 1.0, 1.0, 5.0, 0.0, 0.0, 0.0)
LEVELS = ("L5", "L4", "L3", "L2", "L1")


def test_streams_of_different_names_differ_and_repeat():
    first, again, other = stream(3, "body", "L3"), stream(3, "body", "L3"), stream(3, "body", "L4")
    value = first.random()
    assert value == again.random()
    assert value != other.random()


def test_tilt_is_the_lean_of_the_line_from_the_lowest_to_the_highest_vertebra():
    column = stack(LEVELS, AVERAGE, Region.LUMBAR, stream(1, "layout"))
    run = column[-1].centre - column[0].centre
    assert math.degrees(math.atan2(run[0], run[1])) == pytest.approx(5.0, abs=1.5)


def test_a_lordotic_column_leans_further_back_with_every_level():
    column = stack(LEVELS, AVERAGE, Region.LUMBAR, stream(1, "layout"))
    leans = [level.lean_rad for level in column]
    assert leans == sorted(leans, reverse=True)


def test_bending_keeps_the_sagittal_place_and_moves_the_middle_sideways():
    column = stack(LEVELS, AVERAGE, Region.LUMBAR, stream(1, "layout"))
    bent = bend(column, Bend(12.0, 0.0, 0.0, 0.0), stream(1, "bend"))
    for before, after in zip(column, bent, strict=True):
        np.testing.assert_allclose(after.centre[:2], before.centre[:2])
    assert max(level.centre[2] for level in bent) == pytest.approx(12.0, abs=1.5)
    assert bent[0].centre[2] == pytest.approx(0.0, abs=1e-9)


def test_a_point_of_a_level_goes_through_its_pose():
    level = stack(LEVELS, AVERAGE, Region.LUMBAR, stream(1, "layout"))[2]
    up = level.at(0, 10) - level.centre
    assert np.linalg.norm(up) == pytest.approx(10.0)
    assert math.atan2(up[0], up[1]) == pytest.approx(level.lean_rad)


@pytest.mark.parametrize("region", list(Region))
def test_every_scored_vertebra_has_dimensions_and_a_disc(region):
    for disc in discs_of(region):
        assert disc.upper.value in VERTEBRAE[region]
        assert DISC_BELOW[region][disc.upper.value].height_mm > 0


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_facing_rims_never_touch(seed):
    for region, view in ((Region.CERVICAL, cervical), (Region.LUMBAR, lumbar)):
        bones = view.bones_of(seed)
        for disc in discs_of(region):
            assert DiscSpace(bones[disc.upper.value], bones[disc.lower.value]).rim_gap_mm() > 0.8
