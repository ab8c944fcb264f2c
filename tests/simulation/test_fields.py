import numpy as np
import pytest

from msasss.simulation.fields import (
    BodyShape,
    Grid,
    add_blobs,
    add_body,
    add_boxes,
    add_round_cones,
    carve,
    roughen,
    subtract_ellipsoids,
)
from msasss.simulation.projection import Pose, rotation_of

PLAIN = BodyShape(30, 30, 40, 40, 26, 26, posterior_concavity=0.0)


def positions(grid):
    return np.stack(np.meshgrid(*grid.axes(), indexing="ij"), axis=-1)


def volume_mm3(grid):
    return float((grid.distance < 0).sum() * np.prod(grid.step_mm))


def test_a_grid_covers_its_bounds_and_starts_empty():
    grid = Grid((-1, -2, -3), (1, 2, 3.2), (0.5, 1, 2), cortex_mm=0.4, density=1.2)
    x, y, z = grid.axes()
    assert grid.distance.shape == (5, 5, 5)
    assert (x[0], x[-1], y[-1]) == (-1, 1, 2)
    assert z[-1] >= 3.2
    assert grid.distance.min() > 10
    assert np.all(grid.cortex == np.float32(0.4))
    assert np.all(grid.density == np.float32(1.2))


def test_a_round_cone_of_equal_ends_is_a_capsule():
    grid = Grid((-8, -8, -8), (8, 8, 8), (1, 1, 1))
    add_round_cones(grid, [[0, -3, 0, 0, 3, 0, 2, 2]], blend_mm=0.01)
    points = positions(grid)
    beyond = np.maximum(np.abs(points[..., 1]) - 3, 0)
    expected = np.sqrt(points[..., 0] ** 2 + beyond**2 + points[..., 2] ** 2) - 2
    near = np.abs(points).max(axis=-1) <= 5
    np.testing.assert_allclose(grid.distance[near], expected[near], atol=1e-4)


def test_a_cone_tapers_from_its_start_to_its_end():
    grid = Grid((-1, -10, -1), (1, 10, 1), (1, 1, 1))
    add_round_cones(grid, [[0, -5, 0, 0, 5, 0, 3, 1]], blend_mm=0.01)
    assert grid.distance[1, 5, 1] == pytest.approx(-3, abs=1e-4)
    assert grid.distance[1, 10, 1] == pytest.approx(-2, abs=1e-4)
    assert grid.distance[1, 15, 1] == pytest.approx(-1, abs=1e-4)


def test_a_rounded_box_has_its_distance_along_the_axes_and_off_its_corner():
    grid = Grid((-8, -8, -8), (8, 8, 8), (1, 1, 1))
    add_boxes(grid, [[0, 0, 0, 3, 2, 1, 0.5, 0, 0]], blend_mm=0.01)
    assert grid.distance[8 + 5, 8, 8] == pytest.approx(1.5, abs=1e-4)
    assert grid.distance[8, 8 + 4, 8] == pytest.approx(1.5, abs=1e-4)
    assert grid.distance[8 + 4, 8 + 3, 8 + 2] == pytest.approx(np.sqrt(3) - 0.5, abs=1e-4)
    assert grid.distance[8, 8, 8] == pytest.approx(-1.5, abs=1e-4)


def test_a_box_turned_by_a_right_angle_swaps_its_sides():
    grid = Grid((-8, -8, -8), (8, 8, 8), (1, 1, 1))
    add_boxes(grid, [[0, 0, 0, 4, 1, 1, 0, np.pi / 2, 0]], blend_mm=0.01)
    assert grid.distance[8, 8 + 3, 8] < 0 < grid.distance[8 + 3, 8, 8]


def test_a_wider_blend_fills_the_seam_between_two_cones():
    seam = []
    for blend_mm in (0.1, 3.0):
        grid = Grid((-8, -8, -8), (8, 8, 8), (1, 1, 1))
        add_round_cones(grid, [[-3, 0, 0, -3, 0, 0, 2.5, 2.5], [3, 0, 0, 3, 0, 0, 2.5, 2.5]], blend_mm=blend_mm)
        seam.append(grid.distance[8, 8, 8])
    assert seam[0] == pytest.approx(0.5, abs=0.05)
    assert seam[1] < 0


