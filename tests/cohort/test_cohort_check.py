"""Every fault of a cohort is listed, by file, row and column, with rule, value and cure."""

import re
from pathlib import Path

import pytest

from msasss.cohort import Problem, check_cohort
from msasss.errors import UsageError
from support.cohorts import changed


def problems(folder: Path, *, pixels: bool = True) -> tuple[Problem, ...]:
    return check_cohort(folder, pixels=pixels).problems


def places(folder: Path) -> list[tuple[str, int | None, str | None]]:
    return [(it.file, it.row, it.column) for it in problems(folder)]


def test_a_sound_cohort_has_no_problem(cohort: Path):
    report = check_cohort(cohort)
    assert report.problems == ()
    assert (report.patients, report.visits, report.sets, report.images) == (3, 4, 3, 7)
    assert (report.readings, report.readers) == (6, ("consensus", "r1", "r2"))


@pytest.mark.parametrize(
    ("table", "old", "new", "place", "message"),
    [
        ("readings.csv", "C2,inferior,bridge", "C2,inferior,bone spur", (2, "lesions"), "got 'bone spur'. Correct"),
        ("readings.csv", "C4,inferior,,0", "C4,superior,,0", (6, "endplate"), "C4 superior once.*first in row 5"),
        ("readings.csv", "C4,inferior,,0", "C9,inferior,,0", (6, "vertebra"), "got 'C9'"),
        ("readings.csv", "C4,inferior,,0", "L4,inferior,,0", (6, "vertebra"), "as a cervical image, got L4"),
        ("readings.csv", "C4,inferior,,0", "C4,inferior,,maybe", (6, "not_visible"), "1 or 0, got 'maybe'"),
        ("readings.csv", "C2,inferior,bridge,0", "C2,inferior,bridge,1", (2, "not_visible"), "no lesion, got bridge"),
        ("readings.csv", "human,C4,inferior", "model,C4,inferior", (6, "reader_kind"), "'human' as in row 2"),
        ("readings.csv", "p1-V1-c.png,r1,human,C4", ",r1,human,C4", (5, "image"), "got an empty cell"),
        ("landmarks.csv", "C2,lower_anterior", "C2,front", (2, "point"), "got 'front'"),
        ("landmarks.csv", "C2,lower_anterior,40.0", "C2,lower_anterior,140.0", (2, "x_px"), "120 x 160 px, got 140"),
        ("landmarks.csv", "C2,lower_anterior,40.0,24.0", "C2,lower_anterior,40.0,-3", (2, "y_px"), "got -3"),
        ("landmarks.csv", "C2,lower_anterior,40.0", "C2,lower_anterior,forty", (2, "x_px"), "got 'forty'"),
        ("landmarks.csv", "C2,centre", "L2,centre", (3, "vertebra"), "a cervical vertebra.*got L2"),
        ("landmarks.csv", "C3,upper_anterior", "C2,centre", (4, "point"), "C2 centre once"),
        ("probabilities.csv", "bridge,0.93", "bridge,1.93", (2, "probability"), r"\[0, 1\], got '1.93'"),
        ("probabilities.csv", "bridge,0.93", "spur,0.93", (2, "lesion"), "got 'spur'"),
        ("probabilities.csv", "not_visible,0.02", "bridge,0.02", (3, "lesion"), "bridge once"),
        ("probabilities.csv", "r1,C4,inferior,bridge", "r9,C4,inferior,bridge", (2, "reader"), "reading of .* by r9"),
        ("visits.csv", "p2-V1-c.png,2021-05-05,p2-V1-l.png,2021-05-05", ",,,", (4, "cervical_image"), "got neither"),
        ("visits.csv", "2020-03-20", "2020-06-20", (2, "lumbar_date"), "92 days. apart, got 111 days"),
        ("visits.csv", "2020-03-20", "20/3/2020", (2, "lumbar_date"), "got '20/3/2020'. Write year"),
        ("visits.csv", "p3-V1-c.png,,,", "p3-V1-c.png,,,2020-01-01", (5, "lumbar_date"), "without a lumbar image"),
        ("visits.csv", "p1,V2", "p1,V1", (3, "visit"), "p1 V1 once, got it again .first in row 2"),
        ("visits.csv", "p2-V1-l.png", "p1-V1-c.png", (4, "lumbar_image"), "of one region, got p1-V1-c.png again"),
        ("visits.csv", "p3-V1-c.png", "p3-gone.png", (5, "cervical_image"), "below images/, got none"),
        ("visits.csv", "p3-V1-c.png", "../p3-V1-c.png", (5, "cervical_image"), "below the image folder"),
        ("patients.csv", "male", "man", (2, "sex"), "got 'man'"),
        ("patients.csv", "p2,female", "p9,female", (3, "patient"), "visits.csv holds, got 'p9'"),
        ("patients.csv", "p2,female", "p1,female", (3, "patient"), "p1 once, got it again"),
        ("patients.csv", "1980", "80", (2, "birth_year"), "from 1880 to 2100, got '80'"),
        ("patients.csv", "1980", "1980.5", (2, "birth_year"), "a whole number, got '1980.5'"),
        ("patients.csv", "4.2", "42", (2, "basdai"), "from 0 to 10, got '42'"),
        ("images.csv", "good", "nice", (2, "quality"), "got 'nice'"),
        ("images.csv", "p2-V1-l.png", "p2.png", (3, "image"), "visits.csv holds, got 'p2.png'"),
        ("split.csv", "p2,validation", "p2,holdout", (3, "fold"), "got 'holdout'"),
        ("split.csv", "p3,test", "p3,test\np1,test", (5, "fold"), "p1 in test and, in row 2, in train"),
        ("split.csv", "p3,test\n", "", (None, "patient"), "got none for p3"),
    ],
)
def test_a_fault_is_named_by_row_column_rule_and_cure(
    cohort: Path, table: str, old: str, new: str, place: tuple[int | None, str], message: str
):
    found = [it for it in problems(changed(cohort, table, old, new)) if it.file == table]
    match = [it for it in found if (it.row, it.column) == place]
    assert len(match) == 1, found
    assert re.search(message, match[0].message)


