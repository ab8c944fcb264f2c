from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msasss.anatomy import Region
from msasss.errors import InputError, UsageError
from msasss.training.examples import (
    SEEDS,
    Example,
    Fold,
    data_digest,
    example_name,
    example_paths,
    fold_of,
    load_example,
    radiograph_of,
    save_example,
)
from toy_films import toy_example


@pytest.mark.parametrize("region", Region)
def test_an_example_comes_back_as_it_was_saved(tmp_path: Path, region: Region):
    example = toy_example(region, seed=3)
    path = tmp_path / example_name(region, 3, 0)
    save_example(path, example)
    back = load_example(path)
    np.testing.assert_array_equal(back.pixels, example.pixels)
    assert (back.pixel_mm, back.landmarks, back.findings) == (example.pixel_mm, example.landmarks, example.findings)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_radiograph_of_an_example_has_its_grey_values_and_spacing():
    example = toy_example(Region.LUMBAR, seed=1)
    radiograph = radiograph_of(example, "film")
    np.testing.assert_allclose(radiograph.pixels * 255, example.pixels, atol=1e-4)
    assert radiograph.spacing is not None
    assert radiograph.spacing.mm == example.pixel_mm


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=999_999))
def test_every_seed_belongs_to_one_fold(seed: int):
    assert [fold for fold in Fold if seed in SEEDS[fold]] == [fold_of(seed)]


def test_a_seed_outside_all_folds_is_refused():
    with pytest.raises(UsageError, match="got 1000000"):
        fold_of(1_000_000)


def test_folds_are_told_apart_by_seed_and_other_files_are_left_out(tmp_path: Path):
    for name in ("cervical-000007-0.npz", "lumbar-000007-1.npz", "lumbar-900001-0.npz", "notes.npz"):
        (tmp_path / name).touch()
    training = example_paths(tmp_path, fold=Fold.TRAIN)
    assert [path.name for path in training] == ["cervical-000007-0.npz", "lumbar-000007-1.npz"]
    only = example_paths(tmp_path, fold=Fold.TRAIN, region=Region.LUMBAR)
    assert [path.name for path in only] == ["lumbar-000007-1.npz"]
    with pytest.raises(UsageError, match="seeds from 950000 to 999999"):
        example_paths(tmp_path, fold=Fold.TEST)


@pytest.mark.parametrize("contents", [b"not an archive", b"", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_example_is_refused_by_name(tmp_path: Path, contents: bytes):
    path = tmp_path / "lumbar-000001-0.npz"
    path.write_bytes(contents)
    with pytest.raises(InputError, match=r"lumbar-000001-0\.npz"):
        load_example(path)


def test_pixels_of_another_kind_are_refused():
    example = toy_example(Region.LUMBAR, seed=1)
    with pytest.raises(InputError, match="float64"):
        Example(example.pixels.astype(np.float64), 0.5, example.landmarks, example.findings)  # type: ignore[arg-type]


def test_findings_of_another_region_are_refused():
    lumbar, cervical = toy_example(Region.LUMBAR, seed=1), toy_example(Region.CERVICAL, seed=1)
    with pytest.raises(InputError, match="twelve lumbar corners"):
        Example(lumbar.pixels, 0.5, lumbar.landmarks, cervical.findings)


def test_the_digest_changes_with_the_contents_and_not_with_the_order(tmp_path: Path):
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in paths:
        path.write_text(path.name)
    first = data_digest(paths)
    assert data_digest(paths[::-1]) == first
    paths[0].write_text("changed")
    assert data_digest(paths) != first
