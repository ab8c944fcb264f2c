from dataclasses import replace
from pathlib import Path

import pytest

from msasss.anatomy import Region
from msasss.cohort import RegionSource, Sex, check_cohort, load_cohort
from msasss.cohort.importing import read_visits, write_imported
from msasss.errors import InputError, UsageError
from msasss.formats import buu_lspine, csxa, label_studio
from support import annotations
from support.cohorts import column


def test_imported_films_are_a_cohort_without_a_fault(tmp_path: Path):
    films = csxa.load(annotations.csxa(tmp_path / "csxa")).films
    out = tmp_path / "cohort"
    (visit,) = write_imported(films, out)
    assert (visit.patient, visit.images) == ("csxa-0001035", {Region.CERVICAL: "0001035.png"})
    assert check_cohort(out).problems == ()
    cohort = load_cohort(out)
    assert cohort.landmarks[0].landmarks == films[0].landmarks
    assert cohort.images["0001035.png"].region_from is RegionSource.PERSON
    assert cohort.film("0001035.png").width_px == annotations.WIDTH_PX


def test_films_of_one_patient_are_visits_of_that_patient(tmp_path: Path):
    annotations.buu_lspine(tmp_path / "buu", "0169-F-044Y1")
    films = buu_lspine.load(annotations.buu_lspine(tmp_path / "buu", "0169-F-046Y1")).films
    write_imported(films, tmp_path / "cohort")
    cohort = load_cohort(tmp_path / "cohort")
    assert [(it.patient, it.visit) for it in cohort.visits] == [("buu-0169", "1"), ("buu-0169", "2")]
    assert (cohort.patients["buu-0169"].sex, cohort.patients["buu-0169"].age) == (Sex.FEMALE, 44.0)


def test_a_film_read_by_two_is_one_image(tmp_path: Path):
    annotations.picture(tmp_path / "a.png")
    films = label_studio.load(annotations.write_json(tmp_path / "e.json", annotations.studio_content()), tmp_path).films
    (visit,) = write_imported(films, tmp_path / "cohort")
    assert (visit.patient, visit.visit) == ("a", "1")
    assert [it.reader for it in load_cohort(tmp_path / "cohort").landmarks] == ["label-studio-4", "label-studio-5"]


def test_links_lead_to_the_images(tmp_path: Path):
    films = csxa.load(annotations.csxa(tmp_path / "csxa")).films
    write_imported(films, tmp_path / "cohort", link=True)
    assert (tmp_path / "cohort" / "images" / "0001035.png").is_symlink()
    assert check_cohort(tmp_path / "cohort").problems == ()


def test_given_visits_say_whose_the_images_are(tmp_path: Path):
    films = csxa.load(annotations.csxa(tmp_path / "csxa")).films
    table = tmp_path / "mine.csv"
    header = "patient,visit,cervical_image,cervical_date,lumbar_image,lumbar_date\n"
    table.write_text(
        f"{header}p7,V1,0001035.png,2020-01-02,unread.png,2020-01-03\np8,V1,other.png,,,\n", encoding="utf-8"
    )
    (visit,) = write_imported(films, tmp_path / "cohort", visits=read_visits(table))
    assert (visit.patient, visit.images) == ("p7", {Region.CERVICAL: "0001035.png"})
    assert list(visit.dates) == [Region.CERVICAL]
    table.write_text(f"{header}p7,V1,,,0001035.png,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"0001035.png as a cervical image of a visit in visits.csv, got lumbar"):
        write_imported(films, tmp_path / "again", visits=read_visits(table))
    table.write_text(f"{header}p7,V1,b.png,,,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"visits.csv, got none"):
        write_imported(films, tmp_path / "again", visits=read_visits(table))


def test_films_that_contradict_each_other_are_refused(tmp_path: Path):
    (film,) = csxa.load(annotations.csxa(tmp_path / "csxa")).films
    out = tmp_path / "cohort"
    other = replace(film, landmarks=column(Region.LUMBAR))
    with pytest.raises(InputError, match=r"got points of both on 0001035.png"):
        write_imported([film, other], out)
    with pytest.raises(InputError, match=r"got two files named 0001035.png"):
        write_imported([film, replace(film, file=tmp_path / "b.png")], out)
    with pytest.raises(InputError, match=r"below its folder, got '../a.png'"):
        write_imported([replace(film, image="../a.png")], out)
    with pytest.raises(InputError, match="at least one annotated film, got none"):
        write_imported([], out)
    assert not out.exists()


def test_a_cohort_that_exists_is_not_touched(tmp_path: Path):
    films = csxa.load(annotations.csxa(tmp_path / "csxa")).films
    with pytest.raises(UsageError, match=r"new folder, got .*csxa, which exists"):
        write_imported(films, tmp_path / "csxa")


def test_a_failed_import_leaves_nothing_behind(tmp_path: Path):
    (film,) = csxa.load(annotations.csxa(tmp_path / "csxa")).films
    with pytest.raises(UsageError, match=r"folder that can be written, got .*cohort .No such file"):
        write_imported([replace(film, file=tmp_path / "gone.png")], tmp_path / "cohort")
    assert [path.name for path in tmp_path.iterdir()] == ["csxa"]
