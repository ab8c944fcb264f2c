"""The shipped networks say the same about one exam, however its films are encoded or turned."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from msasss.anatomy import CORNERS, Region
from msasss.dicom import read_radiograph
from msasss.exam import Exam
from msasss.imaging import Facing, Radiograph
from msasss.pipeline.networks import open_networks
from msasss.pipeline.score import score_exam
from support.encodings import ALL_SYNTAXES, LOSSY, encode
from support.shipped import DEMO_FILMS


@dataclass(frozen=True)
class Scorer:
    """The shipped networks, and what they say about the example films."""

    networks: object
    exam: Exam

    def score(self, radiographs: list[Radiograph]) -> Exam:
        return score_exam(radiographs, self.networks.localiser, self.networks.classifier)


def demo_films() -> list[Path]:
    return sorted(DEMO_FILMS.glob("*.dcm"))


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    networks = open_networks()
    exam = score_exam([read_radiograph(path) for path in demo_films()], networks.localiser, networks.classifier)
    return Scorer(networks, exam)


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The example films without compression."""
    folder = tmp_path_factory.mktemp("native")
    for path in demo_films():
        film = dcmread(path)
        film.decompress(generate_instance_uid=False)
        film.save_as(folder / path.name)
    return sorted(folder.iterdir())


def furthest_mm(one: Exam, other: Exam) -> float:
    """The largest distance between the same corner found twice; infinite where it was found once only."""
    furthest = 0.0
    for corner in CORNERS:
        film = one.film(corner.region)
        first, second = film.landmarks.corner(corner), other.film(corner.region).landmarks.corner(corner)
        if (first is None) is not (second is None):
            return float("inf")
        if first is not None:
            furthest = max(furthest, float(np.hypot(first.x - second.x, first.y - second.y)) * film.spacing.mm)
    return furthest


@pytest.mark.parametrize("name", [name for name in ALL_SYNTAXES if name not in LOSSY])
def test_a_lossless_transfer_syntax_changes_nothing(scorer, native, tmp_path, name):
    encoded = [tmp_path / path.name for path in native]
    for source, target in zip(native, encoded, strict=True):
        encode(source, target, ALL_SYNTAXES[name])
    exam = scorer.score([read_radiograph(path) for path in encoded])
    assert exam.score == scorer.exam.score
    assert furthest_mm(scorer.exam, exam) == 0.0


@pytest.mark.parametrize("name", sorted(LOSSY))
def test_a_lossy_transfer_syntax_keeps_the_landmarks_within_a_millimetre(scorer, native, tmp_path, name):
    encoded = [tmp_path / path.name for path in native]
    for source, target in zip(native, encoded, strict=True):
        encode(source, target, ALL_SYNTAXES[name])
    exam = scorer.score([read_radiograph(path) for path in encoded])
    assert furthest_mm(scorer.exam, exam) <= 1.0


def test_an_inverted_film_gives_the_same_score(scorer, native, tmp_path):
    inverted = []
    for path in native:
        film = dcmread(path)
        highest = 2**film.BitsStored - 1
        film.PixelData = (highest - film.pixel_array).astype(np.uint16).tobytes()
        film.WindowCenter = highest - film.WindowCenter
        film.PhotometricInterpretation = "MONOCHROME1"
        film.PresentationLUTShape = "INVERSE"
        film.save_as(tmp_path / path.name)
        inverted.append(read_radiograph(tmp_path / path.name))
    exam = scorer.score(inverted)
    assert exam.score == scorer.exam.score
    assert furthest_mm(scorer.exam, exam) <= 0.2


def test_a_mirrored_film_gives_the_same_score_and_faces_the_other_way(scorer):
    straight = [read_radiograph(path) for path in demo_films()]
    mirrored = [replace(film, pixels=np.ascontiguousarray(film.pixels[:, ::-1])) for film in straight]
    exam = scorer.score(mirrored)
    assert exam.score == scorer.exam.score
    for region in Region:
        facings = {exam.film(region).landmarks.facing, scorer.exam.film(region).landmarks.facing}
        assert facings == {Facing.LEFT, Facing.RIGHT}


def test_the_order_of_the_films_does_not_matter(scorer):
    films = [read_radiograph(path) for path in reversed(demo_films())]
    assert scorer.score(films).score == scorer.exam.score


def test_the_example_exam_has_a_total(scorer):
    assert scorer.exam.score.total is not None
