from dataclasses import replace

from msasss.anatomy import Region, Vertebra
from msasss.imaging import Landmarks, Point, VertebraLandmarks
from msasss.pipeline.level_guard import level_warnings
from support.exams import column


def moved(landmarks: Landmarks, vertebra: Vertebra, down_px: float) -> Landmarks:
    def lower(point: Point | None) -> Point | None:
        return None if point is None else replace(point, y=point.y + down_px)

    items = tuple(
        VertebraLandmarks(item.vertebra, lower(item.upper_anterior), lower(item.lower_anterior), lower(item.centre))
        if item.vertebra is vertebra
        else item
        for item in landmarks
    )
    return replace(landmarks, vertebrae=items)


def without(landmarks: Landmarks, *vertebrae: Vertebra) -> Landmarks:
    return replace(landmarks, vertebrae=tuple(item for item in landmarks if item.vertebra not in vertebrae))


def test_an_even_column_with_a_margin_is_not_doubtful():
    assert level_warnings(column(Region.CERVICAL), "c.dcm") == ()


def test_vertebrae_missing_at_the_ends_are_not_doubtful():
    assert level_warnings(without(column(Region.CERVICAL), Vertebra.T1, Vertebra.C7), "c.dcm") == ()


def test_a_skipped_level_is_reported():
    (warning,) = level_warnings(without(column(Region.LUMBAR), Vertebra.L3), "l.dcm")
    assert warning == "Check levels of the lumbar film l.dcm: L3 not found between its neighbours."


def test_vertebrae_in_the_wrong_order_are_reported():
    warnings = level_warnings(moved(column(Region.LUMBAR), Vertebra.L3, 100.0), "l.dcm")
    assert any("L4 does not lie below L3" in warning for warning in warnings)


def test_an_uneven_step_is_reported():
    warnings = level_warnings(moved(column(Region.CERVICAL), Vertebra.C5, 25.0), "c.dcm")
    assert any("the spacing of C4-C5-C6 is uneven (1.9 times" in warning for warning in warnings)


def test_a_step_within_normal_variation_is_not_reported():
    assert level_warnings(moved(column(Region.CERVICAL), Vertebra.C5, 10.0), "c.dcm") == ()


def test_a_small_margin_is_reported():
    (warning,) = level_warnings(replace(column(Region.CERVICAL), level_margin=0.05), "c.dcm")
    assert "(margin 0.05)" in warning


def test_a_film_without_any_vertebra_is_reported():
    (warning,) = level_warnings(replace(column(Region.CERVICAL), vertebrae=()), "c.dcm")
    assert "no vertebra was found" in warning


def test_corners_stand_in_for_centres():
    bare = replace(
        column(Region.CERVICAL), vertebrae=tuple(replace(item, centre=None) for item in column(Region.CERVICAL))
    )
    assert level_warnings(bare, "c.dcm") == ()
    assert any("does not lie below" in one for one in level_warnings(moved(bare, Vertebra.C5, 120.0), "c.dcm"))
