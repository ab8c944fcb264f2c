from pathlib import Path

import numpy as np
import pytest

from msasss.anatomy import DISCS, Corner, Endplate, Region, Vertebra, discs_of
from msasss.imaging.landmarks import PointKind
from msasss.imaging.patches import disc_patches
from msasss.models.lesion_classifier import LABELS, NOT_VISIBLE
from msasss.reading import CornerFinding, Lesion
from msasss.training.examples import example_name, radiograph_of, save_example
from msasss.training.lesion_examples import corner_answers, cut_patches, displaced, stretched
from toy_films import HEIGHT_PX, toy_example, toy_landmarks

CORNER = Corner(Vertebra.L3, Endplate.SUPERIOR)


def saved(folder: Path, region: Region, seed: int) -> Path:
    path = folder / example_name(region, seed, 0)
    save_example(path, toy_example(region, seed))
    return path


def test_patches_are_those_of_inference_with_the_answers_of_their_corners(tmp_path: Path):
    path = saved(tmp_path, Region.LUMBAR, 5)
    cut = cut_patches([path], side=2.4, side_px=48)
    example = toy_example(Region.LUMBAR, 5)
    expected = disc_patches(radiograph_of(example, "film"), example.landmarks, side=2.4, side_px=48)
    assert [DISCS[place] for place in cut.discs] == list(discs_of(Region.LUMBAR))
    for k, patch in enumerate(expected):
        low, high = patch.pixels.min(), patch.pixels.max()
        np.testing.assert_allclose(cut.pixels[k] / 255 * (high - low) + low, patch.pixels, atol=0.5 / 255 + 1e-6)
    bridge = LABELS.index("bridge")
    given = cut.targets[:, bridge].reshape(-1).astype(bool)
    assert given.tolist() == [Lesion.BRIDGE in finding.lesions for finding in example.findings]


def test_a_dark_patch_keeps_its_detail():
    dark = np.linspace(0.1, 0.11, 64, dtype=np.float32).reshape(8, 8)
    assert len(np.unique(stretched(dark))) == 64
    assert not stretched(np.full((8, 8), 0.5, np.float32)).any()


def test_the_lesions_of_a_hidden_corner_are_unknown_and_its_hiding_is_known():
    given, known = corner_answers(CornerFinding(CORNER, not_visible=True))
    assert [label for label, value in zip(LABELS, given, strict=True) if value] == [NOT_VISIBLE]
    assert [label for label, value in zip(LABELS, known, strict=True) if value] == [NOT_VISIBLE]


def test_every_answer_of_a_visible_corner_is_known():
    given, known = corner_answers(CornerFinding(CORNER, frozenset({Lesion.EROSION, Lesion.OTHER})))
    assert known.all()
    assert [label for label, value in zip(LABELS, given, strict=True) if value] == ["erosion", "other"]


def test_landmarks_are_displaced_by_the_share_of_a_height_asked_for():
    landmarks = toy_landmarks(Region.CERVICAL)
    rng = np.random.default_rng(0)
    moves = []
    for _ in range(200):
        for item in displaced(landmarks, 0.05, rng):
            for kind in PointKind:
                before, after = landmarks.point(item.vertebra, kind), item.point(kind)
                assert (before is None) == (after is None)
                if before is not None and after is not None:
                    moves += [after.x - before.x, after.y - before.y]
    assert np.std(moves) == pytest.approx(0.05 * HEIGHT_PX, rel=0.1)


def test_displaced_patches_differ_and_come_again_with_the_same_seed(tmp_path: Path):
    paths = [saved(tmp_path, Region.LUMBAR, 5)]
    still = cut_patches(paths, side=2.4, side_px=48)
    moved, again = (cut_patches(paths, side=2.4, side_px=48, jitter=0.05, seed=1) for _ in range(2))
    assert not np.array_equal(still.pixels, moved.pixels)
    np.testing.assert_array_equal(moved.pixels, again.pixels)
