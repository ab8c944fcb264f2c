import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import Region, Vertebra
from msasss.errors import LandmarkError
from msasss.imaging.consensus import consensus_landmarks
from msasss.imaging.landmarks import Facing, Landmarks, Point, PointKind, VertebraLandmarks


def reading(*points, facing=Facing.LEFT, margin=1.0):
    """Landmarks of a reader who set the centres of T12 downwards; None where not set."""
    found = zip((Vertebra.T12, Vertebra.L1, Vertebra.L2), points, strict=False)
    return Landmarks(
        Region.LUMBAR,
        facing,
        tuple(VertebraLandmarks(v, centre=Point(*p)) for v, p in found if p is not None),
        margin,
    )


def test_each_point_is_the_median_of_the_readers_who_set_it():
    result = consensus_landmarks([reading((1, 10)), reading((2, 90)), reading((50, 20))])
    assert result.point(Vertebra.T12, PointKind.CENTRE) == Point(2.0, 20.0)


def test_the_median_of_two_readers_is_their_mean():
    result = consensus_landmarks([reading((1, 10)), reading((2, 20))])
    assert result.point(Vertebra.T12, PointKind.CENTRE) == Point(1.5, 15.0)


def test_a_point_is_kept_if_a_majority_set_it():
    result = consensus_landmarks([reading((0, 0), (0, 50)), reading((0, 0), (0, 60)), reading((0, 0))])
    assert result.point(Vertebra.L1, PointKind.CENTRE) == Point(0.0, 55.0)


def test_a_point_set_by_a_minority_or_by_half_is_left_out():
    alone = consensus_landmarks([reading((0, 0), (0, 50)), reading((0, 0)), reading((0, 0))])
    half = consensus_landmarks([reading((0, 0), (0, 50)), reading((0, 0))])
    for result in (alone, half):
        assert [item.vertebra for item in result] == [Vertebra.T12]


def test_only_the_points_that_were_set_are_present():
    result = consensus_landmarks([reading((0, 0))])
    assert result.point(Vertebra.T12, PointKind.UPPER_ANTERIOR) is None


def test_confidence_and_level_margin_are_medians():
    readings = [reading((0, 0, c), margin=c) for c in (0.2, 0.9, 0.6)]
    result = consensus_landmarks(readings)
    point = result.point(Vertebra.T12, PointKind.CENTRE)
    assert point is not None
    assert (point.confidence, result.level_margin) == (0.6, 0.6)


@pytest.mark.parametrize("side", Facing)
def test_facing_is_that_of_the_majority(side):
    other = Facing.LEFT if side is Facing.RIGHT else Facing.RIGHT
    assert consensus_landmarks([reading(facing=f) for f in (side, other, side)]).facing is side


def test_facing_without_a_majority_is_refused():
    with pytest.raises(LandmarkError, match="got 1 left and 1 right"):
        consensus_landmarks([reading(facing=Facing.LEFT), reading(facing=Facing.RIGHT)])


def test_landmarks_of_two_views_are_refused():
    with pytest.raises(LandmarkError, match="got lumbar and cervical"):
        consensus_landmarks([reading(), Landmarks(Region.CERVICAL, Facing.LEFT, ())])


def test_no_reader_is_refused():
    with pytest.raises(LandmarkError, match="got none"):
        consensus_landmarks([])


coordinates = st.floats(-100, 4000)
points = st.none() | st.tuples(coordinates, coordinates)
readings = st.lists(st.tuples(points, points, points).map(lambda found: reading(*found)), min_size=1, max_size=4)


@given(readings, st.randoms(use_true_random=False))
def test_the_order_of_the_readers_changes_nothing(found, random):
    assert consensus_landmarks(random.sample(found, len(found))) == consensus_landmarks(found)


@given(readings, st.integers(1, 4))
def test_readers_of_one_mind_are_the_consensus(found, number):
    assert consensus_landmarks([found[0]] * number) == found[0]
