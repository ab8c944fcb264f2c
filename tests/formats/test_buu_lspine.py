from pathlib import Path

import pytest

from msasss.anatomy import Region, Vertebra
from msasss.errors import InputError
from msasss.formats import buu_lspine
from msasss.formats.annotated_films import Sex
from msasss.imaging import Facing, Point, PointKind
from support import annotations

UPPER, LOWER, CENTRE = PointKind.UPPER_ANTERIOR, PointKind.LOWER_ANTERIOR, PointKind.CENTRE


def test_the_front_corners_and_centres_are_taken(tmp_path: Path):
    found = buu_lspine.load(annotations.buu_lspine(tmp_path))
    assert found.faults == ()
    (film,) = found.films
    assert (film.image, film.patient, film.sex, film.age) == ("0169-F-044Y1.jpg", "buu-0169", Sex.FEMALE, 44.0)
    marks = film.landmarks
    assert (marks.region, marks.facing) == (Region.LUMBAR, Facing.LEFT)
    assert marks.point(Vertebra.L1, UPPER) == Point(30.25, 10.5)
    assert marks.point(Vertebra.L1, LOWER) == Point(30.25, 22.5)
    assert marks.point(Vertebra.L1, CENTRE) == Point(50.5, 17.0)
    assert marks.point(Vertebra.L5, LOWER) == Point(30.25, 118.5)
    assert marks.point(Vertebra.S1, UPPER) == Point(30.25, 130.5)
    assert marks.of(Vertebra.S1).centre is None
    assert marks.of(Vertebra.T12).lower_anterior is None


def test_the_side_can_be_given(tmp_path: Path):
    (film,) = buu_lspine.load(annotations.buu_lspine(tmp_path), facing=Facing.RIGHT).films
    assert film.landmarks.point(Vertebra.L1, UPPER) == Point(70.75, 11.5)


def test_swapped_ends_are_put_right(tmp_path: Path):
    rows = annotations.buu_rows()
    x1, y1, x2, y2, label = rows[0].split(",")
    swapped = [",".join((x2, y2, x1, y1, label)), *rows[1:]]
    (first,) = buu_lspine.load(annotations.buu_lspine(tmp_path / "a", rows=swapped)).films
    (second,) = buu_lspine.load(annotations.buu_lspine(tmp_path / "b")).films
    assert first.landmarks == second.landmarks


def test_files_may_lie_in_the_folder_itself(tmp_path: Path):
    annotations.buu_lspine(tmp_path)
    assert len(buu_lspine.load(tmp_path / "LA").films) == 1


def test_another_name_is_a_patient_of_its_own(tmp_path: Path):
    (film,) = buu_lspine.load(annotations.buu_lspine(tmp_path, "film7")).films
    assert (film.patient, film.sex, film.age) == ("buu-film7", None, None)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["1,2,3,4,0"], r"0169-F-044Y1.csv: Expected 11 rows, L1 to S1, got 1"),
        (["30,x,70,11,0", *annotations.buu_rows()[1:]], r"csv, row 1: Expected x1, y1, x2, y2, got '30,x,70,11,0'"),
        ([*annotations.buu_rows()[:10], "30,130"], r"csv, row 11: Expected x1, y1, x2, y2, got '30,130'"),
    ],
)
def test_a_faulty_file_is_left_out_and_named(tmp_path: Path, rows: list[str], message: str):
    found = buu_lspine.load(annotations.buu_lspine(tmp_path, rows=rows))
    assert found.films == ()
    with pytest.raises(InputError, match=message):
        raise InputError(found.faults[0])


def test_a_table_without_its_image_or_in_another_encoding_is_named(tmp_path: Path):
    annotations.buu_lspine(tmp_path)
    (tmp_path / "LA" / "0169-F-044Y1.jpg").unlink()
    annotations.picture(tmp_path / "LA" / "b.jpg")
    (tmp_path / "LA" / "b.csv").write_bytes(b"\xff\xfe1,2")
    first, second = buu_lspine.load(tmp_path).faults
    assert "Expected an image 0169-F-044Y1.jpg beside it" in first
    assert second.startswith("b.csv: Expected a readable CSV file")


def test_a_folder_without_annotations_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="CSV files below empty, got none"):
        buu_lspine.load(tmp_path / "empty")
