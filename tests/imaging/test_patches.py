from dataclasses import replace

import numpy as np
import pytest

from msasss.anatomy import Disc, Region, Vertebra, vertebrae_of
from msasss.errors import LandmarkError
from msasss.imaging import Facing, Landmarks, Point, Radiograph, VertebraLandmarks, disc_patches
from msasss.imaging.geometry import invert, mirror, resample, transform
from msasss.imaging.patches import ANTERIOR_SHARE, vertebral_heights

HEIGHT, GAP, DEPTH = 40.0, 16.0, 24.0
SIDE, SIDE_PX = 2.4, 96


def column(region: Region = Region.CERVICAL, *, tilt: float = 0.0) -> Landmarks:
    """Seven vertebrae 40 px high and 16 px apart, facing left, leaning by `tilt` px per px."""
    vertebrae = []
    for place, name in enumerate(vertebrae_of(region)):
        top = 60.0 + place * (HEIGHT + GAP)

        def at(x: float, y: float) -> Point:
            return Point(x + tilt * y, y)

        vertebrae.append(
            VertebraLandmarks(
                name,
                upper_anterior=at(200.0, top) if place > 0 else None,
                lower_anterior=at(200.0, top + HEIGHT) if place < 6 else None,
                centre=at(200.0 + DEPTH, top + HEIGHT / 2),
            )
        )
    return Landmarks(region, Facing.LEFT, tuple(vertebrae))


def mirrored(landmarks: Landmarks, width: float) -> Landmarks:
    def flip(point: Point | None) -> Point | None:
        return None if point is None else replace(point, x=width - point.x)

    items = [
        replace(v, upper_anterior=flip(v.upper_anterior), lower_anterior=flip(v.lower_anterior), centre=flip(v.centre))
        for v in landmarks
    ]
    return replace(landmarks, facing=Facing.RIGHT, vertebrae=tuple(items))


def without(landmarks: Landmarks, vertebra: Vertebra, **points: None) -> Landmarks:
    items = [replace(v, **points) if v.vertebra is vertebra else v for v in landmarks]
    return replace(landmarks, vertebrae=tuple(items))


@pytest.fixture
def film() -> Radiograph:
    """480 x 400 px of smooth noise, different everywhere."""
    noise = np.random.default_rng(3).random((480, 400), dtype=np.float32)
    return Radiograph(noise, source="noise.png")


def test_every_disc_space_gets_a_patch_in_order(film):
    patches = disc_patches(film, column(), side=SIDE, side_px=SIDE_PX)
    assert [str(patch.disc) for patch in patches] == ["C2/C3", "C3/C4", "C4/C5", "C5/C6", "C6/C7", "C7/T1"]
    assert all(patch.pixels.shape == (SIDE_PX, SIDE_PX) for patch in patches)


@pytest.mark.parametrize("tilt", [0.0, 0.2, -0.3])
def test_both_corners_stand_at_the_same_place_of_every_patch(film, tilt):
    landmarks = column(tilt=tilt)
    for patch in disc_patches(film, landmarks, side=SIDE, side_px=SIDE_PX):
        corners = [landmarks.corner(patch.disc.above), landmarks.corner(patch.disc.below)]
        above, below = transform(invert(patch.to_image), [(p.x, p.y) for p in corners])
        np.testing.assert_allclose((above + below) / 2, [ANTERIOR_SHARE * SIDE_PX, SIDE_PX / 2], atol=1e-6)
        assert above[1] < SIDE_PX / 2 < below[1]
        assert np.linalg.norm(below - above) == pytest.approx(GAP * SIDE_PX / (SIDE * HEIGHT), rel=0.02)


def test_the_bodies_lie_to_the_right_of_the_corners(film):
    landmarks = column()
    patch = disc_patches(film, landmarks, side=SIDE, side_px=SIDE_PX)[2]
    centre = landmarks.of(patch.disc.upper).centre
    inside = transform(invert(patch.to_image), [(centre.x, centre.y)])[0]
    assert inside[0] > ANTERIOR_SHARE * SIDE_PX


