from dataclasses import replace

import numpy as np
import pytest

from msasss.anatomy import Region
from msasss.simulation.display import Display, ToneCurve, displayed, draw_display

OPEN = np.ones((192, 160), np.float32)
PLAIN = Display(
    base_gain=1.0,
    base_bend=0.0,
    gains=(1.0,) * 6,
    compression=0.0,
    window=(0.0, 100.0),
    margins=(0.0, 0.0, 0.0),
    curve=ToneCurve.LINEAR,
    steepness=2.0,
    gamma=1.0,
)


def ramp():
    """Attenuation that rises to the right, with a little detail."""
    x = np.linspace(0.0, 3.0, 160, dtype=np.float32)
    detail = 0.02 * np.sin(np.arange(192, dtype=np.float32) * 1.5)
    return np.exp(-(x[None] + detail[:, None])).astype(np.float32)


def test_a_plain_display_shows_attenuation_linearly():
    picture = displayed(ramp(), PLAIN, OPEN)
    expected = -np.log(ramp())
    expected = (expected - expected.min()) / (expected.max() - expected.min())
    np.testing.assert_allclose(picture, expected, atol=0.03)


@pytest.mark.parametrize("curve", ToneCurve)
def test_denser_parts_are_brighter_whatever_the_curve(curve):
    picture = displayed(ramp(), replace(PLAIN, curve=curve), OPEN)
    columns = picture.mean(axis=0)
    assert (np.diff(columns) > -1e-4).all()
    assert columns[0] < 0.1
    assert columns[-1] > 0.9


def test_more_gain_shows_more_detail():
    strong = replace(PLAIN, gains=(3.0, 1.0, 1.0, 1.0, 1.0, 1.0))
    detail = [float(displayed(ramp(), display, OPEN)[:, 80].std()) for display in (PLAIN, strong)]
    assert detail[1] > 1.8 * detail[0]


def test_compression_damps_strong_edges_more_than_faint_ones():
    lower = np.arange(192)[:, None] >= 96
    attenuation = np.where(lower, np.where(np.arange(160) < 80, 1.0, 0.05), 0.0)
    signal = np.exp(-attenuation).astype(np.float32)
    ratios = []
    for exponent in (0.0, 0.85):
        picture = displayed(signal, replace(PLAIN, compression=exponent), OPEN)
        strong, faint = (float(picture[97, column] - picture[94, column]) for column in (30, 130))
        ratios.append(faint / strong)
    assert ratios[1] > 1.1 * ratios[0] > 0


def test_gamma_above_one_darkens():
    assert displayed(ramp(), replace(PLAIN, gamma=1.6), OPEN).mean() < displayed(ramp(), PLAIN, OPEN).mean() - 0.05


def test_the_window_is_sought_in_the_exposed_part_alone():
    field = OPEN.copy()
    field[:, :20] = 0.0
    dark = ramp()
    dark[:, :20] = 1e-6
    picture = displayed(dark, PLAIN, field)
    assert float(picture[:, 30:].max() - picture[:, 30:].min()) > 0.9


def test_without_a_shutter_the_unexposed_part_is_bright():
    field = OPEN.copy()
    field[:, :40] = 0.0
    signal = np.where(field > 0.5, ramp(), np.float32(1e-4))
    assert displayed(signal, PLAIN, field, shuttered=False)[:, 10].mean() > 0.85
    assert displayed(signal, PLAIN, field)[:, 10].mean() < 0.7


def test_brightness_of_the_exposure_does_not_matter():
    np.testing.assert_allclose(displayed(ramp(), PLAIN, OPEN), displayed(ramp() * 7.0, PLAIN, OPEN), atol=1e-3)


@pytest.mark.parametrize("region", Region)
def test_drawn_displays_give_pictures_in_range(region):
    for seed in range(30):
        display = draw_display(np.random.default_rng(seed), region)
        picture = displayed(ramp(), display, OPEN)
        assert picture.dtype == np.float32
        assert 0.0 <= picture.min() < picture.max() <= 1.0
        assert display.window[0] < display.window[1]
