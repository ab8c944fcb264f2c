import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from msasss.apps.cli import report_run
from msasss.apps.cli.main import main
from msasss.apps.cli.report_run import UNKNOWN_WEIGHTS, notices_of, with_films
from msasss.errors import PairingError, WeightsError
from msasss.exam import Exam, ExamFilm
from msasss.formats import exam_json
from msasss.models.weights import Bundle, NetworkKind, TrainingData, WeightCard
from msasss.pipeline.intake import Intake
from support.report_exams import earlier_exam, exam_of, usual_exam

EXAM = usual_exam()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an exam that was read from two PNG files, which lie in `films` beside it."""
    names = {film.region: f"{film.region.value}.png" for film in EXAM.films}
    films = tuple(replace(film, source=names[film.region], uid=names[film.region]) for film in EXAM.films)
    exam = exam_of(replace(EXAM.reading, images=names), films)
    place = tmp_path / "exam-2024-05-31-1a2b3c4d"
    place.mkdir()
    (place / "score.json").write_text(exam_json.dump(exam), encoding="utf-8")
    (tmp_path / "films").mkdir()
    for film in exam.films:
        grey = (film.radiograph.pixels * 255).astype("uint8")
        Image.fromarray(grey).save(tmp_path / "films" / film.source)
    return place


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    path = tmp_path / "earlier.json"
    path.write_text(exam_json.dump(earlier_exam()), encoding="utf-8")
    return path


def test_the_report_of_a_folder_is_written_with_its_name(folder, tmp_path, capsys):
    out = tmp_path / "out" / "report.html"
    assert main(["report", str(folder), "-o", str(out)]) == 0
    page = out.read_text(encoding="utf-8")
    assert "mSASSS report, exam-2024-05-31-1a2b3c4d" in page
    assert "not at hand" in page
    assert [path.name for path in out.parent.iterdir()] == ["report.html"]
    said = capsys.readouterr()
    assert said.out == ""
    assert "PAT-0042" not in said.err


def test_the_films_bring_the_pictures_back(folder, tmp_path):
    out = tmp_path / "report.html"
    arguments = ["report", str(folder / "score.json"), "--films", str(tmp_path / "films"), "-o", str(out)]
    assert main(arguments) == 0
    assert out.read_text(encoding="utf-8").count("data:image/png") == 14


def test_an_earlier_exam_is_compared(folder, earlier, tmp_path):
    out = tmp_path / "report.html"
    assert main(["report", str(folder), "--previous", str(earlier), "--sdc", "7", "-o", str(out)]) == 0
    assert "Within measurement error (SDC 7)" in out.read_text(encoding="utf-8")


def test_a_pdf_is_written_where_its_name_says_so(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(report_run, "page_to_pdf", lambda page: b"%PDF-1.7 of " + page[:9].encode())
    out = tmp_path / "report.pdf"
    assert main(["report", str(folder), "-o", str(out)]) == 0
    assert out.read_bytes() == b"%PDF-1.7 of <!doctype"


def test_a_pdf_without_its_extra_is_wrong_usage_and_leaves_nothing(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    out = tmp_path / "report.pdf"
    assert main(["report", str(folder), "-o", str(out)]) == 2
    assert 'pip install "msasss[pdf]"' in capsys.readouterr().err
    assert not out.exists()


def test_a_film_of_another_exam_is_refused(folder, tmp_path, capsys):
    Image.new("L", (200, 200)).save(tmp_path / "blank.png")
    Image.linear_gradient("L").save(tmp_path / "other.png")
    out = str(tmp_path / "report.html")
    assert main(["report", str(folder), "--films", str(tmp_path / "other.png"), "-o", out]) == 3
    assert "other.png: Expected a film of this exam (cervical.png, lumbar.png)" in capsys.readouterr().err
    assert main(["report", str(folder), "--films", str(folder / "score.json"), "-o", out]) == 3
    assert "score.json" in capsys.readouterr().err


def exam_read_from(*names: str) -> Exam:
    films = tuple(replace(film, source=name, uid=name) for film, name in zip(EXAM.films, names, strict=True))
    reading = replace(EXAM.reading, images={film.region: film.uid for film in films})
    return exam_json.load(exam_json.dump(exam_of(reading, films)))


def save_grey(path: Path, film: ExamFilm) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray((film.radiograph.pixels * 255).astype("uint8")).save(path)
    return path


@pytest.fixture
def twins(tmp_path: Path) -> list[Path]:
    """The two films of the exam as files of one name."""
    return [save_grey(tmp_path / folder / "film.png", film) for folder, film in zip("ab", EXAM.films, strict=True)]


@pytest.mark.parametrize("order", [1, -1])
def test_films_of_one_name_find_their_own_places_in_any_order(twins, order):
    exam = with_films(exam_read_from("a/film.png", "b/film.png"), twins[::order])
    assert [film.radiograph.source for film in exam.films] == ["a/film.png", "b/film.png"]
    exam = with_films(exam_read_from("film.png", "b/film.png"), twins[::order])
    assert [film.radiograph.source for film in exam.films] == ["a/film.png", "b/film.png"]


def test_a_film_is_known_by_its_file_name_in_another_folder(twins):
    exam = with_films(exam_read_from("here/film.png", "other.png"), twins[:1])
    assert [film.radiograph is None for film in exam.films] == [False, True]


def test_a_film_whose_place_nothing_tells_is_refused(twins):
    with pytest.raises(PairingError, match=r"^film\.png: .* got 2 \(a/film\.png, b/film\.png\) and 1\."):
        with_films(exam_read_from("a/film.png", "b/film.png"), twins[:1])
    with pytest.raises(PairingError, match=r"^a/film\.png, b/film\.png: .* got 1 \(film\.png\) and 2\."):
        with_films(exam_read_from("film.png", "other.png"), twins)


def test_a_second_file_of_a_film_is_refused(monkeypatch):
    first, second = (film.radiograph for film in EXAM.films)
    both = (replace(first, source="a.dcm", uid="1.2.3"), replace(second, source="1.2.3", uid="4.5.6"))
    monkeypatch.setattr(report_run, "gather", lambda _: Intake(both, (), 0))
    with pytest.raises(PairingError, match=r"^1\.2\.3: Expected one file of 1\.2\.3, got also a\.dcm\."):
        with_films(exam_read_from("1.2.3", "other.png"), [Path("films")])


def test_inputs_without_any_film_of_the_exam_are_noted(folder, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    out = tmp_path / "report.html"
    assert main(["report", str(folder), "--films", str(tmp_path / "empty"), "-o", str(out)]) == 0
    assert "No film of this exam among the inputs" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["report.docx", "report"])
def test_another_kind_of_file_is_wrong_usage(folder, tmp_path, name, capsys):
    assert main(["report", str(folder), "-o", str(tmp_path / name)]) == 2
    assert f"ends in .html or .pdf, got {name}" in capsys.readouterr().err


def test_a_report_is_replaced_only_on_demand(folder, tmp_path, capsys):
    out = tmp_path / "report.html"
    out.write_text("former")
    assert main(["report", str(folder), "-o", str(out)]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert out.read_text() == "former"
    assert main(["report", str(folder), "-o", str(out), "--overwrite"]) == 0
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_folder_without_a_score_is_wrong_usage(tmp_path, capsys):
    assert main(["report", str(tmp_path), "-o", str(tmp_path / "r.html")]) == 2
    assert "Expected the folder of an exam or its score.json" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_wrong_usage(folder, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["report", str(folder), "-o", str(tmp_path / "file" / "r.html")]) == 2
    assert "Expected a file that can be written" in capsys.readouterr().err


def test_the_notices_are_those_of_the_cards_of_the_networks_used(monkeypatch):
    def card(name: str, kind: NetworkKind, digest: str) -> WeightCard:
        data = TrainingData("drawn spines", "0" * 64)
        return WeightCard(
            name, kind, f"{name}.onnx", digest, {}, data, {}, "msasss 0", "2024-05-31", notice=f"On {name}."
        )

    cards = card("drawings", NetworkKind.LOCALISER, "ab12" * 16), card("other", NetworkKind.LESIONS, "ef56" * 16)
    monkeypatch.setattr(report_run, "installed_bundles", lambda: (Bundle("b", Path(), cards[0], (cards[1],)),))
    assert notices_of(EXAM) == ("On drawings.", UNKNOWN_WEIGHTS)
    assert notices_of(replace(EXAM, provenance=replace(EXAM.provenance, weights={}))) == ()


def test_damaged_weights_do_not_withhold_a_report(monkeypatch):
    def fail() -> tuple[Bundle, ...]:
        msg = "damaged"
        raise WeightsError(msg)

    monkeypatch.setattr(report_run, "installed_bundles", fail)
    assert notices_of(EXAM) == (UNKNOWN_WEIGHTS,)
