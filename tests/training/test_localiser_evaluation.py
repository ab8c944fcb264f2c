from dataclasses import replace

import numpy as np
import pytest

from msasss.anatomy import Region
from msasss.errors import RadiographError
from msasss.imaging.landmarks import Facing, shift_levels
from msasss.training.examples import example_name, load_example, save_example
from msasss.training.localiser_evaluation import evaluate_localiser
from support.drawn_spines import drawn_example, mirrored


class Changed:
    """A localiser that answers the truth after a change."""

    def __init__(self, paths, change):
        self._truth = {path.name: load_example(path).landmarks for path in paths}
        self._change = change

    def locate(self, radiograph):
        return self._change(self._truth[radiograph.source])


@pytest.fixture
def paths(tmp_path):
    made = [tmp_path / example_name(region, 1, 0) for region in Region]
    for path, region in zip(made, Region, strict=True):
        save_example(path, drawn_example(region, 1, pixel_mm=0.5, facing=Facing.RIGHT))
    return made


def moved(landmarks, by):
    def move(point):
        return None if point is None else replace(point, x=point.x + by)

    kinds = ("upper_anterior", "lower_anterior", "centre")
    vertebrae = tuple(replace(item, **{kind: move(getattr(item, kind)) for kind in kinds}) for item in landmarks)
    return replace(landmarks, vertebrae=vertebrae)


def test_the_truth_is_right_everywhere(paths):
    quality = evaluate_localiser(Changed(paths, lambda truth: truth), paths)
    assert (quality.films, quality.refused, quality.levels_right, quality.corners_found) == (2, 0, 2, 24)
    assert quality.median_error_mm == quality.p95_error_mm == 0.0
    assert quality.as_metrics()["region_right_share"] == 1.0


def test_errors_are_in_mm(paths):
    quality = evaluate_localiser(Changed(paths, lambda truth: moved(truth, 3.0)), paths)
    assert quality.median_error_mm == pytest.approx(1.5)


def test_names_one_level_off_are_counted(paths):
    quality = evaluate_localiser(Changed(paths, lambda truth: shift_levels(truth, 1)), paths)
    assert quality.levels_right == 0
    assert quality.median_error_mm > 5.0
    assert quality.corners_found == 20


def test_a_wrong_facing_leaves_nothing_to_compare(paths):
    quality = evaluate_localiser(Changed(paths, lambda truth: mirrored(truth, 100.0)), paths)
    assert (quality.region_right, quality.facing_right, quality.levels_right, quality.corners) == (2, 0, 0, 0)
    assert np.isinf(quality.median_error_mm)


def test_a_refusal_counts_as_wrong(paths):
    def refuse(truth):
        msg = "no lateral spine found"
        raise RadiographError(msg)

    quality = evaluate_localiser(Changed(paths, refuse), paths)
    assert (quality.refused, quality.region_right, quality.levels_right) == (2, 0, 0)
