import json

import numpy as np
import pytest

from msasss.anatomy import Region
from msasss.errors import WeightsError
from msasss.models.localiser_settings import LocaliserSettings, settings_from_plain, settings_to_plain
from support.pose_maps import straight_prior


def plain():
    settings = LocaliserSettings(dict.fromkeys(Region, straight_prior()), height_px=192, crop=1.5)
    return json.loads(json.dumps(settings_to_plain(settings)))


def test_settings_survive_their_card():
    settings = settings_from_plain(plain())
    assert (settings.shape, settings.crop) == ((192, 256), 1.5)
    prior = settings.priors[Region.LUMBAR]
    np.testing.assert_array_equal(prior.corner_mean, straight_prior().corner_mean)
    assert np.isnan(prior.corner_mean[0, 1]).all()
    assert settings_to_plain(settings) == plain()


def test_other_points_are_refused():
    with pytest.raises(WeightsError, match="for 38 points in the order of this version, got 1"):
        settings_from_plain({**plain(), "points": ["C2 centre"]})


def test_an_unknown_entry_is_refused():
    with pytest.raises(WeightsError, match="stride_mm"):
        settings_from_plain({**plain(), "stride_mm": 4})


def test_a_prior_of_the_wrong_size_is_refused():
    broken = plain()
    broken["priors"]["cervical"]["log_spacing"] = [0.0]
    with pytest.raises(WeightsError, match=r"log_spacing of shape \(6,\), got \(1,\)"):
        settings_from_plain(broken)


def test_a_region_without_prior_is_refused():
    with pytest.raises(WeightsError, match="none for lumbar"):
        LocaliserSettings({Region.CERVICAL: straight_prior()})


def test_a_size_off_the_stride_is_refused():
    with pytest.raises(WeightsError, match="multiples of 4 px, got 383 x 256"):
        LocaliserSettings(dict.fromkeys(Region, straight_prior()), height_px=383)
