"""`msasss cohort` through the real entry."""

import json
from pathlib import Path

import pytest

from msasss.anatomy import Region
from msasss.apps.cli import cohort_run
from msasss.apps.cli.main import main
from msasss.cohort import check_cohort, load_cohort
from support import annotations
from support.cohorts import changed, write_cohort
from support.exams import KnownColumns, column


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """The folder of a small cohort without a fault; see `support.cohorts`."""
    return write_cohort(tmp_path / "cohort")


@pytest.fixture
def localiser(monkeypatch: pytest.MonkeyPatch) -> None:
    known = KnownColumns({"cervical.dcm": column(Region.CERVICAL), "lumbar.dcm": column(Region.LUMBAR)})
    monkeypatch.setattr(cohort_run, "named_bundle", lambda name: name)
    monkeypatch.setattr(cohort_run, "open_localiser", lambda bundle, *, threads: known)


def test_a_sound_cohort_is_summed_up(cohort: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["cohort", "check", str(cohort)]) == 0
    out = capsys.readouterr().out
    assert out == "3 patients, 4 visits (3 with both views), 7 images, 6 readings by 3 readers: no problem\n"


def test_every_problem_is_a_line_and_the_command_ends_with_3(cohort: Path, capsys: pytest.CaptureFixture[str]):
    changed(cohort, "patients.csv", "male", "man")
    changed(cohort, "readings.csv", "C2,inferior,bridge", "C2,inferior,spur")
    assert main(["cohort", "check", str(cohort), "--no-pixels"]) == 3
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith("patients.csv, row 2, column sex: Expected one of female, male, other, got 'man'.")
    assert second.startswith("readings.csv, row 2, column lesions: Expected one of erosion,")
    assert last.endswith(": 2 problems")


