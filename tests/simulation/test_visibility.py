import numpy as np
import pytest

from msasss.simulation.exposure import Signal
from msasss.simulation.visibility import Evidence, contrast_to_noise, grey_range, is_inside, is_readable

SIDE = 120
OPEN = np.ones((SIDE, SIDE), np.float32)


def evidence(*, contrast=0.3, noise=0.02, slope=0.0, grey=0.4, field=OPEN, ink=None):
    """A bright square whose corner lies at (60, 60), on a slope, 0.5 mm pixels."""
    rows, columns = np.indices((SIDE, SIDE))
    square = ((rows > 60) & (columns < 60)).astype(np.float32)
    log = -contrast * square - slope * columns / SIDE
    noisy = log + noise * np.random.default_rng(0).standard_normal((SIDE, SIDE))
    signal = Signal(np.exp(log).astype(np.float32), np.exp(noisy).astype(np.float32))
    return Evidence(signal, (0.3 + grey * square).astype(np.float32), field, ink, 0.5)


def test_a_clear_corner_is_readable():
    assert is_readable(60.0, 60.0, evidence())


def test_contrast_to_noise_falls_as_noise_rises():
    ratios = [contrast_to_noise(60.0, 60.0, evidence(noise=noise)) for noise in (0.01, 0.1, 1.0)]
    assert ratios[0] > 5 * ratios[1] > 25 * ratios[2]
    assert not is_readable(60.0, 60.0, evidence(noise=1.0))


def test_a_slope_of_soft_tissue_is_no_contrast():
    flat = contrast_to_noise(60.0, 60.0, evidence(contrast=0.001, noise=0.05))
    steep = contrast_to_noise(60.0, 60.0, evidence(contrast=0.001, noise=0.05, slope=3.0))
    assert steep == pytest.approx(flat, rel=0.05)
    assert not is_readable(60.0, 60.0, evidence(contrast=0.001, noise=0.05, slope=3.0))


def test_a_burnt_out_corner_is_not_readable():
    assert grey_range(60.0, 60.0, evidence(grey=0.01)) < 0.02
    assert not is_readable(60.0, 60.0, evidence(grey=0.01))


def test_a_corner_under_ink_is_not_readable():
    ink = np.zeros((SIDE, SIDE), np.float32)
    ink[55:65, 55:65] = 1.0
    assert not is_readable(60.0, 60.0, evidence(ink=ink))
    assert is_readable(60.0, 60.0, evidence(ink=np.roll(ink, 40, axis=1)))


def test_a_corner_outside_the_collimated_field_is_not_readable():
    field = OPEN.copy()
    field[:, 58:] = 0.0
    assert not is_readable(60.0, 60.0, evidence(field=field))


@pytest.mark.parametrize(("x", "y"), [(-0.1, 5.0), (5.0, -0.1), (120.0, 5.0), (5.0, 120.0)])
def test_points_beyond_the_border_are_outside(x, y):
    assert not is_inside(x, y, OPEN)
    assert not is_readable(x, y, evidence())


def test_the_outermost_points_of_the_border_are_inside():
    assert is_inside(0.0, 0.0, OPEN)
    assert is_inside(119.9, 119.9, OPEN)
