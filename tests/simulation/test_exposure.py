from dataclasses import replace

import numpy as np
import pytest

from msasss.anatomy import Region
from msasss.simulation.exposure import Exposure, Thicknesses, detect, draw_exposure

SHAPE = (160, 120)
OPEN = np.ones(SHAPE, np.float32)
PLAIN = Exposure(
    cortical_factor=1.0,
    trabecular_fraction=0.15,
    soft_factor=1.0,
    scatter_to_primary=0.0,
    blur_mm=0.01,
    quanta_per_mm2=20_000,
    electronic_quanta=0.0,
    grain_px=0.01,
)


def patient(soft=0.0, cortical=0.0, trabecular=0.0, metal=0.0):
    return Thicknesses(*(np.full(SHAPE, value, np.float32) for value in (cortical, trabecular, soft, metal)))


def half(whole, other):
    """The left half of one patient beside the right half of another."""
    left = np.arange(SHAPE[1]) < 60
    names = ("cortical", "trabecular", "soft", "metal")
    return Thicknesses(*(np.where(left, getattr(whole, name), getattr(other, name)) for name in names))


def expose(thicknesses, exposure=PLAIN, region=Region.LUMBAR, *, field=OPEN, seed=0):
    return detect(thicknesses, exposure, region, pixel_mm=0.5, field=field, rng=np.random.default_rng(seed))


def transmission(signal):
    """Intensity of the left half over that of the right half."""
    return float(signal.noiseless[:, 20].mean() / signal.noiseless[:, 100].mean())


@pytest.mark.parametrize("region", Region)
def test_thin_tissue_attenuates_by_the_mean_of_the_spectrum(region):
    share = {
        Region.LUMBAR: 0.30 * 0.0231 + 0.45 * 0.0203 + 0.25 * 0.0184,
        Region.CERVICAL: 0.35 * 0.0245 + 0.45 * 0.0212 + 0.20 * 0.0190,
    }[region]
    signal = expose(half(patient(soft=1.0), patient()), region=region)
    assert -np.log(transmission(signal)) == pytest.approx(share, rel=1e-2)


def test_thick_tissue_hardens_the_beam():
    thin = -np.log(transmission(expose(half(patient(soft=10.0), patient())))) / 10
    thick = -np.log(transmission(expose(half(patient(soft=200.0), patient())))) / 200
    assert thick < 0.99 * thin


def test_bone_replaces_the_tissue_in_its_place():
    signal = expose(half(patient(soft=100.0, cortical=1.0), patient(soft=100.0)))
    assert 0.034 < -np.log(transmission(signal)) < 0.042


def test_trabecular_bone_counts_by_its_share_of_solid_bone():
    solid = expose(half(patient(cortical=3.0), patient()))
    spongy = expose(half(patient(trabecular=20.0), patient()))
    assert transmission(spongy) == pytest.approx(transmission(solid), rel=1e-5)


def test_metal_is_darker_than_bone():
    assert transmission(expose(half(patient(metal=2.0), patient()))) < 0.6
    assert transmission(expose(half(patient(cortical=2.0), patient()))) > 0.85


def test_scatter_lowers_contrast():
    scattered = replace(PLAIN, scatter_to_primary=1.0)
    subject = half(patient(soft=100.0, cortical=5.0), patient(soft=100.0))
    assert transmission(expose(subject, scattered)) > transmission(expose(subject)) + 0.03


def test_noise_is_poisson_about_the_planned_quanta():
    signal = expose(patient(soft=200.0))
    noise = signal.noisy - signal.noiseless
    assert float(noise.std()) == pytest.approx(1 / np.sqrt(20_000 * 0.25), rel=0.03)
    assert float(noise.mean()) == pytest.approx(0.0, abs=5e-4)


def test_the_darker_part_is_noisier_relative_to_its_signal():
    signal = expose(half(patient(soft=250.0), patient(soft=100.0)))
    relative = np.log(signal.noisy) - np.log(signal.noiseless)
    assert relative[:, :50].std() > 2 * relative[:, 70:].std()


def test_blur_widens_an_edge():
    subject = half(patient(cortical=3.0), patient())
    sharp, soft = expose(subject), expose(subject, replace(PLAIN, blur_mm=1.0))
    steepest = [float(np.abs(np.diff(signal.noiseless[80])).max()) for signal in (sharp, soft)]
    assert steepest[1] < 0.5 * steepest[0]


def test_the_same_noise_seed_gives_the_same_film_and_another_does_not():
    subject = patient(soft=100.0)
    np.testing.assert_array_equal(expose(subject).noisy, expose(subject).noisy)
    assert np.abs(expose(subject).noisy - expose(subject, seed=1).noisy).max() > 0.01


def test_a_closed_collimator_leaves_scatter_alone():
    field = OPEN.copy()
    field[:, 60:] = 0.0
    signal = expose(patient(soft=50.0), replace(PLAIN, scatter_to_primary=0.3), field=field)
    assert 0 < signal.noiseless[80, 100] < 0.3 * signal.noiseless[80, 20]


def test_the_signal_is_positive_behind_anything():
    signal = expose(patient(soft=900.0, metal=60.0), replace(PLAIN, electronic_quanta=5.0))
    assert signal.noisy.min() > 0
    assert np.isfinite(np.log(signal.noisy)).all()


@pytest.mark.parametrize("region", Region)
def test_drawn_exposures_stay_within_their_ranges(region):
    for seed in range(50):
        exposure = draw_exposure(np.random.default_rng(seed), region)
        assert 500 < exposure.quanta_per_mm2 < 80_001
        assert 0.08 <= exposure.blur_mm <= 0.45
        assert 0.04 < exposure.trabecular_fraction <= 0.35
