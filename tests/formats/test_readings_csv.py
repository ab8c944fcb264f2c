from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import CORNERS, Region, corners_of
from msasss.errors import ReadingError
from msasss.formats import readings_csv, tables
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading
from support.exams import lesions, reading

TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)


@st.composite
def image_readings(draw: st.DrawFn) -> Reading:
    region = draw(st.sampled_from(Region))
    # A byte per corner is quicker to draw than a set: one bit per lesion, and the highest for "not visible".
    marks = draw(st.binary(min_size=12, max_size=12))
    findings = [
        CornerFinding(corner, not_visible=True)
        if mark & 128
        else CornerFinding(corner, frozenset(lesion for place, lesion in enumerate(Lesion) if mark >> place & 1))
        for corner, mark in zip(corners_of(region), marks, strict=True)
    ]
    read_at = draw(st.none() | st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC)))
    reader = Reader(draw(st.sampled_from(ReaderKind)), draw(TEXT))
    return Reading(reader, {region: draw(TEXT)}, tuple(findings), read_at, draw(st.none() | TEXT))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A valid readings.csv: one reader, a cervical and a lumbar image, two lesions at C5 superior."""
    path = tmp_path / "readings.csv"
    found = lesions("C5 superior", Lesion.EROSION, Lesion.SYNDESMOPHYTE)
    path.write_text(readings_csv.dump([reading({"C5 superior": found})]), encoding="utf-8")
    return path


def changed(path: Path, old: str, new: str, *, count: int = 1) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")
    return path


@given(
    readings=st.lists(
        image_readings(), min_size=1, max_size=4, unique_by=lambda one: (one.reader.id, *one.images.values())
    )
)
def test_what_is_written_is_read_back(readings: list[Reading], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("law") / "readings.csv"
    path.write_text(readings_csv.dump(readings), encoding="utf-8")
    assert readings_csv.load(path) == tuple(readings)


def test_a_visit_is_split_per_image_and_joined_again(table: Path) -> None:
    parts = readings_csv.load(table)
    assert [part.regions for part in parts] == [(Region.CERVICAL,), (Region.LUMBAR,)]
    found = lesions("C5 superior", Lesion.EROSION, Lesion.SYNDESMOPHYTE)
    assert readings_csv.join(parts) == reading({"C5 superior": found})


def test_a_joint_reading_is_of_one_reader() -> None:
    other = reading(reader=Reader(ReaderKind.HUMAN, "r2"), regions=[Region.LUMBAR])
    with pytest.raises(ReadingError, match="one reader, got 2 readers"):
        readings_csv.join([reading(regions=[Region.CERVICAL]), other])


def test_a_joint_reading_has_one_image_per_region() -> None:
    one = reading(regions=[Region.CERVICAL])
    with pytest.raises(ReadingError, match=r"one cervical image per visit, got cervical.png and cervical.png"):
        readings_csv.join([one, one])


def test_a_byte_order_mark_is_accepted(table: Path) -> None:
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    assert len(readings_csv.load(table)) == 2


def test_blank_rows_are_skipped_and_still_counted(table: Path) -> None:
    changed(table, "cervical.png,r1,human,C2,inferior", "\n,,,\ncervical.png,r1,human,C2,lower")
    with pytest.raises(ReadingError, match=r"row 4, column endplate: .*got 'lower'"):
        readings_csv.load(table)


def test_times_of_other_zones_become_utc(table: Path) -> None:
    changed(table, "2024-05-31T12:00:00+00:00", "2024-05-31T20:00:00+08:00", count=24)
    assert readings_csv.load(table)[0].read_at == datetime(2024, 5, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("erosion;syndesmophyte", "erosion;spur", r"readings.csv, row 7, column lesions: .*got 'spur'"),
        ("C4,superior,,0", "C4,superior,,maybe", r"row 5, column not_visible: Expected 1 or 0, got 'maybe'"),
        ("C4,superior,,0", "C4,superior,bridge,1", r"row 5, column not_visible: .*got bridge at C4 superior"),
        ("C4,superior", "C9,superior", r"row 5, column vertebra: .*got 'C9'"),
        ("C4,superior", "C4,inferior", r"row 6, column endplate: Expected C4 inferior once.*first in row 5"),
        ("C2,inferior", "C2,superior", r"row 2, column endplate: .*got C2 superior"),
        ("C4,superior", "L4,superior", r"row 5, column vertebra: Expected a cervical vertebra .*got L4"),
        ("png,r1,human,C4", "png,r1,robot,C4", r"row 5, column reader_kind: Expected 'human' as in row 2.*got 'robot'"),
        ("png,r1,human,C2", "png,r1,robot,C2", r"row 2, column reader_kind: Expected one of human, .*got 'robot'"),
        ("png,r1,human,C4", "png,,human,C4", r"row 5, column reader: Expected a value"),
        ("reader 1.0", "other", r"row 3, column software: Expected 'other' as in row 2"),
        ("reader_kind", "kind", r"row 1: .*got also 'kind'"),
        (",not_visible", "", r"row 1: .*none named 'not_visible'"),
        ("image,reader,", "image,image,", r"row 1: Expected each column once, got 'image' 2 times"),
        ("C4,superior,,0", 'C4,superior,"a"b,0', r"row 5: Expected comma-separated values"),
        ("C4,superior,,0", "C4,superior,,0,1,2,3,4", r"row 5, column software: Expected 9 cells, got 13"),
        ("C4,superior,,0,2024-05-31T12:00:00+00:00,reader 1.0", "C4,superior", r"row 5, column lesions: .*got 5"),
    ],
)
def test_a_fault_is_named_by_row_and_column(table: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ReadingError, match=message):
        readings_csv.load(changed(table, old, new))


def test_a_missing_corner_is_named(table: Path) -> None:
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(line for line in lines if "C4,superior" not in line), encoding="utf-8")
    with pytest.raises(ReadingError, match=r"readings.csv, row 2, image cervical.png: .*missing C4 superior"):
        readings_csv.load(table)


@pytest.mark.parametrize(
    ("time", "message"),
    [("yesterday", "column read_at: .*got 'yesterday'"), ("2024-05-31T12:00:00", "offset from UTC")],
)
def test_a_time_needs_its_offset(table: Path, time: str, message: str) -> None:
    with pytest.raises(ReadingError, match=message):
        readings_csv.load(changed(table, "2024-05-31T12:00:00+00:00", time, count=24))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty.csv: .*got an empty file"),
        (b"image;reader;reader_kind\n", "separated by commas, got 'image;reader;reader_kind'"),
        ("image,reader\nné,r".encode("latin-1"), "row 2: Expected UTF-8 text, got the byte 0xe9"),
        ("image,reader".encode("utf-16"), "row 1: Expected UTF-8 text, got the byte 0xff"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(content)
    with pytest.raises(ReadingError, match=message):
        readings_csv.load(path)


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "readings.csv"
    path.write_text(readings_csv.dump([]), encoding="utf-8")
    with pytest.raises(ReadingError, match="at least one corner, got none"):
        readings_csv.load(path)


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match=r"absent.csv: Expected a readable CSV file, got: No such file"):
        readings_csv.load(tmp_path / "absent.csv")


def test_a_file_far_too_large_is_refused(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "LARGEST_TABLE_BYTES", 100)
    with pytest.raises(ReadingError, match=r"readings\.csv: Expected a table of at most 100 bytes, got \d+"):
        readings_csv.load(table)


def test_every_corner_has_a_row(table: Path) -> None:
    rows = table.read_text(encoding="utf-8").splitlines()[1:]
    assert [tuple(row.split(",")[3:5]) for row in rows] == [(c.vertebra.value, c.endplate.value) for c in CORNERS]
