import numpy as np
import pytest
import torch

from msasss.anatomy import Corner, Endplate, Region, Vertebra
from msasss.imaging.landmarks import Facing
from msasss.models.column_points import positions_of
from msasss.reading import CornerFinding
from msasss.training.augmentation import LookSettings
from msasss.training.examples import Example, save_example
from msasss.training.localiser_examples import FilmSamples, SampleSettings, canonical_positions, read_film
from support.drawn_spines import drawn_example, mirrored

PLAIN = SampleSettings(look=LookSettings(strength=0.0), mirrored=0.0)


@pytest.fixture
def film_path(tmp_path):
    path = tmp_path / "lumbar-000001-0.npz"
    save_example(path, drawn_example(Region.LUMBAR, 1, facing=Facing.RIGHT))
    return path


def test_a_film_that_faces_left_is_turned(tmp_path, film_path):
    turned = tmp_path / "lumbar-000001-1.npz"
    save_example(turned, drawn_example(Region.LUMBAR, 1, facing=Facing.LEFT))
    right, left = read_film(film_path, 384), read_film(turned, 384)
    np.testing.assert_allclose(left.positions, right.positions)
    np.testing.assert_array_equal(left.pixels, right.pixels)
    np.testing.assert_allclose(canonical_positions(turned), canonical_positions(film_path))


def test_a_large_film_is_shrunk_with_its_points(film_path):
    whole, small = read_film(film_path, 10_000), read_film(film_path, 70)
    np.testing.assert_allclose(small.positions * 3, whole.positions)
    assert small.pixels.shape == (whole.pixels.shape[0] // 3, whole.pixels.shape[1] // 3)


def test_the_same_number_gives_the_same_sample(film_path):
    first, again = (FilmSamples([film_path], 3, settings=SampleSettings(), seed=4)[2] for _ in range(2))
    assert torch.equal(first[0], again[0])
    later = FilmSamples([film_path], 3, settings=SampleSettings(), seed=4, first=2)[0]
    assert torch.equal(first[0], later[0])
    assert not torch.equal(first[0], FilmSamples([film_path], 3, settings=SampleSettings(), seed=5)[2][0])


def test_points_lie_on_the_bodies_whatever_the_view(film_path):
    samples = FilmSamples([film_path], 12, settings=PLAIN)
    contrast = []
    for number in range(12):
        image, truth = samples[number]
        assert image.shape == (2, 384, 256)
        for (x, y), present in zip(truth.places[:7].numpy() * 4, truth.present[:7], strict=True):
            if present:
                contrast.append(float(image[0, int(y), int(x)]))
    assert len(contrast) > 30
    assert np.mean(np.array(contrast) > 0.5) > 0.95


def test_views_show_whole_films_crops_and_cut_columns(film_path):
    samples = FilmSamples([film_path], 60, settings=PLAIN)
    shown = [int(samples[number][1].present[:7].sum()) for number in range(60)]
    assert shown.count(7) > 20
    assert sum(count < 7 for count in shown) > 6


def test_some_samples_face_left(film_path):
    samples = FilmSamples([film_path], 60, settings=SampleSettings(look=LookSettings(strength=0.0)))
    right = sum(float(samples[number][1].faces_right) for number in range(60))
    assert 34 <= right <= 56


def test_a_corner_that_cannot_be_read_is_half_visible(tmp_path):
    example = drawn_example(Region.LUMBAR, 2, facing=Facing.RIGHT)
    hidden = Corner(Vertebra.L2, Endplate.SUPERIOR)
    findings = tuple(CornerFinding(item.corner, not_visible=item.corner == hidden) for item in example.findings)
    path = tmp_path / "lumbar-000002-0.npz"
    save_example(path, Example(example.pixels, 1.0, example.landmarks, findings))
    settings = SampleSettings(look=LookSettings(strength=0.0), mirrored=0.0, whole=1.0)
    truth = next(t for _, t in iter_samples(path, settings) if t.present.all())
    assert truth.visible.tolist().count(0.5) == 1


def iter_samples(path, settings):
    samples = FilmSamples([path], 40, settings=settings)
    return (samples[number] for number in range(40))


def test_the_drawn_film_mirrors_its_landmarks():
    example = drawn_example(Region.CERVICAL, 3, facing=Facing.RIGHT)
    width = example.pixels.shape[1]
    twice = mirrored(mirrored(example.landmarks, width), width)
    np.testing.assert_allclose(positions_of(twice), positions_of(example.landmarks))
