import numpy as np
import pytest

from msasss.simulation.noise import low_frequency_field, noise_field, noise_tile, trabecular_texture
from msasss.simulation.projection import Camera, Pose, rotation_of
from msasss.simulation.tissue import (
    Plate,
    add_plate,
    clutter_mm,
    ellipse_mm,
    plate_mask,
    smooth_outline,
    trunk_mm,
    tube_cones,
)

CAMERA = Camera(1000.0, 250.0, 0.5, 400, 320, -80.0, 100.0, 0.0, 0.0)
SQUARE = np.array([(-20, -20), (20, -20), (20, 20), (-20, 20)], float)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_a_tile_repeats_has_unit_deviation_and_cannot_be_spoilt():
    tile = noise_tile(rng(), 128, exponent=1.25)
    assert float(tile.std()) == pytest.approx(1.0, abs=1e-3)
    assert float(np.abs(tile[:, 0] - tile[:, -1]).mean()) < 2 * float(np.abs(np.diff(tile, axis=1)).mean())
    with pytest.raises(ValueError, match="read-only"):
        tile[0, 0] = 1


def test_a_greater_exponent_makes_smoother_noise():
    rough, smooth = (noise_tile(rng(), 128, exponent=exponent) for exponent in (0.5, 1.8))
    assert np.abs(np.diff(smooth, axis=0)).mean() < 0.5 * np.abs(np.diff(rough, axis=0)).mean()


def test_noise_of_any_shape_differs_from_draw_to_draw():
    first, second = noise_field(rng(0), (1100, 70), exponent=1.5), noise_field(rng(1), (1100, 70), exponent=1.5)
    assert first.shape == (1100, 70)
    assert np.abs(first - second).mean() > 0.1


def test_a_slow_field_has_no_detail():
    field = low_frequency_field(rng(), (200, 100), cells=5)
    assert field.shape == (200, 100)
    assert np.abs(np.diff(field, axis=0)).max() < 0.15


def test_trabeculae_turn_with_their_vertebra():
    box = (slice(100, 300), slice(60, 260))
    upright = trabecular_texture(rng(), CAMERA, Pose(np.eye(3), np.zeros(3)), box)
    lying = trabecular_texture(rng(), CAMERA, Pose(rotation_of(np.pi / 2), np.zeros(3)), box)
    assert upright.shape == (200, 200)
    assert 0.5 < float(upright.std()) < 1.3
    along = [np.abs(np.diff(texture, axis=0)).mean() for texture in (upright, lying)]
    across = [np.abs(np.diff(texture, axis=1)).mean() for texture in (upright, lying)]
    assert along[0] < across[0]
    assert along[1] > across[1]


def test_clutter_is_stronger_in_front_of_the_spine():
    x, y = CAMERA.object_grid()
    clutter = clutter_mm(rng(), x, y, np.zeros_like(x), behind_mm=1.0, front_mm=5.0, blobs=0)
    assert clutter[:, x[0] > 35].std() > 2 * clutter[:, x[0] < 0].std()


def test_blobs_add_local_thickness():
    x, y = CAMERA.object_grid()
    none, some = (
        clutter_mm(rng(), x, y, np.zeros_like(x), behind_mm=1.0, front_mm=1.0, blobs=blobs) for blobs in (0, 6)
    )
    changed = np.abs(some - none) > 1e-3
    assert 0.001 < changed.mean() < 0.4


def test_an_ellipse_is_one_in_its_middle_and_nought_beyond_its_axes():
    x, y = CAMERA.object_grid()
    profile = ellipse_mm(x, y, (10.0, 5.0), (8.0, 4.0), angle_rad=np.pi / 2)
    assert float(profile.max()) == pytest.approx(1.0, abs=0.01)
    inside = profile > 0
    assert np.ptp(y[inside]) == pytest.approx(16.0, abs=1.0)
    assert np.ptp(x[inside]) == pytest.approx(8.0, abs=1.0)


def test_the_trunk_is_widest_inside_and_ends_at_back_and_front():
    x, y = CAMERA.object_grid()
    trunk = trunk_mm(x, y, -50.0, depth_mm=90.0, width_mm=280.0, waist_y_mm=0.0)
    assert float(trunk[200].max()) == pytest.approx(280.0, rel=0.01)
    assert not trunk[:, x[0] < -50.5].any()
    assert not trunk[:, x[0] > 40.5].any()
    assert trunk[0].max() > trunk[200].max()


def test_a_plate_covers_its_outline_magnified_to_its_depth():
    for z_mm in (0.0, 200.0):
        area = float(plate_mask(CAMERA, SQUARE, z_mm).sum()) * CAMERA.pixel_mm**2
        assert area == pytest.approx((40.0 * 1250.0 / (1000.0 + z_mm)) ** 2, rel=0.04)


def test_a_plate_is_thicker_at_its_edge():
    cortical, trabecular = np.zeros((2, 400, 320), np.float32)
    add_plate(CAMERA, cortical, trabecular, SQUARE, 0.0, plate=Plate(2.0, 6.0, 3.0, 8.0, 6.0, 1.5))
    column, row = (int(value) for value in CAMERA.project([[0.0, 0.0, 0.0]])[0])
    assert cortical[row, column] == pytest.approx(2.0, abs=0.01)
    assert trabecular[row, column] == pytest.approx(6.0, abs=0.02)
    assert cortical.max() > 3.0
    assert trabecular.max() > 11.0
    assert not cortical[row, column + 60 :].any()


def test_a_plate_across_the_border_has_no_edge_there():
    cortical, trabecular = np.zeros((2, 400, 320), np.float32)
    outline = SQUARE * 0.9 - [70.0, 0.0]
    add_plate(CAMERA, cortical, trabecular, outline, 0.0, plate=Plate())
    row = int(CAMERA.project([[0.0, 0.0, 0.0]])[0, 1])
    assert cortical[row, 0] == pytest.approx(2.0, abs=0.01)


def test_a_plate_outside_the_image_adds_nothing():
    cortical, trabecular = np.zeros((2, 400, 320), np.float32)
    add_plate(CAMERA, cortical, trabecular, SQUARE + 500.0, 0.0, plate=Plate())
    assert not cortical.any()


def test_an_outline_passes_through_its_points_and_closes():
    outline = smooth_outline(SQUARE, count=161)
    np.testing.assert_allclose(outline[0], outline[-1], atol=1e-6)
    for point in SQUARE:
        assert np.linalg.norm(outline - point, axis=1).min() < 1.0


def test_a_tube_runs_from_its_first_to_its_last_point_and_thins():
    path = np.array([[0, 0, 0], [10, 5, 0], [20, 0, 5], [30, -5, 10]], float)
    cones = tube_cones(path, start_radius_mm=4.0, end_radius_mm=2.0)
    assert cones.shape == (15, 8)
    np.testing.assert_allclose(cones[0, :3], path[0], atol=1e-9)
    np.testing.assert_allclose(cones[-1, 3:6], path[-1], atol=1e-9)
    np.testing.assert_allclose(cones[1:, :3], cones[:-1, 3:6])
    assert cones[0, 6] == pytest.approx(4.0)
    assert cones[-1, 7] < 2.0
