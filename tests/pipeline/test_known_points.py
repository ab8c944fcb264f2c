from pathlib import Path

import pytest

from msasss.anatomy import Region
from msasss.errors import LandmarkError
from msasss.formats import landmarks_csv
from msasss.formats.landmarks_csv import ImageLandmarks
from msasss.imaging import Facing, Landmarks, Point
from msasss.imaging.landmarks import VertebraLandmarks
from msasss.pipeline.known_points import KnownPoints, check_all_named, load_points
from support.exams import KnownColumns, column, film

CORRECTED = column(Region.CERVICAL, without=["C4 superior"])


@pytest.mark.parametrize("name", ["c.dcm", "1.2.3.c.dcm"])
def test_a_film_in_the_table_gets_its_points_by_file_name_or_uid(name: str):
    assert KnownPoints({name: CORRECTED}).locate(film("c.dcm")) is CORRECTED


def test_a_film_not_in_the_table_is_left_to_the_localiser():
    found = column(Region.CERVICAL)
    points = KnownPoints({"other.dcm": CORRECTED}, KnownColumns({"c.dcm": found}))
    assert points.locate(film("c.dcm")) is found


def test_without_a_localiser_every_film_must_be_in_the_table():
    with pytest.raises(LandmarkError, match=r"c\.dcm: Expected points of this film"):
        KnownPoints({"other.dcm": CORRECTED}).locate(film("c.dcm"))


def test_a_point_outside_the_film_is_refused():
    vertebra = CORRECTED.vertebrae[2]
    outside = VertebraLandmarks(vertebra.vertebra, Point(401.0, 20.0), None, vertebra.centre)
    points = {"c.dcm": Landmarks(Region.CERVICAL, Facing.LEFT, (outside,))}
    with pytest.raises(LandmarkError, match=r"film of 400 x 600 px, got C4 upper_anterior at \(401, 20\)"):
        KnownPoints(points).locate(film("c.dcm"))


def test_a_misspelt_film_in_the_table_is_refused():
    with pytest.raises(LandmarkError, match=r"points\.csv: .*got some of d\.dcm"):
        check_all_named({"d.dcm": CORRECTED}, [film("c.dcm")], "points.csv")
    check_all_named({"c.dcm": CORRECTED}, [film("c.dcm")], "points.csv")


def test_points_of_several_readers_on_one_image_are_refused(tmp_path: Path):
    table = tmp_path / "points.csv"
    table.write_text(landmarks_csv.dump([ImageLandmarks("c.dcm", name, CORRECTED) for name in ("r1", "r2")]))
    with pytest.raises(LandmarkError, match=r"points\.csv: .*several of c\.dcm"):
        load_points(table)


def test_points_are_read_by_image(tmp_path: Path):
    table = tmp_path / "points.csv"
    table.write_text(landmarks_csv.dump([ImageLandmarks("c.dcm", "r1", CORRECTED)]))
    points = load_points(table)
    assert list(points) == ["c.dcm"]
    assert points["c.dcm"].region is Region.CERVICAL
