from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import Region, vertebrae_of
from msasss.errors import LandmarkError
from msasss.formats import landmarks_csv
from msasss.formats.landmarks_csv import ImageLandmarks
from msasss.imaging import Facing, Landmarks, Point, VertebraLandmarks
from support.exams import column

COORDINATE = st.floats(-1e4, 1e4, allow_nan=False)


@st.composite
def person_landmarks(draw: st.DrawFn) -> Landmarks:
    """Points a person set: at least one vertebra shows a centre with a corner in front of it."""
    region, facing = draw(st.sampled_from(Region)), draw(st.sampled_from(Facing))
    forwards = -1.0 if facing is Facing.LEFT else 1.0
    names = draw(st.lists(st.sampled_from(vertebrae_of(region)), min_size=1, unique=True))
    vertebrae = []
    for place, name in enumerate(names):
        x, y, reach = draw(COORDINATE), draw(COORDINATE), draw(st.floats(1.0, 100.0))
        upper = Point(x + forwards * reach, y) if place == 0 or draw(st.booleans()) else None
        lower = Point(x + forwards * reach, draw(COORDINATE)) if draw(st.booleans()) else None
        vertebrae.append(VertebraLandmarks(name, upper, lower, Point(x, y)))
    return Landmarks(region, facing, tuple(vertebrae))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A valid landmarks.csv: one cervical image, 19 points, facing right."""
    path = tmp_path / "landmarks.csv"
    images = [ImageLandmarks("c.png", "r1", column(Region.CERVICAL, facing=Facing.RIGHT))]
    path.write_text(landmarks_csv.dump(images), encoding="utf-8")
    return path


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@given(landmarks=person_landmarks())
def test_what_is_written_is_read_back(landmarks: Landmarks, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("law") / "landmarks.csv"
    images = (ImageLandmarks("c.png", "r1", landmarks), ImageLandmarks("c.png", "r2", landmarks))
    path.write_text(landmarks_csv.dump(images), encoding="utf-8")
    assert landmarks_csv.load(path) == images


def test_a_missing_point_has_no_row(tmp_path: Path) -> None:
    landmarks = column(Region.LUMBAR, without=["L3 superior"])
    text = landmarks_csv.dump([ImageLandmarks("l.png", "r1", landmarks)])
    assert "L3,upper_anterior" not in text
    path = tmp_path / "landmarks.csv"
    path.write_text(text, encoding="utf-8")
    assert landmarks_csv.load(path)[0].landmarks.of(landmarks.vertebrae[3].vertebra).upper_anterior is None


def test_the_facing_follows_from_the_points(table: Path) -> None:
    assert landmarks_csv.load(table)[0].landmarks.facing is Facing.RIGHT


def test_points_of_a_table_count_as_set_by_a_person(table: Path) -> None:
    landmarks = landmarks_csv.load(table)[0].landmarks
    assert landmarks.level_margin == 1.0
    assert {item.centre.confidence for item in landmarks if item.centre} == {1.0}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("240.0,112.0", "left,112.0", r"landmarks.csv, row 4, column x_px: Expected a number .*got 'left'"),
        ("240.0,112.0", "nan,112.0", r"row 4, column x_px: Expected finite coordinates, got \(nan, 112.0\)"),
        ("240.0,112.0", "240.0,", r"row 4, column y_px: Expected a number .*got ''"),
        ("C3,lower_anterior", "C3,upper_anterior", r"row 5, column point: Expected C3 upper_anterior once"),
        ("C3,lower_anterior", "C3,posterior", r"row 5, column point: .*got 'posterior'"),
        ("C3,lower_anterior", "L3,lower_anterior", r"row 5, column vertebra: Expected a cervical .*got L3"),
        ("x_px", "x", r"row 1: .*got also 'x'"),
    ],
)
def test_a_fault_is_named_by_row_and_column(table: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(LandmarkError, match=message):
        landmarks_csv.load(changed(table, old, new))


def test_without_a_centre_nobody_knows_where_the_patient_faces(table: Path) -> None:
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(line for line in lines if "centre" not in line), encoding="utf-8")
    with pytest.raises(LandmarkError, match="row 2, column point: Expected a centre beside an anterior corner"):
        landmarks_csv.load(table)


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "landmarks.csv"
    path.write_text(landmarks_csv.dump([]), encoding="utf-8")
    with pytest.raises(LandmarkError, match="at least one point, got none"):
        landmarks_csv.load(path)
