import numpy as np
import pytest

from msasss.anatomy import Endplate, Region
from msasss.simulation import cervical, lumbar
from msasss.simulation.bone_loss import erode, is_squared, squared, thicken
from msasss.simulation.lesions import CRITERIA
from msasss.simulation.streams import stream
from msasss.simulation.vertebra import body_grid, corner_point

SITES = [(Region.LUMBAR, "L3"), (Region.CERVICAL, "C5")]


def bones_of(region, seed):
    return (cervical if region is Region.CERVICAL else lumbar).bones_of(seed)


@pytest.mark.parametrize("region", list(Region))
@pytest.mark.parametrize("seed", range(15))
def test_healthy_bodies_are_clearly_concave_and_squared_ones_straight(region, seed):
    limit = CRITERIA[region].squaring_sagitta_mm
    for bone in bones_of(region, seed).values():
        assert bone.shape.waist_anterior >= 2 * limit
        for severity in (0.1, 1.0):
            assert is_squared(squared(bone.shape, severity, region, stream(seed, "squaring")), CRITERIA[region])


@pytest.mark.parametrize(("region", "name"), SITES)
def test_the_waist_is_the_sagitta_of_the_built_wall(region, name):
    bone = bones_of(region, 3)[name]
    grid = body_grid(bone, region, stream(3, "surface"))
    x, _, z = grid.axes()
    plane = grid.distance[:, :, np.argmin(np.abs(z))]

    def wall(height_mm):
        column = plane[:, np.argmin(np.abs(grid.axes()[1] - height_mm))]
        return x[column < 0].max()

    upper, lower = (corner_point(bone.shape, end) for end in (Endplate.SUPERIOR, Endplate.INFERIOR))
    assert 0.5 * (upper[0] + lower[0]) - wall(0.0) == pytest.approx(bone.shape.waist_anterior, abs=1.0)


@pytest.mark.parametrize(("region", "name"), SITES)
@pytest.mark.parametrize("end", list(Endplate))
def test_a_severe_erosion_goes_deeper_than_a_slight_one_and_both_are_seen(region, name, end):
    bone = bones_of(region, 1)[name]
    depths = []
    for severity in (0.35, 1.0):
        grid = body_grid(bone, region, stream(1, "surface"))
        before = (grid.distance < 0).sum()
        depths.append(erode(grid, (bone.shape, end), severity, region, stream(1, "erosion")))
        assert (grid.distance < 0).sum() < before
    assert CRITERIA[region].erosion_depth_mm <= depths[0] < depths[1]


@pytest.mark.parametrize(("region", "name"), SITES)
def test_severe_sclerosis_is_denser_than_slight_one_and_leaves_the_surface(region, name):
    bone = bones_of(region, 1)[name]
    rises = []
    for severity in (0.05, 0.9):
        grid = body_grid(bone, region, stream(1, "surface"))
        before = grid.distance.copy()
        rises.append(thicken(grid, (bone.shape, Endplate.SUPERIOR), severity, region, stream(1, "sclerosis")))
        np.testing.assert_array_equal(grid.distance, before)
    assert 1.0 < rises[0] < rises[1]
    assert rises[1] >= CRITERIA[region].sclerosis_contrast
