from functools import lru_cache

import numpy as np
import pytest

from msasss.anatomy import Corner, Endplate, Region, Vertebra, corners_of, discs_of, vertebrae_of
from msasss.errors import UsageError
from msasss.imaging import Facing, PointKind
from msasss.reading import Lesion
from msasss.simulation import plan_of, simulate_layers
from msasss.simulation.cervical import bones_of, camera_of
from msasss.simulation.projection import Camera
from msasss.simulation.scene import findings_of, landmarks_of

LAYERS = ("cortical_mm", "trabecular_mm", "soft_mm", "metal_mm")
SITE = {region: discs_of(region)[2].below for region in Region}


@lru_cache(maxsize=12)
def simulated(region, lesion=None, seed=1):
    return simulate_layers(
        region, seed=seed, lesions=plan_of(region, {} if lesion is None else {SITE[region]: {lesion: 0.8}})
    )


def lesions_of(layers):
    return {finding.corner: set(finding.lesions) for finding in layers.findings if finding.lesions}


def test_the_same_seed_gives_the_same_film():
    again = simulate_layers(Region.CERVICAL, seed=1, lesions=plan_of(Region.CERVICAL, {}))
    for name in LAYERS:
        np.testing.assert_array_equal(getattr(again, name), getattr(simulated(Region.CERVICAL), name))
    assert again.landmarks == simulated(Region.CERVICAL).landmarks


@pytest.mark.parametrize("region", list(Region))
def test_a_healthy_film_is_complete(region):
    layers = simulated(region)
    assert layers.landmarks.facing is Facing.RIGHT
    assert tuple(finding.corner for finding in layers.findings) == corners_of(region)
    assert lesions_of(layers) == {}
    assert all(np.isfinite(getattr(layers, name)).all() and getattr(layers, name).min() >= 0 for name in LAYERS)
    for item in layers.landmarks:
        assert item.centre is not None
        front = [point for point in (item.upper_anterior, item.lower_anterior) if point is not None]
        assert all(point.x > item.centre.x for point in front)
    heights = [item.centre.y for item in layers.landmarks]
    assert heights == sorted(heights)


@pytest.mark.parametrize("lesion", list(Lesion))
def test_a_planned_lesion_is_found_where_it_was_planned_and_nowhere_else(lesion):
    corner = SITE[Region.LUMBAR]
    found = lesions_of(simulated(Region.LUMBAR, lesion))
    expected = {corner}
    if lesion is Lesion.BRIDGE:
        expected.add(corner.opposite)
    if lesion is Lesion.SQUARING:
        expected.add(Corner(corner.vertebra, Endplate.INFERIOR))
    assert found == {place: {lesion} for place in expected}


@pytest.mark.parametrize("lesion", [Lesion.EROSION, Lesion.SYNDESMOPHYTE, Lesion.OSTEOPHYTE])
def test_a_lesion_changes_the_film_near_its_corner_only(lesion):
    plain, changed = simulated(Region.LUMBAR), simulated(Region.LUMBAR, lesion)
    point = plain.landmarks.corner(SITE[Region.LUMBAR])
    difference = np.max([np.abs(getattr(changed, name) - getattr(plain, name)) for name in LAYERS], axis=0)
    rows, columns = np.nonzero(difference > 1e-4)
    away = np.hypot(columns + 0.5 - point.x, rows + 0.5 - point.y) * plain.pixel_mm / plain.magnification
    assert difference.max() > 2.0
    assert away.max() < 20.0
    assert changed.landmarks == plain.landmarks


def test_bridging_and_squaring_together_are_found_at_their_own_corners():
    region = Region.CERVICAL
    disc = discs_of(region)[3]
    plan = plan_of(region, {disc.above: {Lesion.BRIDGE: 0.7, Lesion.SQUARING: 0.7}})
    found = lesions_of(simulate_layers(region, seed=1, lesions=plan))
    assert found[disc.above] == {Lesion.BRIDGE, Lesion.SQUARING}
    assert found[disc.below] == {Lesion.BRIDGE}


def test_what_lies_outside_the_image_is_none_and_not_visible():
    bones, whole = bones_of(1), camera_of(bones_of(1), 1)
    middle = whole.project(bones["C5"].level.centre)[0]
    rows = int(middle[1])
    cut = Camera(
        whole.source_object_mm,
        whole.object_detector_mm,
        whole.pixel_mm,
        rows,
        whole.width_px,
        whole.left_mm,
        whole.top_mm,
        whole.source_x_mm,
        whole.source_y_mm,
    )
    landmarks = landmarks_of(cut, bones, Region.CERVICAL)
    assert landmarks.point(Vertebra.T1, PointKind.CENTRE) is None
    assert landmarks.point(Vertebra.C3, PointKind.CENTRE) is not None
    everywhere = {corner: frozenset({Lesion.EROSION}) for corner in corners_of(Region.CERVICAL)}
    for finding in findings_of(landmarks, everywhere):
        hidden = landmarks.corner(finding.corner) is None
        assert finding.not_visible == hidden
        assert bool(finding.lesions) != hidden


def test_the_ends_bear_one_corner_only():
    for region in Region:
        column = vertebrae_of(region)
        landmarks = simulated(region).landmarks
        assert landmarks.point(column[0], PointKind.UPPER_ANTERIOR) is None
        assert landmarks.point(column[-1], PointKind.LOWER_ANTERIOR) is None


def test_a_plan_of_the_other_view_is_refused():
    with pytest.raises(UsageError, match=r"cervical view, got one of the lumbar view"):
        simulate_layers(Region.CERVICAL, seed=1, lesions=plan_of(Region.LUMBAR, {}))
