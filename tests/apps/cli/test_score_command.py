import csv
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from msasss.anatomy import Region
from msasss.apps.cli import scoring_run
from msasss.apps.cli.main import main
from msasss.formats import exam_json, landmarks_csv, scheme_json
from msasss.pipeline.networks import Networks
from msasss.scoring import RASSS_STYLE
from support.exams import BrightnessReader, KnownColumns, column, film

PATIENT = "SECRET-4711"


def everything(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture
def twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A cervical and a lumbar film, both named film.png."""
    for folder, seed in (("a", 0), ("b", 1)):
        (tmp_path / folder).mkdir()
        grey = (film("film.png", seed=seed).pixels * 255).astype("uint8")
        Image.fromarray(grey).save(tmp_path / folder / "film.png")
    known = {"a/film.png": column(Region.CERVICAL), "b/film.png": column(Region.LUMBAR)}
    networks = Networks(KnownColumns(known), BrightnessReader(), {"localiser": "ab" * 32})
    monkeypatch.setattr(scoring_run, "open_networks", lambda *_, **__: networks)
    return tmp_path / "a" / "film.png", tmp_path / "b" / "film.png"


@pytest.mark.usefixtures("networks")
class TestFilms:
    def test_a_folder_is_paired_scored_and_written(self, films: Path, tmp_path: Path, capsys):
        out = tmp_path / "out"
        assert run("score", films, "-o", out) == 0
        (folder,) = out.iterdir()
        assert everything(folder) == [
            "corners.csv",
            "landmarks.csv",
            "overlay-cervical.png",
            "overlay-lumbar.png",
            "score.json",
        ]
        exam = exam_json.load_file(folder / "score.json")
        assert exam.score.total == 6.0
        assert exam.provenance.weights == {"localiser": "ab" * 32}
        said = capsys.readouterr()
        assert "C4 inferior   3             bridge" in said.out
        assert "Total     6 of 72" in said.out
        assert f"Wrote {folder / 'score.json'}" in said.out
        assert "Locating film 2 of 2" in said.err

    def test_the_patient_is_not_shown(self, films: Path, tmp_path: Path, capsys):
        assert run("score", films, "-o", tmp_path / "out") == 0
        said = capsys.readouterr()
        assert PATIENT not in said.out + said.err + " ".join(everything(tmp_path / "out"))
        assert PATIENT in next((tmp_path / "out").glob("*/score.json")).read_text()

    def test_json_is_printed_alone(self, films: Path, capsys):
        assert run("score", films, "--json") == 0
        record = json.loads(capsys.readouterr().out)
        assert record["score"]["total"] == 6.0

    def test_one_bad_file_never_stops_the_others(self, films: Path, tmp_path: Path, capsys):
        (films / "bad.dcm").write_bytes((films / "lumbar.dcm").read_bytes()[:5000])
        out = tmp_path / "out"
        assert run("score", films, "-o", out) == 3
        assert len(list(out.glob("exam-2024-05-31-*/score.json"))) == 1
        with (out / "failures.csv").open(newline="") as stream:
            (row,) = csv.DictReader(stream)
        assert row["file"] == "bad.dcm"
        assert "Failed: bad.dcm" in capsys.readouterr().err

    def test_one_region_alone_is_scored(self, films: Path, capsys):
        assert run("score", films / "cervical.dcm") == 0
        assert "No lumbar view was read" in " ".join(capsys.readouterr().out.split())

    def test_films_without_patient_or_date_are_named(self, films: Path, tmp_path: Path, capsys):
        for name in ("cervical", "lumbar"):
            shutil.move(films / f"{name}.dcm", tmp_path / f"{name}.dcm")
        assert run("score", "--cervical", tmp_path / "cervical.dcm", "--lumbar", tmp_path / "lumbar.dcm") == 0
        assert "Total     6 of 72" in capsys.readouterr().out

    def test_films_named_the_wrong_way_round_are_refused(self, films: Path, tmp_path: Path, capsys):
        out = tmp_path / "out"
        swapped = ("--cervical", films / "lumbar.dcm", "--lumbar", films / "cervical.dcm")
        assert run("score", *swapped, "-o", out) == 3
        assert "lumbar.dcm: Expected a cervical view, but the pixels show the lumbar spine" in capsys.readouterr().err
        assert not out.exists()

    def test_a_named_film_that_fails_leaves_nothing_behind(self, films: Path, tmp_path: Path):
        (tmp_path / "text.png").write_text("no picture")
        out = tmp_path / "out"
        assert run("score", "--cervical", tmp_path / "text.png", "--lumbar", films / "lumbar.dcm", "-o", out) == 3
        assert not out.exists()

    def test_named_films_of_one_file_name_stay_two(self, twins: tuple[Path, Path], tmp_path: Path):
        named, out = ("--cervical", twins[0], "--lumbar", twins[1]), tmp_path / "out"
        assert run("score", *named, "-o", out) == 0
        (points,) = out.glob("*/landmarks.csv")
        assert [item.image for item in landmarks_csv.load(points)] == ["a/film.png", "b/film.png"]
        assert run("score", *named, "--landmarks", points, "--json") == 0
        assert run("score", *twins[::-1], "--landmarks", points, "--json") == 0

    def test_a_folder_is_no_named_film(self, films: Path, capsys):
        assert run("score", "--cervical", films) == 2
        assert "films: Expected one film, got 2. Name a single file." in capsys.readouterr().err

    def test_corrected_points_are_used(self, films: Path, points: Path, capsys):
        assert run("score", films, "--landmarks", points, "--json") == 0
        record = json.loads(capsys.readouterr().out)
        assert record["score"]["imputed"] == [{"vertebra": "C6", "endplate": "superior"}]

    def test_an_exam_is_not_overwritten_unasked(self, films: Path, tmp_path: Path, capsys):
        out = tmp_path / "out"
        assert run("score", films, "-o", out) == 0
        before = everything(out)
        assert run("score", films, "-o", out) == 2
        assert "Use --overwrite to replace it." in capsys.readouterr().err
        assert [name for name in everything(out) if name != "failures.csv"] == before
        assert run("score", films, "-o", out, "--overwrite") == 0
        assert everything(out) == before

    def test_a_run_that_scores_nothing_replaces_an_earlier_list(self, films: Path, tmp_path: Path):
        out = tmp_path / "out"
        (films / "bad.dcm").write_bytes((films / "lumbar.dcm").read_bytes()[:5000])
        assert run("score", films, "-o", out) == 3
        (tmp_path / "text.png").write_text("no picture")
        assert run("score", tmp_path / "text.png", "-o", out) == 3
        with (out / "failures.csv").open(newline="") as stream:
            assert [row["file"] for row in csv.DictReader(stream)] == ["text.png"]

    def test_a_place_that_cannot_be_written_is_named_once(self, films: Path, tmp_path: Path, capsys):
        (tmp_path / "file").write_text("a file")
        assert run("score", films, "-o", tmp_path / "file" / "out") == 2
        assert capsys.readouterr().err.count("Expected a folder that can be written") == 1

    def test_two_views_of_one_region_are_refused(self, films: Path, tmp_path: Path, capsys):
        png = tmp_path / "plain"
        png.mkdir()
        for name in ("a.png", "b.png"):
            Image.new("L", (400, 600), 90).save(png / name)
        assert run("score", png, "-o", tmp_path / "out") == 3
        assert "Traceback" not in capsys.readouterr().err

    def test_a_folder_without_films_is_refused(self, tmp_path: Path, capsys):
        (tmp_path / "empty").mkdir()
        assert run("score", tmp_path / "empty", "-o", tmp_path / "out") == 3
        assert "Expected at least one film, got none" in capsys.readouterr().err
        assert not (tmp_path / "out").exists()

    def test_an_unexpected_error_has_no_traceback_unless_asked(self, films: Path, monkeypatch, capsys):
        def fault(*_: object) -> Sequence[object]:
            raise RuntimeError(f"a {1 + 1}nd fault")  # noqa: EM102

        monkeypatch.setattr(BrightnessReader, "classify", fault)
        assert run("score", films) == 1
        said = capsys.readouterr().err
        assert "Error: Unexpected RuntimeError: a 2nd fault" in said
        assert "Traceback" not in said
        assert run("--debug", "score", films) == 1
        assert "Traceback" in capsys.readouterr().err


class TestReadings:
    def test_a_human_reading_is_scored_without_films_or_networks(self, readings: Path, tmp_path: Path, capsys):
        assert run("score", "--readings", readings, "-o", tmp_path / "out") == 0
        (folder,) = (tmp_path / "out").iterdir()
        assert everything(folder) == ["corners.csv", "score.json"]
        assert exam_json.load_file(folder / "score.json").score.total == 2.0
        assert "mSASSS, read by r1 (human)" in capsys.readouterr().out

    def test_its_films_and_points_are_shown(self, readings: Path, films: Path, points: Path, tmp_path: Path):
        out = tmp_path / "out"
        assert run("score", films, "--readings", readings, "--landmarks", points, "-o", out) == 0
        (folder,) = out.iterdir()
        assert folder.name.startswith("exam-2024-05-31-")
        assert {"overlay-cervical.png", "overlay-lumbar.png"} <= set(everything(folder))

    def test_a_fault_in_the_table_is_named(self, readings: Path, tmp_path: Path, capsys):
        readings.write_text(readings.read_text().replace("syndesmophyte", "spur"))
        assert run("score", "--readings", readings, "-o", tmp_path / "out") == 3
        assert "Error: readings.csv, row 7, column lesions:" in capsys.readouterr().err
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize(
        ("options", "name"),
        [
            (("--squaring", "c5-c6"), "mSASSS (squaring c5-c6)"),
            (("--scheme", "rasss-style"), RASSS_STYLE.name),
            (("--scheme", "ours.json"), RASSS_STYLE.name),
        ],
    )
    def test_the_scheme_is_chosen(self, readings: Path, tmp_path: Path, monkeypatch, capsys, options, name):
        (tmp_path / "ours.json").write_text(scheme_json.dump(RASSS_STYLE))
        monkeypatch.chdir(tmp_path)
        assert run("score", "--readings", readings, "--json", *options) == 0
        assert json.loads(capsys.readouterr().out)["score"]["scheme"] == name


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        ((), 2, "Expected films or --readings, got neither"),
        (("x", "--cervical", "y"), 2, "Expected either INPUT or --cervical and --lumbar, got both"),
        (("absent.dcm",), 2, "absent.dcm does not exist"),
        (("--readings", "absent.csv"), 2, "absent.csv does not exist"),
        (("--readings", "absent.csv", "--scheme", "other"), 2, "got 'other'"),
        (("--squaring", "everywhere", "x"), 2, "everywhere"),
        (("--threads", "0", "x"), 2, "--threads"),
    ],
)
def test_wrong_usage_is_explained(arguments, exit_code, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run("score", *arguments) == exit_code
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said
    assert everything(tmp_path) == []


def test_missing_weights_end_with_4(films: Path, tmp_path: Path, capsys):
    assert run("score", films, "--weights", tmp_path / "none", "-o", tmp_path / "out") == 4
    assert "got no manifest.json" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("columns", ["80", "140"])
def test_a_terminal_gets_a_table_that_fits(readings: Path, columns: str, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert run("score", "--readings", readings) == 0
    said = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert max(len(line) for line in said.splitlines()) <= int(columns)
    assert "│ C5 superior" in said
    assert "Total     2 of 72" in said


@pytest.mark.usefixtures("networks")
def test_a_terminal_gets_a_bar(films: Path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert run("score", films, "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["score"]["total"] == 6.0
    assert "Locating film 1 of 2" not in said.err
