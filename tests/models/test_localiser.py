import numpy as np
import pytest

from msasss.anatomy import Region, Vertebra
from msasss.errors import RadiographError
from msasss.imaging.geometry import invert, letterbox, transform
from msasss.imaging.landmarks import Facing
from msasss.imaging.radiograph import Radiograph
from msasss.models.column_points import CENTRES, positions_of
from msasss.models.localiser import OnnxLocaliser, _FoundColumn, _merge
from msasss.models.localiser_settings import LocaliserSettings
from support.pose_maps import perfect_maps, raw_answer, straight_column, straight_prior

SETTINGS = LocaliserSettings(dict.fromkeys(Region, straight_prior()))
SHAPE = (384, 256)


class Oracle:
    """A network that knows where the column is: on looks one and two in the whole film, on look three in the crop."""

    def __init__(self, places_px, *, region=Region.CERVICAL, shown_right=True, seen=None):
        self.places_px, self.region, self.shown_right, self.seen = places_px, region, shown_right, seen
        self.looks = 0

    def run(self, inputs):
        assert inputs["image"].shape == (1, 2, *SHAPE)
        self.looks += 1
        faces_right = self.shown_right == (self.looks != 2)
        view = {"lumbar": 3.0 if self.region is Region.LUMBAR else -3.0, "faces_right": 4.0 if faces_right else -4.0}
        if self.looks == 3:
            there = self.places_px[np.isfinite(self.places_px[:, 0])]
            low, high = there.min(axis=0), there.max(axis=0)
            scale = max(*((high - low) * SETTINGS.crop / SHAPE[::-1]))
            places = ((self.places_px - (low + high) / 2) / scale + np.array(SHAPE[::-1]) / 2) / 4
            return raw_answer(perfect_maps(places, seen=self.seen), self.region, **(view | {"faces_right": 4.0}))
        to_cells = invert(letterbox((700, 500), SHAPE)) / 4
        return raw_answer(perfect_maps(transform(to_cells, self.places_px), seen=self.seen), self.region, **view)


def film(seed=0):
    return Radiograph(np.random.default_rng(seed).random((700, 500)).astype(np.float32), "film.png")


def column_px():
    places = straight_column(top=(260.0, 80.0), spacing=80.0, depth=58.0, height=51.0)
    places[:, 0] += 0.1 * (places[:, 1] - 300)
    return places


@pytest.mark.parametrize("region", list(Region))
def test_the_points_are_found_to_a_tenth_of_a_pixel_of_the_network(region):
    found = OnnxLocaliser(Oracle(column_px(), region=region), SETTINGS).locate(film())
    assert (found.region, found.facing) == (region, Facing.RIGHT)
    np.testing.assert_allclose(positions_of(found), column_px(), atol=0.2)
    assert found.level_margin > 0.9
    assert all(0.5 < item.centre.confidence <= 1 for item in found)


def test_a_patient_who_faces_left_gives_mirrored_points():
    found = OnnxLocaliser(Oracle(column_px(), shown_right=False), SETTINGS).locate(film())
    assert found.facing is Facing.LEFT
    expected = column_px()
    expected[:, 0] = 500 - expected[:, 0]
    np.testing.assert_allclose(positions_of(found), expected, atol=0.2)


def test_a_vertebra_beyond_the_border_is_missing():
    places = column_px()
    places[[6, 18]] = np.nan
    found = OnnxLocaliser(Oracle(places), SETTINGS).locate(film())
    assert [item.vertebra for item in found][-1] is Vertebra.C7
    assert found.of(Vertebra.T1).centre is None


def test_no_column_is_refused_with_the_films_name():
    with pytest.raises(RadiographError, match=r"film\.png: no lateral spine found: .* got 0"):
        OnnxLocaliser(Oracle(np.full((19, 2), np.nan)), SETTINGS).locate(film())


def test_points_the_network_does_not_see_are_no_spine():
    with pytest.raises(RadiographError, match=r"no lateral spine found"):
        OnnxLocaliser(Oracle(column_px(), seen=np.full(19, 0.004)), SETTINGS).locate(film())


def found_column(places, margin=0.9):
    there = np.isfinite(places[:, 0])
    return _FoundColumn(places, np.where(there, 0.8, 0.0), margin)


def test_refined_points_replace_coarse_ones_near_them():
    coarse, refined = found_column(column_px()), found_column(column_px() + 3.0, margin=0.7)
    merged = _merge(coarse, refined, 0.45)
    np.testing.assert_allclose(merged.positions, refined.positions)
    assert merged.margin == 0.7


def test_a_refined_point_far_from_the_coarse_one_is_not_taken():
    moved = column_px()
    moved[9] += 60.0
    np.testing.assert_allclose(_merge(found_column(column_px()), found_column(moved), 0.45).positions, column_px())


def test_a_second_look_that_names_otherwise_keeps_the_names_and_takes_the_margin():
    renamed = np.full((19, 2), np.nan)
    places = column_px()
    renamed[1:7], renamed[8:13], renamed[14:19] = places[:6] + 1, places[7:12] + 1, places[13:18] + 1
    merged = _merge(found_column(places), found_column(renamed), 0.45)
    assert merged.margin == 0.0
    np.testing.assert_allclose(merged.positions[:6], places[:6] + 1)
    np.testing.assert_allclose(merged.positions[6], places[6])


def test_a_second_look_adds_what_the_first_one_missed():
    coarse = column_px()
    coarse[[6, 18, 8]] = np.nan
    merged = _merge(found_column(coarse), found_column(column_px()), 0.45)
    np.testing.assert_allclose(merged.positions, column_px())
    assert np.isfinite(merged.positions[CENTRES]).all()


def test_a_second_look_elsewhere_is_ignored():
    coarse = found_column(column_px())
    assert _merge(coarse, found_column(column_px() + 2000.0), 0.45) is coarse
