"""`msasss send`, `msasss node` and `msasss score --from` as a user calls them."""

import subprocess
import sys
from io import BytesIO

import pytest
from pydicom import dcmread

from msasss.anatomy import Region
from msasss.apps.cli import sending
from msasss.apps.cli.extras import needs_extra
from msasss.apps.cli.main import main
from msasss.dicom import read_radiograph
from msasss.errors import UsageError
from msasss.pipeline.outputs import write_exam
from msasss.pipeline.result_objects import ResultKind
from msasss.pipeline.score import score_exam
from support.exams import BrightnessReader
from support.node_doubles import ARCHIVE, LOOPBACK, Archive, SquareLocaliser, free_port, write_film


@pytest.fixture
def films(tmp_path):
    return [write_film(tmp_path / "films", region) for region in Region]


@pytest.fixture
def exam(tmp_path, films):
    """The folder of an exam scored from these films."""
    scored = score_exam([read_radiograph(film) for film in films], SquareLocaliser(), BrightnessReader())
    return write_exam(scored, tmp_path / "results")[0].parent


def test_an_exam_is_sent_with_its_films_and_again_as_the_same_objects(exam, films, capsys):
    with Archive() as archive:
        command = [
            "send",
            str(exam),
            "--source",
            str(films[0].parent),
            "--to",
            f"dicom:{ARCHIVE}@{LOOPBACK}:{archive.port}",
        ]
        command += ["--only", "sr", "--only", "gsps"]
        assert main(command) == 0
        assert main(command) == 0
    assert sorted(archive.counts.values()) == [2, 2, 2]
    assert all(first == second for first, second in archive.stored.values())
    kinds = [dcmread(BytesIO(first)).Modality for first, _ in archive.stored.values()]
    assert sorted(kinds) == ["PR", "PR", "SR"]
    assert f"Sent 3 objects of 1 exams to {ARCHIVE}@{LOOPBACK}:{archive.port}" in capsys.readouterr().out


def test_objects_that_lie_in_the_folder_are_sent_as_they_are(exam, films):
    ready = exam / "sr-1.dcm"
    ready.write_bytes(films[0].read_bytes())
    with Archive() as archive:
        assert main(["send", str(exam), "--to", f"dicom:{ARCHIVE}@{LOOPBACK}:{archive.port}"]) == 0
    assert list(archive.stored) == [str(dcmread(ready).SOPInstanceUID)]


def test_a_pacs_that_does_not_answer_ends_with_5(exam, films, capsys):
    to = f"dicom:{ARCHIVE}@{LOOPBACK}:{free_port()}"
    assert main(["send", str(exam), "--source", str(films[0].parent), "--to", to, "--only", "sr"]) == 5
    assert f"Expected an answer of {ARCHIVE}@{LOOPBACK}" in capsys.readouterr().err
    web = f"dicomweb:http://{LOOPBACK}:{free_port()}/dicom-web"
    assert main(["send", str(exam), "--source", str(films[0].parent), "--to", web, "--only", "sr"]) == 5
    assert "got none (ConnectionError)" in capsys.readouterr().err


def test_a_pacs_that_refuses_ends_with_5_and_says_which_object(exam, films, capsys):
    with Archive(status=0xC000) as archive:
        to = f"dicom:{ARCHIVE}@{LOOPBACK}:{archive.port}"
        assert main(["send", str(exam), "--source", str(films[0].parent), "--to", to, "--only", "sr"]) == 5
    assert "Failed: sr-1.dcm: ARCHIVE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    [
        "orthanc",
        "dicom:ARCHIVE",
        "dicom:ARCHIVE@host",
        "dicom:A-TITLE-FAR-TOO-LONG@host:104",
        "dicom:A@host:70000",
        "ftp:x",
    ],
)
def test_an_address_that_is_none_is_refused(exam, address, capsys):
    assert main(["send", str(exam), "--to", address]) == 2
    assert "Expected dicom:AET@host:port or dicomweb:URL" in capsys.readouterr().err


def test_a_film_that_is_missing_is_named(exam, films, capsys):
    assert main(["send", str(exam), "--source", str(films[0]), "--to", f"dicom:A@{LOOPBACK}:104"]) == 3
    assert "Expected the DICOM film that was scored, got none" in capsys.readouterr().err


def test_folders_that_are_none_are_refused(tmp_path, exam, capsys):
    to = f"dicom:A@{LOOPBACK}:104"
    assert main(["send", str(tmp_path / "absent"), "--to", to]) == 2
    assert main(["send", str(exam), "--source", str(tmp_path / "absent"), "--to", to]) == 2
    assert "Expected films, but absent does not exist" in capsys.readouterr().err


def test_without_the_extra_for_pdf_the_others_are_sent(exam, films, monkeypatch, capsys):
    monkeypatch.setattr(sending, "kinds_available", lambda: (ResultKind.REPORT,))
    with Archive() as archive:
        to = f"dicom:{ARCHIVE}@{LOOPBACK}:{archive.port}"
        assert main(["send", str(exam), "--source", str(films[0].parent), "--to", to]) == 0
    assert len(archive.stored) == 1
    assert "No PDF is sent" in capsys.readouterr().err


def test_a_missing_distribution_is_named_with_its_extra():
    def without() -> None:
        with needs_extra("node"):
            raise ModuleNotFoundError(name="pynetdicom")

    def broken() -> None:
        with needs_extra("node"):
            raise ModuleNotFoundError(name="msasss.nothing")

    with pytest.raises(UsageError, match=r"but pynetdicom is not installed. Run 'pip install \"msasss\[node\]\"'"):
        without()
    with pytest.raises(ModuleNotFoundError):
        broken()


@pytest.mark.parametrize(
    "source",
    [
        "dicomweb:http://pacs.example/dicom-web",
        "dicomweb:http://pacs.example/studies",
        "http://pacs.example/studies/1.2",
        "dicomweb:http://pacs.example/studies/1.2?PatientID=1",
    ],
)
def test_films_are_fetched_by_study_or_search_alone(source, capsys):
    assert main(["score", "--from", source]) == 2
    assert "Expected dicomweb: with the URL of a study" in capsys.readouterr().err


def test_a_server_that_does_not_answer_ends_with_5(capsys):
    assert main(["score", "--from", f"dicomweb:http://{LOOPBACK}:{free_port()}/studies?PatientID=SECRET"]) == 5
    assert "SECRET" not in capsys.readouterr().err


def test_the_example_settings_are_printed_and_pass_the_check(tmp_path, capsys):
    assert main(["node", "--example-config"]) == 0
    (tmp_path / "node.toml").write_text(capsys.readouterr().out)
    assert main(["node", "--config", str(tmp_path / "node.toml"), "--check"]) == 0
    assert "1 senders, 1 targets, no fault" in capsys.readouterr().out
    assert main(["node"]) == 2
    assert "Expected settings, got none" in capsys.readouterr().err


def test_a_node_without_weights_ends_with_4(tmp_path):
    settings = tmp_path / "node.toml"
    port = free_port()
    text = f"""
        [node]
        host = "{LOOPBACK}"
        port = {port}
        folder = "spool"
        weights = "absent"
        [[senders]]
        ae_title = "A"
        address = "{LOOPBACK}"
        [[targets]]
        name = "a"
        ae_title = "A"
        host = "{LOOPBACK}"
        port = 104
        [status]
        port = 0
    """
    settings.write_text(text)
    command = [sys.executable, "-c", "import sys; from msasss.apps.cli.main import main; sys.exit(main())"]
    command += ["node", "--config", str(settings)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == 4, ended.stderr
    assert "absent" in ended.stderr
