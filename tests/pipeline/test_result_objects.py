"""All objects of an exam at once, and the keys by which the same result is known again."""

import shutil
from io import BytesIO

import pytest
from pydicom import dcmread

from msasss.anatomy import Region
from msasss.dicom import read_radiograph
from msasss.dicom.source_headers import read_headers
from msasss.dicom.structured_report import ReportKind
from msasss.errors import NoImageError, PairingError
from msasss.pipeline import result_objects as module
from msasss.pipeline.intake import gather
from msasss.pipeline.result_objects import (
    ResultKind,
    ResultOptions,
    exam_key,
    kind_of_file,
    kinds_available,
    result_files,
    result_key,
    result_objects,
)
from msasss.pipeline.score import score_exam
from msasss.scoring import MSASSS, SquaringPolicy, with_squaring
from support.exams import BrightnessReader
from support.node_doubles import SquareLocaliser, write_film
from support.report_exams import without_pixels

QUICK = (ResultKind.REPORT, ResultKind.PRESENTATION_STATE)
WEIGHTS = {"localiser": "ab" * 32, "lesions": "cd" * 32}


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return [write_film(tmp_path_factory.mktemp("films"), region) for region in Region]


@pytest.fixture(scope="module")
def exam(films):
    radiographs = [read_radiograph(film) for film in films]
    return score_exam(radiographs, SquareLocaliser(), BrightnessReader(), weights=WEIGHTS)


@pytest.fixture(scope="module")
def headers(films):
    return read_headers(films)


def test_an_exam_becomes_a_report_two_overlays_two_presentation_states_and_a_pdf(exam, headers):
    made = result_objects(exam, headers)
    kinds = [item.Modality for item in made]
    assert kinds == ["SR", "OT", "OT", "PR", "PR", "DOC"][: 5 + (ResultKind.PDF in kinds_available())]
    assert len({item.SOPInstanceUID for item in made}) == len(made)


def test_files_are_named_by_kind_and_number_and_hold_the_objects(exam, headers):
    files = result_files(exam, headers, ResultOptions(QUICK), uid_seed="seed")
    assert list(files) == ["sr-1.dcm", "gsps-1.dcm", "gsps-2.dcm"]
    assert [kind_of_file(name) for name in files] == [QUICK[0], QUICK[1], QUICK[1]]
    assert dcmread(BytesIO(files["sr-1.dcm"])).Modality == "SR"


def test_one_seed_makes_the_same_objects_again_and_another_one_others(exam, headers):
    options = ResultOptions(QUICK)
    assert result_files(exam, headers, options, uid_seed="a") == result_files(exam, headers, options, uid_seed="a")
    uids = [{item.SOPInstanceUID for item in result_objects(exam, headers, options, uid_seed=seed)} for seed in "ab"]
    assert not uids[0] & uids[1]


def test_options_choose_the_class_of_the_report(exam, headers):
    options = ResultOptions((ResultKind.REPORT,), ReportKind.COMPREHENSIVE)
    [report] = result_objects(exam, headers, options)
    assert report.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.33"


def test_an_exam_without_pixels_has_no_overlay(exam, headers):
    assert result_objects(without_pixels(exam), headers, ResultOptions((ResultKind.OVERLAY,))) == ()


def test_what_we_made_is_never_taken_for_a_film(exam, headers, films, tmp_path):
    files = result_files(exam, headers, ResultOptions((ResultKind.OVERLAY,)))
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(NoImageError, match="got a result of this software"):
            read_radiograph(tmp_path / name)
    shutil.copy(films[0], tmp_path)
    found = gather([tmp_path])
    assert (len(found.radiographs), found.failures, found.ignored) == (1, (), 2)


def test_films_without_a_header_are_named(exam):
    with pytest.raises(PairingError, match="Expected the DICOM header of the film that was read, got none"):
        result_objects(exam, {}, ResultOptions(QUICK))


def test_without_the_extra_no_pdf_is_promised(monkeypatch):
    def refuse(page: str) -> bytes:
        raise module.UsageError(page)

    kinds_available.cache_clear()
    monkeypatch.setattr(module, "page_to_pdf", refuse)
    try:
        assert ResultKind.PDF not in kinds_available()
    finally:
        kinds_available.cache_clear()


def test_a_result_is_known_by_films_weights_and_rules_in_any_order():
    key = result_key(["1.2", "1.3"], WEIGHTS, MSASSS)
    assert key == result_key(["1.3", "1.2"], dict(reversed(WEIGHTS.items())), MSASSS)
    others = [
        result_key(["1.2"], WEIGHTS, MSASSS),
        result_key(["1.2", "1.3"], {**WEIGHTS, "lesions": "ef" * 32}, MSASSS),
        result_key(["1.2", "1.3"], WEIGHTS, with_squaring(MSASSS, SquaringPolicy.NO_CERVICAL)),
    ]
    assert len({key, *others}) == 4


def test_an_exam_is_known_by_all_that_it_says(exam, films):
    again = score_exam([read_radiograph(film) for film in films], SquareLocaliser(), BrightnessReader(threshold=0.01))
    assert exam_key(exam) == exam_key(exam)
    assert exam_key(exam) != exam_key(again)