def test_an_erosion_removes_the_volume_of_its_ellipsoid():
    grid = Grid((-8, -8, -8), (8, 8, 8), (0.5, 0.5, 0.5))
    add_boxes(grid, [[0, 0, 0, 6, 6, 6, 0, 0, 0]], blend_mm=0.01)
    before = volume_mm3(grid)
    subtract_ellipsoids(grid, [[0, 0, 0, 2, 3, 4]], blend_mm=0.01)
    assert before - volume_mm3(grid) == pytest.approx(4 / 3 * np.pi * 24, rel=0.05)


def test_a_blob_adds_its_amplitude_at_its_centre_and_nothing_far_away():
    grid = Grid((-8, -8, -8), (8, 8, 8), (1, 1, 1), density=1.0)
    add_blobs(grid.density, grid, [[2, 0, 0, 1, 1, 2, 2.5]])
    assert grid.density[10, 8, 8] == pytest.approx(3.5)
    assert grid.density[11, 8, 8] == pytest.approx(1 + 2.5 * np.exp(-0.5))
    assert grid.density[2, 8, 8] == 1


def body_grid(shape):
    grid = Grid((-22, -18, -24), (22, 18, 24), (0.5, 0.5, 1))
    add_body(grid, shape)
    return grid


def extent(grid, axis):
    inside = np.flatnonzero((grid.distance < 0).any(axis=tuple({0, 1, 2} - {axis})))
    nodes = grid.axes()[axis]
    return nodes[inside[0]], nodes[inside[-1]]


def test_a_body_has_the_size_it_was_asked_for():
    grid = body_grid(PLAIN)
    assert extent(grid, 0) == pytest.approx((-15, 15), abs=0.8)
    assert extent(grid, 1) == pytest.approx((-13, 13), abs=0.8)
    assert extent(grid, 2) == pytest.approx((-20, 20), abs=1.5)


def test_a_squared_body_has_a_straight_front():
    fronts = []
    for waist_mm in (3.0, 0.0):
        grid = body_grid(BodyShape(30, 30, 40, 40, 26, 26, waist_anterior=waist_mm))
        x, y, _ = grid.axes()
        middle = grid.distance[:, np.argmin(np.abs(y)), grid.distance.shape[2] // 2]
        fronts.append(x[np.flatnonzero(middle < 0)[-1]])
    assert fronts[1] - fronts[0] == pytest.approx(3.0, abs=0.5)


def test_a_wedged_body_is_lower_in_front():
    grid = body_grid(BodyShape(30, 30, 40, 40, 20, 26, concavity_upper=0, concavity_lower=0))
    x, _, _ = grid.axes()
    heights = (grid.distance[:, :, grid.distance.shape[2] // 2] < 0).sum(axis=1) * 0.5
    front, back = heights[np.argmin(np.abs(x - 10))], heights[np.argmin(np.abs(x + 10))]
    assert back - front == pytest.approx(6 * 20 / 30, abs=1.0)


def test_endplates_are_dished_by_their_concavity():
    grid = body_grid(BodyShape(30, 30, 40, 40, 26, 26, concavity_upper=2.0, concavity_lower=0.0))
    column = grid.distance[44, :, 24]
    y = grid.axes()[1]
    inside = y[column < 0]
    assert inside[-1] == pytest.approx(11, abs=0.6)
    assert inside[0] == pytest.approx(-13, abs=0.6)


def test_roughness_moves_the_surface_by_its_amplitude_and_keeps_the_volume():
    noise = np.random.default_rng(0).standard_normal((24, 24, 24)).astype(np.float32)
    smooth, rough = body_grid(PLAIN), body_grid(PLAIN)
    roughen(rough, noise, amplitude_mm=0.3, cell_mm=3.0)
    shell = np.abs(smooth.distance) < 1
    assert 0.1 < float(np.std((rough.distance - smooth.distance)[shell])) < 0.4
    assert volume_mm3(rough) == pytest.approx(volume_mm3(smooth), rel=0.02)


def test_new_bone_is_carved_by_a_placed_body_up_to_the_inset():
    body = Grid((-5, -5, -5), (5, 5, 5), (0.5, 0.5, 0.5))
    add_boxes(body, [[0, 0, 0, 4, 2, 2, 0, 0, 0]], blend_mm=0.01)
    bone = Grid((4, 0, -6), (16, 20, 6), (1, 1, 1))
    bone.distance[:] = -5.0
    carve(bone, body, Pose(rotation_of(np.pi / 2), np.array([10.0, 10.0, 0.0])), inset_mm=0.5)
    assert bone.distance[6, 10, 6] > 0
    assert bone.distance[6, 13, 6] > 0
    assert bone.distance[9, 10, 6] < 0
    assert bone.distance[6, 14, 6] < 0