def test_a_reader_who_misses_half_is_named_once_with_the_corners(cohort: Path):
    path = cohort / "readings.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:7], *lines[13:]]), encoding="utf-8")
    (problem,) = problems(cohort)
    assert (problem.file, problem.row, problem.column) == ("readings.csv", 2, "endplate")
    assert "12 corners of p1-V1-c.png by reader r1, got 6 (missing C5 inferior" in problem.message
    assert problem.message.endswith("with not_visible 1 where it could not be read.")


def test_a_misspelt_vertebra_is_not_also_called_a_missing_corner(cohort: Path):
    assert places(changed(cohort, "readings.csv", "C4,inferior,,0", "C9,inferior,,0")) == [
        ("readings.csv", 6, "vertebra")
    ]


def test_readings_of_an_image_that_no_visit_names_are_one_problem(cohort: Path):
    path = cohort / "readings.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("p1-V1-c.png,r2", "other.png,r2"), encoding="utf-8")
    (problem,) = problems(cohort)
    assert "visits.csv holds, got 'other.png'" in problem.message


def test_all_faults_are_listed_by_file_and_row(cohort: Path):
    changed(cohort, "visits.csv", "2020-03-20", "2021-03-20")
    changed(cohort, "readings.csv", "C2,inferior,bridge", "C2,inferior,spur;lump")
    changed(cohort, "readings.csv", "C4,inferior,,0", "C4,inferior,,x")
    changed(cohort, "split.csv", "p1,train", "p1,school")
    assert places(cohort) == [
        ("visits.csv", 2, "lumbar_date"),
        ("readings.csv", 2, "lesions"),
        ("readings.csv", 2, "lesions"),
        ("readings.csv", 6, "not_visible"),
        ("split.csv", 2, "fold"),
    ]


def test_a_row_that_is_too_short_does_not_hide_the_next(cohort: Path):
    changed(cohort, "patients.csv", "p1,male,1980,,26.5,1,1,1,4.2", "p1,male")
    changed(cohort, "patients.csv", "female", "woman")
    assert places(cohort) == [("patients.csv", 2, "birth_year"), ("patients.csv", 3, "sex")]


def test_an_image_that_cannot_be_read_is_named_where_the_visits_name_it(cohort: Path):
    (cohort / "images" / "p2-V1-l.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    (problem,) = problems(cohort)
    assert (problem.file, problem.row, problem.column) == ("visits.csv", 4, "lumbar_image")
    assert "p2-V1-l.png" in problem.message
    assert problems(cohort, pixels=False) == ()


def test_a_text_in_place_of_an_image_is_named(cohort: Path):
    (cohort / "images" / "p2-V1-l.png").write_text("dear colleague")
    assert "DICOM, PNG, JPEG or TIFF file, got something else" in problems(cohort)[0].message


def test_a_missing_image_is_found_without_decoding(cohort: Path):
    (cohort / "images" / "p2-V1-l.png").unlink()
    (problem,) = problems(cohort, pixels=False)
    assert (problem.row, problem.column) == (4, "lumbar_image")


def test_a_table_in_another_encoding_is_named_with_its_row(cohort: Path):
    path = cohort / "images.csv"
    path.write_bytes(path.read_text(encoding="utf-8").replace("Acme", "Müller").encode("latin-1"))
    (problem,) = problems(cohort)
    assert (problem.file, problem.row) == ("images.csv", 2)
    assert "got the byte 0xfc" in problem.message


def test_an_unreadable_table_of_visits_makes_no_orphans(cohort: Path):
    changed(cohort, "visits.csv", "cervical_image", "neck")
    (problem,) = problems(cohort)
    assert problem.file == "visits.csv"
    assert "got also 'neck'" in problem.message


def test_a_cohort_without_visits_says_so(cohort: Path):
    (cohort / "visits.csv").unlink()
    assert [it.file for it in problems(cohort)] == ["visits.csv"]
    (cohort / "visits.csv").write_text("patient,visit,cervical_image,cervical_date,lumbar_image,lumbar_date\n")
    assert "at least one visit, got none" in problems(cohort)[0].message


def test_a_table_of_labels_without_rows_is_named(cohort: Path):
    (cohort / "readings.csv").write_text("image,reader,reader_kind,vertebra,endplate,lesions,not_visible\n")
    (cohort / "probabilities.csv").unlink()
    (problem,) = problems(cohort)
    assert str(problem) == "readings.csv: Expected rows below the header, got none. Add them or remove the file."


def test_points_that_do_not_tell_the_side_are_named(cohort: Path):
    path = cohort / "landmarks.csv"
    rows = [line for line in path.read_text(encoding="utf-8").splitlines() if ",centre," not in line]
    path.write_text("\n".join(rows), encoding="utf-8")
    assert [it.column for it in problems(cohort)] == ["point", "point"]


def test_visits_alone_are_a_cohort(cohort: Path):
    for name in ("patients", "images", "landmarks", "readings", "probabilities", "split"):
        (cohort / f"{name}.csv").unlink()
    assert problems(cohort) == ()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="but nowhere is none"):
        check_cohort(tmp_path / "nowhere")
