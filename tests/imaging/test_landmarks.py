import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import CORNERS, Corner, Endplate, Region, Vertebra, vertebrae_of
from msasss.errors import LandmarkError
from msasss.imaging.landmarks import Facing, Landmarks, Point, PointKind, VertebraLandmarks, shift_levels


def spine(region=Region.LUMBAR, *, vertebrae=None, margin=0.7):
    found = tuple(
        VertebraLandmarks(
            vertebra, Point(10.0, 50.0 * level), Point(12.0, 50.0 * level + 40), Point(40.0, 50.0 * level + 20)
        )
        for level, vertebra in enumerate(vertebrae_of(region))
        if vertebrae is None or vertebra in vertebrae
    )
    return Landmarks(region, Facing.LEFT, found, margin)


@pytest.mark.parametrize(("x", "y"), [(float("nan"), 1.0), (1.0, float("inf"))])
def test_a_point_has_finite_coordinates(x, y):
    with pytest.raises(LandmarkError, match=rf"got \({x}, {y}\)"):
        Point(x, y)


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_is_0_to_1(confidence):
    with pytest.raises(LandmarkError, match=f"got {confidence}"):
        Point(1.0, 2.0, confidence)


def test_a_point_outside_the_image_is_allowed():
    assert Point(-3.0, 4.0).x == -3.0


def test_a_point_set_by_a_person_is_certain():
    assert Point(1.0, 2.0).confidence == 1.0


@pytest.mark.parametrize("kind", PointKind)
def test_a_point_is_found_by_its_kind(kind):
    points = {kind: Point(float(n), 0.0) for n, kind in enumerate(PointKind)}
    vertebra = VertebraLandmarks(Vertebra.L1, **{kind.value: point for kind, point in points.items()})
    assert vertebra.point(kind) == points[kind]


def test_a_point_that_was_not_found_is_none_and_never_0():
    vertebra = VertebraLandmarks(Vertebra.L1, centre=Point(0.0, 0.0))
    assert vertebra.point(PointKind.UPPER_ANTERIOR) is None
    assert vertebra.point(PointKind.CENTRE) == Point(0.0, 0.0)


def test_a_vertebra_of_the_other_view_is_refused():
    with pytest.raises(LandmarkError, match="of the lumbar view at most once, got C3"):
        Landmarks(Region.LUMBAR, Facing.LEFT, (VertebraLandmarks(Vertebra.C3),))


def test_a_repeated_vertebra_is_refused():
    with pytest.raises(LandmarkError, match="at most once, got L2"):
        Landmarks(Region.LUMBAR, Facing.LEFT, (VertebraLandmarks(Vertebra.L2), VertebraLandmarks(Vertebra.L2)))


@pytest.mark.parametrize("margin", [-0.1, 1.5, float("nan")])
def test_a_level_margin_is_0_to_1(margin):
    with pytest.raises(LandmarkError, match=f"got {margin}"):
        spine(margin=margin)


@given(st.permutations(list(Region)), st.data())
def test_vertebrae_are_kept_cranio_caudally(regions, data):
    whole = spine(regions[0])
    shuffled = data.draw(st.permutations(list(whole)))
    assert Landmarks(whole.region, whole.facing, tuple(shuffled), whole.level_margin) == whole


def test_a_vertebra_that_was_not_found_has_no_points():
    landmarks = spine(vertebrae={Vertebra.L1})
    assert landmarks.of(Vertebra.L4) == VertebraLandmarks(Vertebra.L4)
    assert landmarks.point(Vertebra.L4, PointKind.CENTRE) is None


@pytest.mark.parametrize("corner", [corner for corner in CORNERS if corner.region is Region.LUMBAR], ids=str)
def test_a_superior_corner_is_the_upper_anterior_point_of_its_vertebra(corner):
    points = spine().of(corner.vertebra)
    expected = points.upper_anterior if corner.endplate is Endplate.SUPERIOR else points.lower_anterior
    assert expected is not None
    assert spine().corner(corner) == expected


def test_a_corner_of_a_vertebra_that_was_not_found_is_none():
    assert spine(vertebrae={Vertebra.L1}).corner(Corner(Vertebra.L3, Endplate.SUPERIOR)) is None


def test_a_shift_renames_downwards_and_drops_what_falls_off_the_end():
    shifted = shift_levels(spine(), 1)
    assert [item.vertebra.value for item in shifted] == ["L1", "L2", "L3", "L4", "L5", "S1"]
    assert shifted.of(Vertebra.L1).centre == spine().of(Vertebra.T12).centre


def test_a_shifted_naming_is_a_decision_of_a_person():
    assert shift_levels(spine(margin=0.0), 0).level_margin == 1.0


@given(st.integers(-7, 7))
def test_a_shift_and_back_keeps_the_points_that_stayed(by):
    back = shift_levels(shift_levels(spine(), by), -by)
    assert len(back.vertebrae) == 7 - abs(by)
    assert all(item == spine().of(item.vertebra) for item in back)
