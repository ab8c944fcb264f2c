import math
from itertools import pairwise

import numpy as np
import pytest

from msasss.anatomy import Endplate, Region, discs_of
from msasss.reading import Lesion
from msasss.simulation import cervical, lumbar, new_bone
from msasss.simulation.lesions import CRITERIA
from msasss.simulation.new_bone import DiscSpace, Outgrowth, lesion_of
from msasss.simulation.projection import Camera
from msasss.simulation.scene import Bony, Canvas, cone_grid, draw_cones
from msasss.simulation.streams import stream

EMPTY = np.empty((0, 8))
LUMBAR = CRITERIA[Region.LUMBAR]
UPPER, LOWER = Endplate.SUPERIOR, Endplate.INFERIOR


def spaces(region, seed):
    bones = (cervical if region is Region.CERVICAL else lumbar).bones_of(seed)
    return [DiscSpace(bones[disc.upper.value], bones[disc.lower.value]) for disc in discs_of(region)]


@pytest.mark.parametrize(
    ("reach", "angle", "gap", "lesion"),
    [
        (1.5, 45.0, 2.0, Lesion.SYNDESMOPHYTE),
        (1.4, 10.0, 2.0, None),
        (2.5, 45.1, 2.0, Lesion.OSTEOPHYTE),
        (2.4, 60.0, 2.0, None),
        (1.0, 60.0, 0.0, Lesion.BRIDGE),
    ],
)
def test_an_outgrowth_is_named_by_reach_angle_and_gap(reach, angle, gap, lesion):
    assert lesion_of(Outgrowth(EMPTY, reach, angle, gap), LUMBAR) is lesion


@pytest.mark.parametrize("region", list(Region))
@pytest.mark.parametrize("seed", range(8))
def test_a_syndesmophyte_leaves_a_gap_and_reaches_what_it_says(region, seed):
    limit = 1.5 if region is Region.LUMBAR else 1.0
    for space in spaces(region, seed):
        rng = stream(seed, "syndesmophyte")
        grown = new_bone.syndesmophytes(space, {UPPER: 0.4, LOWER: 0.9}, region, CRITERIA[region], rng)
        for spur in grown.values():
            assert spur.reach_mm >= CRITERIA[region].outgrowth_reach_mm
            assert spur.gap_mm >= limit - 0.7 * limit * (space.rim_gap_mm() < 2.2 * limit)
        total = sum(spur.reach_mm for spur in grown.values())
        if grown:
            assert total + next(iter(grown.values())).gap_mm == pytest.approx(space.rim_gap_mm())


@pytest.mark.parametrize("region", list(Region))
def test_a_gap_is_really_left_between_two_syndesmophytes(region):
    made = Bony(0.4, 1.0, (0.3, 0.3, 0.6), blend_mm=0.3)
    for space in spaces(region, 5):
        rng = stream(5, "syndesmophyte")
        grown = new_bone.syndesmophytes(space, {UPPER: 1.0, LOWER: 1.0}, region, CRITERIA[region], rng)
        low, high, _ = space.rims(np.zeros(1), 0.0)
        for spur in grown.values():
            grid = cone_grid(spur.cones, made)
            start = np.round((0.5 * (low[0] + high[0]) - grid.low_mm) / grid.step_mm).astype(int)
            within = np.all((start >= 0) & (start < grid.distance.shape))
            if len(grown) == 2 and within:
                assert grid.distance[tuple(start)] > 0


def test_a_disc_too_narrow_for_two_syndesmophytes_bears_the_severer_one():
    narrow = [s for seed in range(40) for s in spaces(Region.CERVICAL, seed) if 2.3 < s.rim_gap_mm() < 3.1]
    assert narrow
    for space in narrow:
        grown = new_bone.syndesmophytes(
            space, {UPPER: 0.4, LOWER: 0.9}, Region.CERVICAL, CRITERIA[Region.CERVICAL], stream(1, "syndesmophyte")
        )
        assert list(grown) == [LOWER]


@pytest.mark.parametrize("region", list(Region))
def test_a_bridge_is_one_piece_from_rim_to_rim(region):
    made = Bony(0.4, 1.0, (0.3, 0.3, 0.6), blend_mm=0.3)
    for space in spaces(region, 4):
        joined = new_bone.bridge(space, 0.5, region, stream(4, "bridge"))
        assert lesion_of(joined, CRITERIA[region]) is Lesion.BRIDGE
        grid = cone_grid(joined.cones, made)
        line = joined.cones[5 * 7 : 6 * 7]
        for start in line[:, :3]:
            node = np.round((start - grid.low_mm) / grid.step_mm).astype(int)
            assert grid.distance[tuple(node)] < 0


@pytest.mark.parametrize("region", list(Region))
@pytest.mark.parametrize("end", list(Endplate))
@pytest.mark.parametrize("severity", [0.15, 1.0])
def test_an_osteophyte_leaves_the_border_by_more_than_45_degrees(region, end, severity):
    bone = spaces(region, 3)[2].lower
    claw = new_bone.osteophyte(bone, end, (severity, 6.0), region, stream(3, "osteophyte"))
    assert lesion_of(claw, CRITERIA[region]) is Lesion.OSTEOPHYTE
    tips = claw.cones[1::2]
    rim = new_bone.rim_points(bone.shape, end, np.zeros(1), inset_mm=0.0)[0]
    forward = tips[7, 3:6] - rim
    assert forward[0] + tips[7, 7] == pytest.approx(claw.reach_mm, abs=0.5)
    assert math.degrees(math.atan2(abs(forward[0]), abs(forward[1]))) > 45


@pytest.mark.parametrize("region", list(Region))
def test_other_forms_stay_clear_of_the_corners_definition(region):
    space = spaces(region, 6)[3]
    rng = stream(6, "other")
    lens = new_bone.intradiscal(space, 0.7, region, rng)
    low, high, out = space.rims(np.zeros(1), 0.0)
    front = (0.5 * (low[0] + high[0])) @ out[0]
    assert (lens[:, 3:6] @ out[0] + lens[:, 7]).max() < front
    ligament = new_bone.flowing(space, 0.7, region, rng)
    local = space.lower.level.pose.to_local(ligament[ligament[:, 1].argsort()[:1], :3])[0]
    assert local[0] > 0.5 * space.lower.shape.depth_lower
    bulk = new_bone.nonmarginal(space.lower, UPPER, 0.7, region, rng)
    corner = new_bone.corner_point(space.lower.shape, UPPER)
    assert (corner[1] - bulk[:, 1]).max() >= 3.0


def test_a_long_thin_bone_is_drawn_at_every_place():
    camera = Camera(1000.0, 200.0, 0.5, 300, 300, -75.0, 75.0, 0.0, 0.0)
    canvas = Canvas(camera)
    ends = [(-20.0, -50.0, -30.0), (0.0, 0.0, 0.0), (20.0, 50.0, 30.0)]
    draw_cones(canvas, np.array([[*a, *b, 1.5, 1.5] for a, b in pairwise(ends)]), Bony(0.5, 1.0, (0.6, 0.6, 1.1)))
    shares = np.linspace(0.05, 0.95, 40)[:, None]
    line = np.array(ends[0]) * (1 - shares) + np.array(ends[2]) * shares
    columns, rows = np.round(camera.project(line) - 0.5).astype(int).T
    depth = (canvas.cortical + canvas.trabecular)[rows, columns]
    assert depth.min() > 0.75 * depth.max()
