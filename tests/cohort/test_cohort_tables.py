from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import Region
from msasss.cohort import CohortVisit, Fold, ImageNote, Patient, Quality, RegionSource, Sex
from msasss.cohort.layout import image_path, is_inside
from msasss.cohort.tables import (
    CLINICAL,
    IMAGE_COLUMNS,
    PATIENT_COLUMNS,
    SPLIT_COLUMNS,
    VISIT_COLUMNS,
    dump_images,
    dump_patients,
    dump_split,
    dump_visits,
    row_fold,
    row_image,
    row_patient,
    row_visit,
)
from msasss.errors import InputError, PairingError
from msasss.formats.tables import read_rows
from msasss.imaging import PixelSpacing, SpacingSource

NAME = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="\\/"), min_size=1, max_size=8).filter(
    lambda text: text not in {".", ".."}
)
DAY = st.dates(date(2020, 1, 1), date(2020, 3, 31))
YEARS = st.none() | st.floats(0, 120)
FLAG = st.none() | st.booleans()


@st.composite
def visits(draw: st.DrawFn) -> CohortVisit:
    images = draw(st.dictionaries(st.sampled_from(Region), NAME.filter(is_inside), min_size=1))
    dates = {region: draw(DAY) for region in images if draw(st.booleans())}
    return CohortVisit(draw(NAME), draw(NAME), images, dates)


PATIENTS = st.builds(
    Patient,
    NAME,
    st.none() | st.sampled_from(Sex),
    st.none() | st.integers(1880, 2100),
    YEARS,
    YEARS,
    FLAG,
    FLAG,
    FLAG,
    st.fixed_dictionaries({}, optional={name: st.floats(*bounds) for name, bounds in CLINICAL.items()}),
)
NOTES = st.builds(
    ImageNote,
    NAME,
    st.none() | st.sampled_from(Quality),
    FLAG,
    st.none() | NAME,
    st.none() | NAME,
    st.none() | st.builds(PixelSpacing, st.floats(0.01, 5), st.sampled_from(SpacingSource)),
    st.none() | st.sampled_from(RegionSource),
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables") / "table.csv"


@given(rows=st.lists(visits(), max_size=3))
def test_visits_that_are_written_are_read_back(rows: list[CohortVisit], table: Path):
    table.write_text(dump_visits(rows), encoding="utf-8")
    assert [row_visit(row) for row in read_rows(table, VISIT_COLUMNS)] == rows


@given(rows=st.lists(PATIENTS, max_size=3))
def test_patients_that_are_written_are_read_back(rows: list[Patient], table: Path):
    table.write_text(dump_patients(rows), encoding="utf-8")
    assert [row_patient(row) for row in read_rows(table, PATIENT_COLUMNS)] == rows


@given(rows=st.lists(NOTES, max_size=3))
def test_notes_that_are_written_are_read_back(rows: list[ImageNote], table: Path):
    table.write_text(dump_images(rows), encoding="utf-8")
    assert [row_image(row) for row in read_rows(table, IMAGE_COLUMNS)] == rows


@given(folds=st.dictionaries(NAME, st.sampled_from(Fold), max_size=4))
def test_folds_that_are_written_are_read_back(folds: dict[str, Fold], table: Path):
    table.write_text(dump_split(folds), encoding="utf-8")
    assert dict(row_fold(row) for row in read_rows(table, SPLIT_COLUMNS)) == folds


def test_a_visit_needs_an_image():
    with pytest.raises(PairingError, match="image of visit V1, got none"):
        CohortVisit("p1", "V1", {})


def test_a_set_has_both_views_and_the_date_of_the_later():
    both = CohortVisit("p1", "V1", {region: region.value for region in Region}, {Region.CERVICAL: date(2020, 3, 1)})
    assert both.is_set
    assert both.visit_date == date(2020, 3, 1)
    alone = CohortVisit("p1", "V1", {Region.LUMBAR: "l.png"})
    assert not alone.is_set
    assert alone.visit_date is None


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.png", "a/../b.png", "C:\\a.png", "a\\b.png", "C:a.png", ""])
def test_a_name_that_leads_out_of_the_image_folder_is_refused(name: str):
    assert not is_inside(name)


def test_images_may_lie_in_subfolders():
    assert is_inside("centre-a/p1.dcm")
    assert image_path(Path("c"), "centre-a/p1.dcm") == Path("c/images/centre-a/p1.dcm")


def test_a_spacing_of_zero_is_refused(table: Path):
    table.write_text("image,spacing_mm\na.png,0\n", encoding="utf-8")
    (row,) = read_rows(table, IMAGE_COLUMNS)
    with pytest.raises(InputError, match="row 2, column spacing_mm: Expected a positive pixel spacing in mm, got 0"):
        row_image(row)
