import numpy as np
import pytest

from msasss.anatomy import Corner, Endplate, Region, Vertebra, corners_of, discs_of
from msasss.errors import UsageError
from msasss.reading import Lesion
from msasss.simulation.lesions import LesionPlan, draw_plan, plan_of
from msasss.simulation.streams import stream

L3_UPPER = Corner(Vertebra.L3, Endplate.SUPERIOR)
L3_LOWER = Corner(Vertebra.L3, Endplate.INFERIOR)
L2_LOWER = Corner(Vertebra.L2, Endplate.INFERIOR)


def test_a_bridge_is_completed_to_both_corners_of_its_disc():
    plan = plan_of(Region.LUMBAR, {L3_UPPER: {Lesion.BRIDGE: 0.5}})
    assert plan.severity(L2_LOWER, Lesion.BRIDGE) == 0.5
    assert plan.severity(L3_LOWER, Lesion.BRIDGE) == 0.0


def test_squaring_is_completed_to_both_corners_of_its_vertebra():
    plan = plan_of(Region.LUMBAR, {L3_UPPER: {Lesion.SQUARING: 0.5}})
    assert plan.severity(L3_LOWER, Lesion.SQUARING) == 0.5
    assert plan.squaring(Vertebra.L3) == 0.5
    assert plan.squaring(Vertebra.L2) == 0.0


def test_a_plan_cannot_be_changed():
    plan = plan_of(Region.LUMBAR, {L3_UPPER: {Lesion.EROSION: 0.5}})
    with pytest.raises(TypeError):
        plan.severities[L3_UPPER][Lesion.EROSION] = 1.0


@pytest.mark.parametrize("severity", [0.0, -0.5, 1.5])
def test_a_severity_outside_its_range_is_refused(severity):
    with pytest.raises(UsageError, match=rf"got {severity} for erosion at L3 superior"):
        LesionPlan(Region.LUMBAR, {L3_UPPER: {Lesion.EROSION: severity}})


def test_a_corner_of_the_other_view_is_refused():
    with pytest.raises(UsageError, match=r"corners of the cervical view, got L3 superior"):
        LesionPlan(Region.CERVICAL, {L3_UPPER: {Lesion.EROSION: 0.5}})


@pytest.mark.parametrize("lesion", [Lesion.BRIDGE, Lesion.SQUARING])
def test_half_of_a_shared_lesion_is_refused(lesion):
    with pytest.raises(UsageError, match=rf"Expected {lesion.value} at .*L3 superior"):
        LesionPlan(Region.LUMBAR, {L3_UPPER: {lesion: 0.5}})


@pytest.mark.parametrize("lesion", [Lesion.SYNDESMOPHYTE, Lesion.OSTEOPHYTE, Lesion.OTHER, Lesion.EROSION])
def test_a_bridge_excludes_other_new_bone_and_erosion(lesion):
    both = {Lesion.BRIDGE: 0.5, lesion: 0.5}
    with pytest.raises(UsageError, match=rf"A bridge excludes {lesion.value} .* L3 superior"):
        LesionPlan(Region.LUMBAR, {L3_UPPER: both, L2_LOWER: {Lesion.BRIDGE: 0.5}})


@pytest.mark.parametrize("region", list(Region))
def test_drawn_plans_are_balanced_for_training(region):
    plans = [draw_plan(region, stream(seed, "plan")) for seed in range(600)]
    corners = [plan.severities.get(corner, {}) for plan in plans for corner in corners_of(region)]
    share = {lesion: np.mean([lesion in lesions for lesions in corners]) for lesion in Lesion}
    assert 0.38 < np.mean([not lesions for lesions in corners]) < 0.52
    assert 0.11 < share[Lesion.BRIDGE] < 0.19
    assert 0.09 < share[Lesion.SYNDESMOPHYTE] < 0.16
    assert 0.07 < share[Lesion.OSTEOPHYTE] < 0.14
    assert 0.04 < share[Lesion.OTHER] < 0.10
    for lesion in (Lesion.SQUARING, Lesion.SCLEROSIS, Lesion.EROSION):
        assert 0.07 < share[lesion] < 0.14


def test_some_drawn_films_are_clean_and_some_are_fused():
    plans = [draw_plan(Region.LUMBAR, stream(seed, "plan")) for seed in range(200)]
    discs = discs_of(Region.LUMBAR)
    bridges = [sum(plan.severity(disc.above, Lesion.BRIDGE) > 0 for disc in discs) for plan in plans]
    assert 0.05 < np.mean([not plan.severities for plan in plans]) < 0.30
    assert 0.05 < np.mean(np.array(bridges) >= 3) < 0.25
