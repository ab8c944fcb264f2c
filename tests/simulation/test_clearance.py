import numpy as np

from msasss.simulation.clearance import bound_empty_space
from msasss.simulation.fields import FAR_MM, Grid, add_round_cones

CONES = np.array([[-20.0, -15.0, -9.0, 0.0, 0.0, 0.0, 1.2, 1.2], [0.0, 0.0, 0.0, 20.0, 15.0, 9.0, 1.2, 1.2]])


def grid_of_a_thin_bone():
    grid = Grid((-40, -40, -30), (41, 37, 33), (1.0, 1.0, 1.5))
    add_round_cones(grid, CONES, blend_mm=0.3)
    return grid


def true_distance(grid):
    nodes = np.stack(np.meshgrid(*grid.axes(), indexing="ij"), axis=-1)
    way = CONES[-1, 3:6] - CONES[0, :3]
    along = np.clip(((nodes - CONES[0, :3]) @ way) / (way @ way), 0, 1)
    return np.linalg.norm(nodes - CONES[0, :3] - along[..., None] * way, axis=-1) - 1.2


def test_empty_space_is_never_said_to_reach_farther_than_it_does():
    grid = grid_of_a_thin_bone()
    empty = grid.distance >= FAR_MM
    true = true_distance(grid)
    assert (grid.distance[empty] > true[empty] + 5).any()
    bound_empty_space(grid)
    assert (grid.distance[empty] <= true[empty] + 0.1).all()
    assert grid.distance[empty].max() > 12


def test_what_a_shape_has_written_stays():
    grid = grid_of_a_thin_bone()
    written, before = grid.distance < FAR_MM, grid.distance.copy()
    bound_empty_space(grid)
    np.testing.assert_array_equal(grid.distance[written], before[written])


def test_a_grid_without_bone_is_left_empty():
    grid = Grid((0, 0, 0), (10, 10, 10), (1, 1, 1))
    bound_empty_space(grid)
    assert grid.distance.min() > 0
