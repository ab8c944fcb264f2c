"""Films as a hospital has them become a cohort that names nobody."""

import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from msasss.anatomy import Region
from msasss.cohort import RegionSource, check_cohort, load_cohort
from msasss.dicom import read_radiograph, write_radiograph
from msasss.errors import PairingError, UsageError
from msasss.imaging import SpacingSource
from msasss.pipeline.cohort_building import BuiltCohort, CohortPlan, ImageForm, build_cohort
from msasss.pipeline.intake import Failure, stream
from support.exams import KnownColumns, column
from support.films import phantom

FIRST, LATER = date(2020, 3, 1), date(2022, 3, 1)
LOCALISER = KnownColumns({f"{it}{n}.dcm": column(Region(it)) for it in ("cervical", "lumbar") for n in ("", 1, 2)})


def dicom(path: Path, region: Region, *, patient: str = "SECRET-1", day: date = FIRST, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_radiograph(path, phantom(seed), spacing_mm=0.2, patient_id=patient, study_date=day, region=region)
    return path


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with two sets of one patient, and a cervical film alone of another."""
    folder = tmp_path / "films"
    for number, day in ((1, LATER), (2, FIRST)):
        for region in Region:
            dicom(folder / f"{region.value}{number}.dcm", region, day=day, seed=number)
    dicom(folder / "cervical.dcm", Region.CERVICAL, patient="SECRET-2", seed=3)
    (folder / "notes.txt").write_text("SECRET-1 is the patient")
    return folder


def built(folder: Path, out: Path, *, inputs: Sequence[Path] = (), **options: object) -> BuiltCohort:
    plan = CohortPlan(out, out.with_name("key.csv"), **options)  # type: ignore[arg-type]
    given = inputs or [folder]
    return build_cohort(stream(given), plan, inputs=given)


def test_films_become_visits_in_the_order_of_their_dates(films: Path, tmp_path: Path):
    out = tmp_path / "cohort"
    result = built(films, out, localiser=LOCALISER)
    assert result.failures == ()
    cohort = load_cohort(out)
    assert check_cohort(out).problems == ()
    assert {visit.patient for visit in cohort.visits} == {"P0001", "P0002"}
    (alone,) = (visit for visit in cohort.visits if not visit.is_set)
    first, later = (visit for visit in cohort.visits if visit.is_set)
    assert (first.visit, first.visit_date, later.visit, later.visit_date) == ("V1", FIRST, "V2", LATER)
    assert alone.images == {Region.CERVICAL: f"{alone.patient}-V1-cervical.png"}


def test_pixels_and_spacing_are_those_of_the_files(films: Path, tmp_path: Path):
    built(films, tmp_path / "cohort", localiser=LOCALISER)
    cohort = load_cohort(tmp_path / "cohort")
    (visit,) = (visit for visit in cohort.visits if visit.visit == "V2")
    film = cohort.film(visit.images[Region.LUMBAR])
    original = read_radiograph(films / "lumbar1.dcm")
    assert np.abs(film.pixels - original.pixels).max() < 1 / 4095  # a grey level of 12 bits
    assert film.spacing is not None
    assert original.spacing is not None
    assert film.spacing.mm == pytest.approx(original.spacing.mm)
    assert film.spacing.source is SpacingSource.DETECTOR


def test_nothing_in_the_cohort_names_a_patient(films: Path, tmp_path: Path):
    built(films, tmp_path / "cohort", localiser=LOCALISER)
    files = [path for path in (tmp_path / "cohort").rglob("*") if path.is_file()]
    assert len(files) == 5 + 2
    for path in files:
        assert "SECRET" not in path.name
        assert b"SECRET" not in path.read_bytes()
        assert b"dcm" not in path.read_bytes()


def test_the_key_lies_apart_and_is_for_its_owner_alone(films: Path, tmp_path: Path):
    built(films, tmp_path / "cohort", localiser=LOCALISER)
    key = tmp_path / "key.csv"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    text = key.read_text(encoding="utf-8")
    assert text.count("SECRET-1") == 4
    assert text.count("SECRET-2") == 1
    assert "lumbar1.dcm" in text


def test_numbers_of_patients_do_not_depend_on_the_order_of_files(films: Path, tmp_path: Path):
    first = built(films, tmp_path / "a" / "cohort", localiser=LOCALISER)
    files = sorted(films.glob("*.dcm"), reverse=True)
    assert built(films, tmp_path / "b" / "cohort", inputs=files, localiser=LOCALISER) == first


def test_without_a_localiser_the_header_is_believed_and_the_table_says_so(films: Path, tmp_path: Path):
    built(films, tmp_path / "cohort")
    notes = load_cohort(tmp_path / "cohort").images.values()
    assert {note.region_from for note in notes} == {RegionSource.HEADER}
    built(films, tmp_path / "other" / "cohort", localiser=LOCALISER)
    assert load_cohort(tmp_path / "other" / "cohort").images["P0001-V1-cervical.png"].region_from is RegionSource.PIXELS


@pytest.mark.parametrize("form", [ImageForm.COPY, ImageForm.LINK])
def test_files_may_be_kept_as_they_are(films: Path, tmp_path: Path, form: ImageForm):
    built(films, tmp_path / "cohort", localiser=LOCALISER, form=form)
    (image,) = (tmp_path / "cohort" / "images").glob("*-V2-lumbar.dcm")
    assert image.is_symlink() == (form is ImageForm.LINK)
    assert image.read_bytes() == (films / "lumbar1.dcm").read_bytes()
    assert check_cohort(tmp_path / "cohort").problems == ()


def test_files_of_one_name_in_two_folders_are_told_apart(tmp_path: Path):
    first = dicom(tmp_path / "a" / "cervical.dcm", Region.CERVICAL, patient="p1", seed=1)
    second = dicom(tmp_path / "b" / "cervical.dcm", Region.CERVICAL, patient="p2", seed=2)
    result = built(tmp_path, tmp_path / "cohort", inputs=[first.parent, second.parent], form=ImageForm.COPY)
    assert len(result.visits) == 2
    images = (tmp_path / "cohort" / "images").iterdir()
    assert {it.read_bytes() for it in images} == {first.read_bytes(), second.read_bytes()}


def test_films_that_fail_are_left_out_and_named(films: Path, tmp_path: Path):
    dicom(films / "hand.dcm", Region.LUMBAR, patient="SECRET-3")
    (films / "broken.dcm").write_text("dear colleague")
    dicom(films / "lumbar.dcm", Region.LUMBAR, day=FIRST, seed=9)
    result = built(films, tmp_path / "cohort", localiser=LOCALISER)
    sources = [failure.source for failure in result.failures]
    assert sources[:2] == ["broken.dcm", "hand.dcm"]
    assert "do not pair into visits" in result.failures[2].message
    assert {"lumbar.dcm", "lumbar2.dcm"} < set(sources[2].split(", "))
    assert len(list((tmp_path / "cohort" / "images").iterdir())) == 3
    assert check_cohort(tmp_path / "cohort").problems == ()


def test_a_header_that_names_no_region_is_a_failure(tmp_path: Path):
    film = read_radiograph(dicom(tmp_path / "a.dcm", Region.LUMBAR))
    plan = CohortPlan(tmp_path / "cohort", tmp_path / "key.csv")
    with pytest.raises(
        PairingError, match=r"none among 0 read and 1 failed. First: a.dcm: Expected a header that names"
    ):
        build_cohort([replace(film, claimed_region=None)], plan)
    assert not (tmp_path / "cohort").exists()
    assert not (tmp_path / "key.csv").exists()


def test_a_film_inside_an_archive_cannot_be_linked(tmp_path: Path):
    film = read_radiograph(dicom(tmp_path / "a.dcm", Region.LUMBAR), source="films.zip/a.dcm")
    plan = CohortPlan(tmp_path / "cohort", tmp_path / "key.csv", ImageForm.LINK)
    with pytest.raises(
        PairingError, match=r"films.zip/a.dcm: Expected a file to copy or link, got one inside an archive"
    ):
        build_cohort([film], plan, inputs=[tmp_path])


def test_no_film_at_all_is_refused(tmp_path: Path):
    with pytest.raises(PairingError, match=r"got none among 0 read and 0 failed.$"):
        build_cohort([], CohortPlan(tmp_path / "cohort", tmp_path / "key.csv"))


def test_the_key_does_not_go_into_the_cohort_nor_over_a_file(tmp_path: Path):
    with pytest.raises(UsageError, match=r"key to patients outside the cohort, got .*inside\.csv"):
        CohortPlan(tmp_path / "cohort", tmp_path / "cohort" / "inside.csv")
    (tmp_path / "key.csv").write_text("")
    with pytest.raises(UsageError, match=r"new file for the key to patients, got .*key.csv"):
        CohortPlan(tmp_path / "cohort", tmp_path / "key.csv")


def test_a_cohort_that_exists_is_not_touched(films: Path, tmp_path: Path):
    with pytest.raises(UsageError, match=r"new folder, got .*films, which exists"):
        built(films, films, localiser=LOCALISER)


def test_a_stream_hands_on_each_film_once_and_each_failure(films: Path):
    (films / "again.dcm").write_bytes((films / "cervical.dcm").read_bytes())
    (films / "broken.dcm").write_text("dear colleague")
    items = list(stream([films]))
    assert [it.source for it in items if isinstance(it, Failure)] == ["broken.dcm"]
    assert len([it for it in items if not isinstance(it, Failure)]) == 5
    with pytest.raises(UsageError, match="gone does not exist"):
        list(stream([films / "gone"]))
