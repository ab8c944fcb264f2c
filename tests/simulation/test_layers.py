from dataclasses import replace

import numpy as np
import pytest

from msasss.anatomy import Region, corners_of
from msasss.errors import ReadingError
from msasss.imaging import Facing, Landmarks
from msasss.reading import CornerFinding
from msasss.simulation import load_layers, save_layers
from simulated_patients import plain_layers


@pytest.mark.parametrize("region", Region)
def test_layers_come_back_from_a_file_as_they_were(tmp_path, region):
    layers = plain_layers(region)
    hidden = CornerFinding(layers.findings[0].corner, not_visible=True)
    layers = replace(layers, findings=(hidden, *layers.findings[1:]))
    path = tmp_path / "patient.layers"
    save_layers(path, layers)
    loaded = load_layers(path)
    for name in ("cortical_mm", "trabecular_mm", "soft_mm", "metal_mm"):
        values = getattr(loaded, name)
        assert values.dtype == np.float16
        np.testing.assert_array_equal(values, getattr(layers, name).astype(np.float16))
    for name in ("region", "pixel_mm", "magnification", "landmarks", "findings"):
        assert getattr(loaded, name) == getattr(layers, name)


def test_a_second_round_trip_loses_nothing(tmp_path):
    save_layers(tmp_path / "first", plain_layers(Region.CERVICAL))
    first = load_layers(tmp_path / "first")
    save_layers(tmp_path / "second", first)
    second = load_layers(tmp_path / "second")
    np.testing.assert_array_equal(first.soft_mm, second.soft_mm)
    np.testing.assert_array_equal(first.cortical_mm, second.cortical_mm)


def test_a_missing_point_stays_missing(tmp_path):
    layers = plain_layers(Region.LUMBAR)
    first = replace(layers.landmarks.vertebrae[0], upper_anterior=None)
    landmarks = replace(layers.landmarks, vertebrae=(first, *layers.landmarks.vertebrae[2:]))
    save_layers(tmp_path / "patient", replace(layers, landmarks=landmarks))
    assert load_layers(tmp_path / "patient").landmarks == landmarks


def test_findings_of_another_region_are_refused():
    findings = tuple(CornerFinding(corner) for corner in corners_of(Region.CERVICAL))
    with pytest.raises(ReadingError, match="twelve lumbar corners from above downwards, got C2 inferior"):
        replace(plain_layers(Region.LUMBAR), findings=findings)


def test_missing_findings_are_refused():
    with pytest.raises(ReadingError, match="got none"):
        replace(plain_layers(Region.LUMBAR), findings=())


def test_landmarks_that_face_left_are_refused():
    layers = plain_layers(Region.LUMBAR)
    with pytest.raises(ReadingError, match="lumbar landmarks facing right, got lumbar ones facing left"):
        replace(layers, landmarks=Landmarks(Region.LUMBAR, Facing.LEFT, ()))
