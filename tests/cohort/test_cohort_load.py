from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from msasss.anatomy import Corner, Endplate, Region, Vertebra
from msasss.cohort import Fold, Sex, load_cohort, reference_readings, traits_of
from msasss.cohort.layout import image_path
from msasss.dicom import write_radiograph
from msasss.errors import InputError, RadiographError, ReadingError, UsageError
from msasss.imaging import PixelSpacing, SpacingSource
from msasss.reading import Lesion
from support.cohorts import changed, readings
from support.films import phantom

BRIDGED = Corner(Vertebra.C4, Endplate.INFERIOR)


def test_small_tables_are_read_at_once(cohort: Path):
    loaded = load_cohort(cohort)
    assert [(it.patient, it.visit) for it in loaded.visits] == [("p1", "V1"), ("p1", "V2"), ("p2", "V1"), ("p3", "V1")]
    assert loaded.visits[0].dates == {Region.CERVICAL: date(2020, 3, 1), Region.LUMBAR: date(2020, 3, 20)}
    assert (loaded.patients["p1"].sex, loaded.patients["p1"].clinical) == (Sex.MALE, {"basdai": 4.2})
    assert loaded.patients["p2"].modified_new_york is False
    assert loaded.images["p2-V1-l.png"].implant is True
    assert loaded.folds == {"p1": Fold.TRAIN, "p2": Fold.VALIDATION, "p3": Fold.TEST}
    assert [it.visit for it in loaded.visits_in(Fold.TRAIN)] == ["V1", "V2"]


def test_readings_get_the_probabilities_of_their_reader(cohort: Path):
    loaded = load_cohort(cohort)
    first, *others = loaded.readings
    assert first[BRIDGED].probabilities == {Lesion.BRIDGE: 0.93}
    assert first[BRIDGED].not_visible_probability == 0.02
    assert all(finding.probabilities is None for reading in others for finding in reading)
    assert len(loaded.landmarks) == 2


def test_large_tables_are_read_when_they_are_asked_for(cohort: Path):
    changed(cohort, "readings.csv", "C2,inferior,bridge", "C2,inferior,spur")
    loaded = load_cohort(cohort)
    with pytest.raises(ReadingError, match="got 'spur'"):
        _ = loaded.readings


def test_a_large_table_is_read_once(cohort: Path):
    loaded = load_cohort(cohort)
    assert loaded.readings is loaded.readings
    with pytest.raises(FrozenInstanceError):
        loaded.visits = ()  # type: ignore[misc]


def test_tables_that_are_not_there_are_empty(cohort: Path):
    for name in ("patients", "images", "landmarks", "readings", "probabilities", "split"):
        (cohort / f"{name}.csv").unlink()
    loaded = load_cohort(cohort)
    assert (loaded.patients, loaded.images, loaded.folds) == ({}, {}, {})
    assert (loaded.readings, loaded.landmarks, loaded.probabilities) == ((), (), ())
    assert loaded.visits_in(Fold.TEST) == ()


def test_a_fault_is_refused_with_the_number_of_others(cohort: Path):
    changed(cohort, "patients.csv", "male", "man")
    changed(cohort, "split.csv", "p2,validation", "p1,validation")
    with pytest.raises(InputError, match=r"patients.csv, row 2, column sex: .*got 'man'.* 1 more; msasss cohort check"):
        load_cohort(cohort)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="but nowhere is none"):
        load_cohort(tmp_path / "nowhere")


def test_a_film_is_whose_the_tables_say(cohort: Path):
    film = load_cohort(cohort).film("p1-V1-c.png")
    assert (film.uid, film.source, film.patient_key) == ("p1-V1-c.png", "p1-V1-c.png", "p1")
    assert film.acquired_on == date(2020, 3, 1)
    assert film.spacing == PixelSpacing(0.15, SpacingSource.DETECTOR)


def test_a_dicom_film_keeps_its_spacing_and_loses_what_its_header_says_of_the_patient(cohort: Path):
    changed(cohort, "images.csv", "p1-V1-c.png", "p3.dcm")
    changed(cohort, "visits.csv", "p3-V1-c.png", "p3.dcm")
    write_radiograph(
        image_path(cohort, "p3.dcm"),
        phantom(),
        spacing_mm=0.2,
        patient_id="SECRET",
        study_date=date(2019, 1, 1),
        region=Region.CERVICAL,
    )
    film = load_cohort(cohort).film("p3.dcm")
    assert (film.patient_key, film.acquired_on, film.study_uid) == ("p3", None, None)
    assert film.spacing is not None
    assert film.spacing.mm == pytest.approx(0.2)
    assert film.pixels.shape == phantom().shape
    assert np.corrcoef(film.pixels.ravel(), phantom().ravel())[0, 1] > 0.99


def test_an_image_that_no_visit_names_is_refused(cohort: Path):
    with pytest.raises(InputError, match=r"visits\.csv names, got 'other.png'"):
        load_cohort(cohort).film("other.png")


def test_an_image_without_its_file_is_refused(cohort: Path):
    image_path(cohort, "p1-V1-c.png").unlink()
    with pytest.raises(RadiographError, match=r"p1-V1-c\.png: Expected a file below images/, got none"):
        load_cohort(cohort).film("p1-V1-c.png")


def test_the_consensus_is_the_reference_and_otherwise_all_persons():
    persons = [it for it in readings() if it.reader.id != "consensus"]
    assert {it.reader.id for it in reference_readings(readings())["p1-V1-c.png"]} == {"consensus"}
    assert {it.reader.id for it in reference_readings(persons)["p1-V1-c.png"]} == {"r1", "r2"}


def test_traits_follow_the_reference(cohort: Path):
    first, second, third = traits_of(load_cohort(cohort))
    assert (first.patient, first.visits, first.score) == ("p1", 2, 4.0)  # a syndesmophyte on each of two films
    assert first.lesions == {Lesion.SYNDESMOPHYTE}
    assert (second.score, second.lesions, third.visits) == (None, frozenset(), 1)
