import numpy as np
import pytest

from msasss.simulation.surroundings import Border, Collimation, draw_collimation, draw_ink, shutter, stray_shapes_mm

SHAPE = (300, 240)


def drawn(function, count=40, **kwargs):
    return [function(np.random.default_rng(seed), SHAPE, **kwargs) for seed in range(count)]


def test_stray_shapes_are_thin_few_and_sometimes_absent():
    shapes = drawn(stray_shapes_mm)
    assert 4 <= sum(item is None for item in shapes) <= 20
    for item in shapes:
        if item is not None:
            assert item.shape == SHAPE
            assert float(np.abs(item).max()) < 6.0
            assert float((np.abs(item) < 0.01).mean()) > 0.5


def test_the_collimator_opens_on_the_middle_of_every_film():
    for collimation in drawn(draw_collimation):
        assert collimation.field.shape == SHAPE
        assert 0.0 <= collimation.field.min() <= collimation.field.max() == 1.0
        assert (collimation.field[60:240, 50:190] == 1.0).all()


def test_some_films_are_not_collimated_and_some_are():
    closed = [float(item.field.min()) < 0.5 for item in drawn(draw_collimation)]
    assert 5 < sum(closed) < 38


@pytest.mark.parametrize(("border", "expected"), [(Border.BLACK, 0.0), (Border.WHITE, 1.0), (Border.UNSHUTTERED, 0.4)])
def test_the_shutter_blanks_the_unexposed_part(border, expected):
    field = np.ones(SHAPE, np.float32)
    field[:30] = 0.0
    picture = shutter(np.full(SHAPE, 0.4, np.float32), Collimation(field, border))
    assert picture[10, 100] == np.float32(expected)
    assert picture[100, 100] == np.float32(0.4)


def test_ink_is_small_and_near_the_sides_or_ends():
    for ink in drawn(draw_ink, flipped=False):
        if ink is not None:
            assert 0 < float((ink > 0.3).mean()) < 0.05
            assert not ink[60:240, 72:168].any()


def test_ink_for_a_film_that_will_be_flipped_is_written_backwards():
    for seed in range(12):
        straight = draw_ink(np.random.default_rng(seed), SHAPE, flipped=False)
        backwards = draw_ink(np.random.default_rng(seed), SHAPE, flipped=True)
        if straight is None:
            assert backwards is None
        else:
            np.testing.assert_array_equal(straight, backwards[:, ::-1])
