from dataclasses import replace

import numpy as np
import pytest

from msasss.anatomy import Region, corners_of
from msasss.errors import ReadingError
from msasss.imaging import Facing, Landmarks, Point, Radiograph, VertebraLandmarks
from msasss.reading import CornerFinding, Lesion
from msasss.simulation import SimulatedFilm, appearance, mirrored, render
from simulated_patients import plain_layers

PATIENTS = {region: plain_layers(region) for region in Region}


@pytest.fixture(params=Region, ids=lambda region: region.value)
def patient(request):
    return PATIENTS[request.param]


def seed_that_faces(patient, facing):
    return next(seed for seed in range(20) if render(patient, seed=seed).landmarks.facing is facing)


def test_the_same_seed_draws_the_same_film(patient):
    first, second = render(patient, seed=5), render(patient, seed=5)
    np.testing.assert_array_equal(first.pixels, second.pixels)
    assert first.landmarks == second.landmarks
    assert first.findings == second.findings


def test_another_seed_draws_another_film(patient):
    assert np.abs(render(patient, seed=5).pixels - render(patient, seed=6).pixels).mean() > 0.01


def test_every_film_is_a_radiograph(patient):
    for seed in range(8):
        film = render(patient, seed=seed)
        radiograph = Radiograph(film.pixels, "film")
        assert (radiograph.height_px, radiograph.width_px) == patient.soft_mm.shape
        assert film.region is patient.region
        assert tuple(finding.corner for finding in film.findings) == corners_of(film.region)


def test_about_half_of_the_films_face_left(patient):
    left = sum(render(patient, seed=seed).landmarks.facing is Facing.LEFT for seed in range(24))
    assert 5 <= left <= 19


def test_flipping_twice_gives_the_film_back(patient):
    film = render(patient, seed=3)
    again = mirrored(mirrored(film))
    np.testing.assert_array_equal(again.pixels, film.pixels)
    assert again.findings == film.findings
    assert again.landmarks.facing is film.landmarks.facing
    for before, after in zip(film.landmarks, again.landmarks, strict=True):
        if before.centre is not None:
            assert after.centre.x == pytest.approx(before.centre.x)
            assert after.centre.y == before.centre.y


@pytest.mark.parametrize("facing", Facing)
def test_landmarks_lie_on_the_bone_they_name_whichever_way_the_film_faces(facing):
    patient = PATIENTS[Region.LUMBAR]
    metal = np.zeros_like(patient.metal_mm)
    spot = patient.landmarks.vertebrae[3].centre
    metal[int(spot.y) - 1 : int(spot.y) + 2, int(spot.x) - 1 : int(spot.x) + 2] = 30.0
    marked = replace(patient, metal_mm=metal)
    seed = seed_that_faces(marked, facing)
    film = render(marked, seed=seed)
    centre = film.landmarks.vertebrae[3].centre
    assert film.landmarks.facing is facing
    around = film.pixels[int(centre.y) - 12 : int(centre.y) + 13, int(centre.x) - 12 : int(centre.x) + 13]
    brightest = np.argwhere(around >= around.max() - 1e-6).mean(axis=0) - 12
    assert np.abs(brightest).max() <= 2


def test_the_front_of_the_body_lies_on_the_side_the_film_faces(patient):
    for facing in Facing:
        item = render(patient, seed=seed_that_faces(patient, facing)).landmarks.vertebrae[3]
        assert (item.upper_anterior.x > item.centre.x) is (facing is Facing.RIGHT)


def test_no_pixel_depends_on_the_landmarks_or_findings(patient):
    moved = tuple(
        VertebraLandmarks(item.vertebra, centre=Point(item.centre.x + 9, item.centre.y)) for item in patient.landmarks
    )
    blind = replace(
        patient,
        landmarks=replace(patient.landmarks, vertebrae=moved),
        findings=tuple(CornerFinding(corner, not_visible=True) for corner in corners_of(patient.region)),
    )
    np.testing.assert_array_equal(render(blind, seed=4).pixels, render(patient, seed=4).pixels)


def test_a_change_in_one_part_leaves_the_draws_of_the_others(patient, monkeypatch):
    monkeypatch.setattr(appearance, "draw_ink", lambda rng, shape, *, flipped: None)
    without = [render(patient, seed=seed) for seed in range(6)]
    monkeypatch.undo()
    for seed, film in enumerate(without):
        assert (render(patient, seed=seed).pixels == film.pixels).mean() > 0.9


def test_a_point_outside_the_image_is_missing_and_its_corner_not_visible():
    patient = PATIENTS[Region.LUMBAR]
    first = replace(patient.landmarks.vertebrae[0], lower_anterior=Point(-3.0, 50.0))
    landmarks = replace(patient.landmarks, vertebrae=(first, *patient.landmarks.vertebrae[1:]))
    film = render(replace(patient, landmarks=landmarks), seed=1)
    assert film.landmarks.vertebrae[0].lower_anterior is None
    assert film.landmarks.vertebrae[3].lower_anterior is not None
    assert film.findings[0].not_visible


def hidden_share(patient, quanta_per_mm2, monkeypatch):
    original = appearance.draw_exposure

    def dosed(rng, region):
        return replace(original(rng, region), quanta_per_mm2=quanta_per_mm2)

    monkeypatch.setattr(appearance, "draw_exposure", dosed)
    found = [finding for seed in range(5) for finding in render(patient, seed=seed).findings]
    monkeypatch.undo()
    return sum(finding.not_visible for finding in found) / len(found)


def test_more_corners_are_hidden_as_quanta_fall(patient, monkeypatch):
    shares = [hidden_share(patient, quanta, monkeypatch) for quanta in (100_000, 200, 2)]
    assert shares[0] <= shares[1] <= shares[2]
    assert shares[0] < 0.3
    assert shares[2] > 0.8


def test_a_corner_that_cannot_be_read_loses_its_lesions(patient, monkeypatch):
    assert hidden_share(patient, 1e6, monkeypatch) < 0.3
    kept = [render(patient, seed=seed).findings[5] for seed in range(4)]
    assert any(finding.lesions == {Lesion.SYNDESMOPHYTE} for finding in kept)
    monkeypatch.setattr(appearance, "is_readable", lambda x, y, evidence: False)
    finding = render(patient, seed=0).findings[5]
    assert finding.not_visible
    assert not finding.lesions


def test_some_films_are_stored_in_eight_bits_and_some_are_not(patient):
    levels = [np.unique(render(patient, seed=seed).pixels).size for seed in range(8)]
    assert min(levels) <= 256 < max(levels)


def test_a_film_with_missing_findings_is_refused():
    with pytest.raises(ReadingError, match="twelve cervical corners from above downwards, got none"):
        SimulatedFilm(np.zeros((80, 80), np.float32), 0.5, Landmarks(Region.CERVICAL, Facing.LEFT, ()), ())
