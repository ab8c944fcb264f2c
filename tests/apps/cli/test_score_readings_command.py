from pathlib import Path

import pytest

from msasss.apps.cli.main import main


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def test_a_film_that_nobody_read_is_listed_and_the_others_are_scored(
    readings: Path, films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    readings.write_text(readings.read_text().replace("lumbar.dcm", "back.dcm"))
    out = tmp_path / "out"
    assert run("score", tmp_path / "films", "--readings", readings, "-o", out) == 3
    assert "Failed: lumbar.dcm: Expected a film that a reading names" in capsys.readouterr().err
    assert (out / "failures.csv").read_text().count("lumbar.dcm") >= 1
    assert len([each for each in out.iterdir() if each.is_dir()]) == 1


def test_films_below_a_folder_are_joined_to_readings_that_name_the_files_alone(
    readings: Path, films: Path, points: Path, tmp_path: Path
):
    (tmp_path / "all").mkdir()
    films.rename(tmp_path / "all" / "films")
    out = tmp_path / "out"
    assert run("score", tmp_path / "all", "--readings", readings, "--landmarks", points, "-o", out) == 0
    (folder,) = out.iterdir()
    assert {"overlay-cervical.png", "overlay-lumbar.png"} <= {each.name for each in folder.iterdir()}


def test_points_of_no_image_are_refused(
    readings: Path, points: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    points.write_text(points.read_text().replace("lumbar.dcm", "lumber.dcm"))
    assert run("score", "--readings", readings, "--landmarks", points, "-o", tmp_path / "out") == 3
    assert "got some of lumber.dcm" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_missing_table_of_points_is_wrong_usage(readings: Path, capsys: pytest.CaptureFixture[str]):
    assert run("score", "--readings", readings, "--landmarks", "absent.csv") == 2
    assert "absent.csv does not exist" in capsys.readouterr().err
