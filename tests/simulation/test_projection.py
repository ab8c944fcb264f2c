import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.simulation.fields import Grid, add_boxes, add_round_cones
from msasss.simulation.projection import WORLD, Camera, Pose, accumulate, rotation_of

CAMERA = Camera(800.0, 200.0, 0.5, 200, 240, -60.0, 50.0, 5.0, -4.0)


def projected(grid, pose=WORLD, camera=CAMERA, step_mm=0.8):
    cortical = np.zeros((camera.height_px, camera.width_px), np.float32)
    trabecular = np.zeros_like(cortical)
    accumulate(camera, grid, pose, cortical, trabecular, step_mm=step_mm)
    return cortical, trabecular


def sphere(radius_mm, step_mm=0.5, **kwargs):
    bound = radius_mm + 3
    grid = Grid((-bound,) * 3, (bound,) * 3, (step_mm,) * 3, **kwargs)
    add_round_cones(grid, [[0, 0, 0, 0, 0, 0, radius_mm, radius_mm]], blend_mm=0.01)
    return grid


def chords(centre, radius_mm):
    """Analytic chord of a sphere along the ray to every pixel centre."""
    columns = CAMERA.left_mm + (np.arange(CAMERA.width_px) + 0.5) * CAMERA.pixel_mm
    rows = CAMERA.top_mm - (np.arange(CAMERA.height_px) + 0.5) * CAMERA.pixel_mm
    detector = np.stack([*np.meshgrid(columns, rows), np.full((200, 240), CAMERA.object_detector_mm)], axis=-1)
    direction = detector - CAMERA.source
    direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
    to_centre = np.asarray(centre) - CAMERA.source
    along = direction @ to_centre
    off = to_centre @ to_centre - along**2
    return 2 * np.sqrt(np.clip(radius_mm**2 - off, 0, None))


def test_a_sphere_has_its_analytic_chords_wherever_it_lies():
    centre = np.array([12.0, -7.0, 20.0])
    cortical, trabecular = projected(sphere(10.0), Pose(rotation_of(0.4, 0.2, -0.3), centre))
    expected = chords(centre, 10.0)
    deep = expected > 4
    np.testing.assert_allclose((cortical + trabecular)[deep], expected[deep], atol=0.15)
    assert float((cortical + trabecular)[expected == 0].max()) < 1.5


def test_cortex_is_the_shell_and_trabecular_bone_the_core():
    cortical, trabecular = projected(sphere(10.0, cortex_mm=0.5, density=2.0))
    core = chords((0, 0, 0), 9.5)
    deep = core > 6
    np.testing.assert_allclose(trabecular[deep], 2 * core[deep], rtol=0.02)
    np.testing.assert_allclose(cortical[deep], (chords((0, 0, 0), 10.0) - core)[deep], atol=0.12)


def test_a_thin_cortex_does_not_depend_on_where_samples_fall():
    fine, _ = projected(sphere(10.0, cortex_mm=0.4), step_mm=0.2)
    coarse, _ = projected(sphere(10.0, cortex_mm=0.4), step_mm=1.0)
    assert float(coarse.sum()) == pytest.approx(float(fine.sum()), rel=0.02)


def test_a_box_is_as_thick_as_it_is_deep():
    grid = Grid((-14, -10, -12), (14, 10, 12), (0.5, 0.5, 0.5))
    add_boxes(grid, [[0, 0, 0, 10, 6, 8, 0, 0, 0]], blend_mm=0.01)
    cortical, trabecular = projected(grid)
    x, y = (int(v) for v in CAMERA.project([[0.0, 0.0, 0.0]])[0])
    assert (cortical + trabecular)[y, x] == pytest.approx(16.0, abs=0.15)


@pytest.mark.parametrize("z_mm", [-60.0, 0.0, 60.0])
def test_a_sphere_is_magnified_by_source_detector_over_source_object_distance(z_mm):
    cortical, trabecular = projected(sphere(10.0), Pose(np.eye(3), np.array([0.0, 0.0, z_mm])))
    middle = (cortical + trabecular)[int(CAMERA.project([[0.0, 0.0, z_mm]])[0, 1])]
    width_mm = float((middle > 4).sum()) * CAMERA.pixel_mm
    chord_mm = 2 * np.sqrt(100.0 - 4.0)
    assert width_mm == pytest.approx(chord_mm * 1000.0 / (800.0 + z_mm), abs=1.2)


def test_a_structure_outside_the_image_adds_nothing():
    cortical, trabecular = projected(sphere(5.0), Pose(np.eye(3), np.array([500.0, 0.0, 0.0])))
    assert not cortical.any()
    assert not trabecular.any()


def test_a_structure_cut_by_the_border_is_drawn_in_part():
    centre = np.array([CAMERA.left_mm / 1.25, 0.0, 0.0])
    cortical, trabecular = projected(sphere(8.0), Pose(np.eye(3), centre))
    expected = chords(centre, 8.0)
    deep = expected > 4
    assert deep.any()
    np.testing.assert_allclose((cortical + trabecular)[deep], expected[deep], atol=0.15)


def test_path_lengths_of_two_structures_add():
    once = sum(projected(sphere(6.0)))
    cortical = np.zeros((200, 240), np.float32)
    trabecular = np.zeros_like(cortical)
    for _ in range(2):
        accumulate(CAMERA, sphere(6.0), WORLD, cortical, trabecular, step_mm=0.8)
    np.testing.assert_allclose(cortical + trabecular, 2 * once, rtol=1e-5)


def test_pixel_centres_project_back_to_themselves():
    x, y = CAMERA.object_grid()
    seen = CAMERA.project(np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)])).reshape(200, 240, 2)
    columns, rows = np.meshgrid(np.arange(240) + 0.5, np.arange(200) + 0.5)
    np.testing.assert_allclose(seen[..., 0], columns, atol=1e-3)
    np.testing.assert_allclose(seen[..., 1], rows, atol=1e-3)


def test_the_image_starts_at_the_outer_corner_of_its_first_pixel():
    corner = [[CAMERA.left_mm, CAMERA.top_mm, CAMERA.object_detector_mm]]
    np.testing.assert_allclose(CAMERA.project(corner), [[0.0, 0.0]], atol=1e-9)


@given(angles=st.tuples(*[st.floats(-1.5, 1.5)] * 3), shift=st.tuples(*[st.floats(-50, 50)] * 3))
def test_a_pose_keeps_lengths_and_can_be_undone(angles, shift):
    pose = Pose(rotation_of(*angles), np.array(shift))
    points = np.array([[1.0, 2.0, 3.0], [-4.0, 0.5, 9.0]])
    world = pose.to_world(points)
    np.testing.assert_allclose(pose.to_local(world), points, atol=1e-9)
    assert np.linalg.norm(world[0] - world[1]) == pytest.approx(np.linalg.norm(points[0] - points[1]))


def test_a_positive_sagittal_angle_leans_the_upper_end_forward():
    assert (rotation_of(0.3) @ [0, 1, 0])[0] > 0
