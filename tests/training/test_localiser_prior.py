import numpy as np
import pytest

from msasss.training.localiser_prior import LEAST_SPACING_SD, column_prior
from support.pose_maps import straight_column, straight_prior


def test_the_prior_of_equal_columns_is_their_layout():
    prior = column_prior([straight_column(), straight_column(top=(10, 30), spacing=22.0, depth=16.0, height=14.0)])
    np.testing.assert_allclose(prior.corner_mean, straight_prior().corner_mean, atol=1e-9)
    np.testing.assert_allclose(prior.log_spacing, 0.0, atol=1e-9)
    assert (prior.log_spacing_sd == LEAST_SPACING_SD).all()


def test_missing_vertebrae_are_left_out():
    cut = straight_column()
    cut[[0, 7]] = np.nan
    prior = column_prior([cut, straight_column()])
    np.testing.assert_allclose(prior.corner_mean, straight_prior().corner_mean, atol=1e-9)


def test_a_level_that_no_film_shows_has_an_even_spacing():
    cut = straight_column()
    cut[0] = np.nan
    prior = column_prior([cut])
    assert prior.log_spacing[0] == pytest.approx(0.0)
    assert np.isnan(prior.corner_mean[0]).all()
