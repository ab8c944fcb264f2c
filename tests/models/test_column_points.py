import numpy as np

from msasss.anatomy import CORNERS, Corner, Endplate, Region, Vertebra, vertebrae_of
from msasss.imaging.landmarks import Facing, Landmarks, Point, PointKind, VertebraLandmarks
from msasss.models.column_points import CENTRES, POINT_NAMES, POINTS, level_of, points_of, positions_of, region_slice


def test_every_scored_corner_and_every_centre_stands_once():
    endplates = {PointKind.UPPER_ANTERIOR: Endplate.SUPERIOR, PointKind.LOWER_ANTERIOR: Endplate.INFERIOR}
    corners = [Corner(vertebra, endplates[kind]) for vertebra, kind in POINTS if kind in endplates]
    assert sorted(map(str, corners)) == sorted(map(str, CORNERS))
    assert len(set(POINT_NAMES)) == 38


def test_levels_follow_the_column():
    for region in Region:
        for index, (vertebra, _) in enumerate(points_of(region)):
            assert vertebrae_of(region)[level_of(index)] is vertebra
        assert POINTS[region_slice(region)] == points_of(region)


def test_missing_points_are_not_a_number():
    found = (VertebraLandmarks(Vertebra.C4, centre=Point(3.0, 4.0)),)
    positions = positions_of(Landmarks(Region.CERVICAL, Facing.RIGHT, found))
    assert positions[CENTRES][2].tolist() == [3.0, 4.0]
    assert np.isnan(positions).sum() == 36