def test_problems_can_be_had_as_json(cohort: Path, capsys: pytest.CaptureFixture[str]):
    changed(cohort, "patients.csv", "male", "man")
    assert main(["cohort", "check", str(cohort), "--json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert (report["visits"], report["readers"]) == (4, ["consensus", "r1", "r2"])
    (problem,) = report["problems"]
    assert (problem["file"], problem["row"], problem["column"]) == ("patients.csv", 2, "sex")


def test_a_cohort_is_split_once(cohort: Path, capsys: pytest.CaptureFixture[str]):
    (cohort / "split.csv").unlink()
    assert main(["cohort", "split", str(cohort), "--seed", "4"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in out[1:4]] == [["train", "1"], ["validation", "1"], ["test", "1"]]
    assert out[-1].endswith("split.csv (seed 4)")
    before = (cohort / "split.csv").read_bytes()
    assert main(["cohort", "split", str(cohort), "--seed", "5"]) == 2
    assert "got one that was split before" in capsys.readouterr().err
    assert (cohort / "split.csv").read_bytes() == before


def test_a_cohort_with_faults_is_not_split(cohort: Path, capsys: pytest.CaptureFixture[str]):
    (cohort / "split.csv").unlink()
    changed(cohort, "readings.csv", "C2,inferior,bridge", "C2,inferior,spur")
    assert main(["cohort", "split", str(cohort)]) == 3
    assert "got 'spur'" in capsys.readouterr().err
    assert not (cohort / "split.csv").exists()


@pytest.mark.parametrize("option", ["--test", "--validation"])
def test_a_share_out_of_bounds_is_a_usage_error(cohort: Path, option: str, capsys: pytest.CaptureFixture[str]):
    assert main(["cohort", "split", str(cohort), option, "20"]) == 2
    assert "share between 0 and 1, got 20" in capsys.readouterr().err


@pytest.mark.usefixtures("localiser")
def test_films_become_a_cohort_and_a_key(films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "mine"
    assert main(["cohort", "build", str(films), "-o", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        f"Wrote {out}: 1 patients, 1 visits, 2 images",
        f"Wrote {tmp_path / 'mine-key.csv'}",
    ]
    assert "it says who is who" in said.err
    assert "SECRET" not in said.out + said.err
    assert check_cohort(out).problems == ()
    assert "SECRET-4711" in (tmp_path / "mine-key.csv").read_text(encoding="utf-8")


def test_the_header_needs_no_networks(films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cohort_run, "open_localiser", None)
    out = tmp_path / "mine"
    key = tmp_path / "safe" / "who.csv"
    assert main(["cohort", "build", str(films), "-o", str(out), "--region-from", "header", "--key", str(key)]) == 0
    assert len(load_cohort(out).visits) == 1
    assert key.exists()


def test_kept_headers_come_with_a_warning(films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    arguments = ["cohort", "build", str(films), "-o", str(tmp_path / "mine"), "--region-from", "header"]
    assert main([*arguments, "--images", "copy"]) == 0
    assert "headers, which name patients" in capsys.readouterr().err


@pytest.mark.usefixtures("localiser")
def test_films_that_fail_end_with_3(films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (films / "broken.dcm").write_text("dear colleague")
    assert main(["cohort", "build", str(films), "-o", str(tmp_path / "mine")]) == 3
    assert "Failed: broken.dcm: Expected a DICOM" in capsys.readouterr().err
    assert (tmp_path / "mine").exists()


def test_no_films_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["cohort", "build", "-o", str(tmp_path / "mine")]) == 2
    assert "Expected films, got none" in capsys.readouterr().err


def test_public_data_sets_are_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    annotations.csxa(tmp_path / "csxa")
    annotations.buu_lspine(tmp_path / "buu")
    for name, folder in (("csxa", "csxa"), ("buu-lspine", "buu")):
        assert main(["cohort", "import", name, str(tmp_path / folder), "-o", str(tmp_path / f"{name}-cohort")]) == 0
        assert capsys.readouterr().out.endswith("cohort: 1 patients, 1 visits, 1 images\n")
        assert check_cohort(tmp_path / f"{name}-cohort").problems == ()


def test_the_side_of_a_data_set_can_be_given(tmp_path: Path):
    annotations.csxa(tmp_path / "csxa")
    out = tmp_path / "mine"
    assert (
        main(["cohort", "import", "csxa", str(tmp_path / "csxa"), "-o", str(out), "--facing", "right", "--link"]) == 0
    )
    assert load_cohort(out).landmarks[0].landmarks.facing.value == "right"
    assert (out / "images" / "0001035.png").is_symlink()


@pytest.mark.parametrize(("origin", "x"), [("centre", 40.5), ("corner", 40.0)])
def test_coco_is_imported_from_either_origin(tmp_path: Path, origin: str, x: float):
    annotations.picture(tmp_path / "films" / "a.png")
    path = annotations.write_json(tmp_path / "points.json", annotations.coco_content())
    out = tmp_path / "mine"
    arguments = ["cohort", "import", "coco", str(path), "--images", str(tmp_path / "films"), "-o", str(out)]
    assert main([*arguments, "--pixel-origin", origin]) == 0
    first = next(iter(load_cohort(out).landmarks[0].landmarks))
    assert first.upper_anterior is not None
    assert first.upper_anterior.x == x


def test_label_studio_is_imported_with_the_patients_of_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    annotations.picture(tmp_path / "a.png")
    path = annotations.write_json(tmp_path / "export.json", annotations.studio_content())
    assert main(["cohort", "import", "label-studio", str(path), "-o", str(tmp_path / "first")]) == 0
    assert "Each image counts as a patient of its own" in capsys.readouterr().err
    table = tmp_path / "visits.csv"
    header = "patient,visit,cervical_image,cervical_date,lumbar_image,lumbar_date"
    table.write_text(f"{header}\np7,V1,,,a.png,\n", encoding="utf-8")
    out = tmp_path / "second"
    assert main(["cohort", "import", "label-studio", str(path), "--visits", str(table), "-o", str(out)]) == 0
    assert "patient of its own" not in capsys.readouterr().err
    assert load_cohort(out).visits[0].patient == "p7"


def test_films_left_out_of_an_import_end_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    annotations.csxa(tmp_path / "csxa")
    (tmp_path / "csxa" / "datasets-JSON" / "0002040.json").write_text("{")
    assert main(["cohort", "import", "csxa", str(tmp_path / "csxa"), "-o", str(tmp_path / "mine")]) == 3
    assert "Left out: 0002040.json: Expected an image" in capsys.readouterr().err


@pytest.mark.parametrize(("source", "message"), [("csxa", "the folder of the data set"), ("coco", "a JSON file")])
def test_a_source_that_is_not_there_is_a_usage_error(
    tmp_path: Path, source: str, message: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["cohort", "import", source, str(tmp_path / "gone"), "-o", str(tmp_path / "mine")]) == 2
    assert f"Expected {message}, but gone is none" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["build", "check", "split", "import"])
def test_every_verb_shows_an_example(verb: str, capsys: pytest.CaptureFixture[str]):
    assert main(["cohort", verb, "--help"]) == 0
    assert f"Example: msasss cohort {verb}" in capsys.readouterr().out
