import pytest

from msasss.pipeline.film_names import film_named
from support.exams import film


@pytest.mark.parametrize("image", ["1.2.3.films/c.dcm", "films/c.dcm", "c.dcm", "visit/films/c.dcm"])
def test_a_film_is_meant_by_its_uid_its_name_and_its_name_with_other_folders(image: str):
    films = [film("films/l.dcm"), film("films/c.dcm"), film("films/other-c.dcm")]
    assert film_named(image, films) is films[1]


def test_a_name_that_fits_several_films_means_none():
    assert film_named("c.dcm", [film("first/c.dcm"), film("second/c.dcm")]) is None


def test_a_name_in_another_folder_is_another_film():
    assert film_named("first/c.dcm", [film("second/c.dcm")]) is None


def test_a_whole_name_counts_before_one_with_other_folders():
    films = [film("first/c.dcm"), film("c.dcm")]
    assert film_named("c.dcm", films) is films[1]