def test_a_mirrored_film_gives_the_same_patches(film):
    landmarks = column(tilt=0.1)
    flipped = Radiograph(np.ascontiguousarray(film.pixels[:, ::-1]), source="mirrored.png")
    straight = disc_patches(film, landmarks, side=SIDE, side_px=SIDE_PX)
    turned = disc_patches(flipped, mirrored(landmarks, 400), side=SIDE, side_px=SIDE_PX)
    for one, other in zip(straight, turned, strict=True):
        np.testing.assert_allclose(one.pixels, other.pixels, atol=1e-4)


def test_the_affine_leads_from_the_patch_back_to_the_film(film):
    patch = disc_patches(film, column(tilt=0.1), side=SIDE, side_px=SIDE_PX)[0]
    np.testing.assert_array_equal(resample(film.pixels, patch.to_image, (SIDE_PX, SIDE_PX)), patch.pixels)


def test_one_missing_corner_leaves_the_patch_in_place(film):
    landmarks = column()
    cut = without(landmarks, Vertebra.C4, upper_anterior=None)
    usual = disc_patches(film, landmarks, side=SIDE, side_px=SIDE_PX)[1]
    estimated = disc_patches(film, cut, side=SIDE, side_px=SIDE_PX)[1]
    middle = [(SIDE_PX / 2, SIDE_PX / 2)]
    moved = transform(usual.to_image, middle) - transform(estimated.to_image, middle)
    assert np.linalg.norm(moved) < 0.1 * HEIGHT


def test_a_disc_space_with_neither_corner_is_left_out(film):
    cut = without(without(column(), Vertebra.C4, upper_anterior=None), Vertebra.C3, lower_anterior=None)
    found = [patch.disc for patch in disc_patches(film, cut, side=SIDE, side_px=SIDE_PX)]
    assert Disc(Vertebra.C3, Vertebra.C4) not in found
    assert len(found) == 5


def test_vertebrae_at_the_ends_take_their_neighbours_height():
    heights = vertebral_heights(column(Region.LUMBAR))
    assert heights[Vertebra.T12] == pytest.approx(HEIGHT)
    assert heights[Vertebra.S1] == pytest.approx(HEIGHT)


def test_centres_alone_tell_the_scale():
    bare = column()
    items = tuple(replace(v, upper_anterior=None, lower_anterior=None) for v in bare)
    heights = vertebral_heights(replace(bare, vertebrae=items))
    assert heights[Vertebra.C5] == pytest.approx(HEIGHT, rel=0.05)


def test_without_anything_to_tell_the_scale_it_says_so(film):
    lone = Landmarks(Region.LUMBAR, Facing.LEFT, (VertebraLandmarks(Vertebra.L3, centre=Point(200, 200)),))
    with pytest.raises(LandmarkError, match="two neighbouring lumbar vertebrae"):
        disc_patches(film, lone, side=SIDE, side_px=SIDE_PX)


def test_without_centres_the_corners_give_the_direction(film):
    bare = column(tilt=0.2)
    items = tuple(replace(v, centre=None) for v in bare)
    straight = disc_patches(film, bare, side=SIDE, side_px=SIDE_PX)[3]
    turned = disc_patches(film, replace(bare, vertebrae=items), side=SIDE, side_px=SIDE_PX)[3]
    np.testing.assert_allclose(straight.to_image, turned.to_image, atol=0.5)


def test_a_pair_of_points_one_upon_the_other_keeps_the_film_upright(film):
    column_ = column()
    items = tuple(
        replace(v, centre=Point(224, 200)) if v.vertebra in (Vertebra.C4, Vertebra.C5) else v for v in column_
    )
    patch = disc_patches(film, replace(column_, vertebrae=items), side=SIDE, side_px=SIDE_PX)[2]
    np.testing.assert_allclose(patch.to_image[0, 1], 0.0, atol=1e-9)


def test_the_mirror_affine_matches_the_flipped_film(film):
    flipped = resample(film.pixels, mirror(400), film.pixels.shape)
    np.testing.assert_array_equal(flipped, film.pixels[:, ::-1])
