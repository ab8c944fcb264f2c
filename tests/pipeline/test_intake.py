"""One bad file never stops the others, and each bad file says why."""

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset
from pydicom.uid import UID

from msasss.anatomy import Region
from msasss.errors import UsageError
from msasss.pipeline.intake import Failure, gather, stream
from support.films import dicom_film, phantom

SR = "1.2.840.10008.5.1.4.1.1.88.33"
CT = "1.2.840.10008.5.1.4.1.1.2"


def png(path: Path) -> Path:
    Image.fromarray(np.rint(phantom() * 255).astype(np.uint8)).save(path)
    return path


def report(path: Path) -> Path:
    def change(film: Dataset) -> None:
        film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = UID(SR)
        del film.PixelData, film.Rows, film.Columns

    return dicom_film(path, change)


def ct_slice(path: Path) -> Path:
    def change(film: Dataset) -> None:
        film.SOPClassUID = film.file_meta.MediaStorageSOPClassUID = UID(CT)
        film.Modality = "CT"

    return dicom_film(path, change)


def sources(found: tuple) -> list[str]:
    return [item.source for item in found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good film and a good PNG in a subfolder, among every kind of other file."""
    folder = tmp_path / "exam"
    (folder / "sub").mkdir(parents=True)
    dicom_film(folder / "b.dcm")
    png(folder / "sub" / "a.png")
    ct_slice(folder / "ct.dcm")
    report(folder / "dose.dcm")
    (folder / "notes.txt").write_text("a note")
    (folder / "README").write_text("a note")
    (folder / "table.csv").write_text("a,b\n")
    (folder / "letter.pdf").write_bytes(b"%PDF-1.7 \0\1")
    (folder / "book.xlsx").write_bytes(b"PK\x03\x04 a workbook")
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "IM0001").write_bytes(bytes(range(256)))
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "DICOMDIR").write_bytes(bytes(128) + b"DICM")
    return folder


def test_folder_gives_films_failures_and_a_count_of_the_rest(folder: Path):
    found = gather([folder])
    assert sources(found.radiographs) == ["b.dcm", "sub/a.png"]
    assert sources(found.failures) == ["IM0001", "ct.dcm", "empty.dcm"]
    assert found.ignored == 6  # a report, a note with and without suffix, a table, a letter, a workbook


def test_each_failure_names_file_rule_and_cure(folder: Path):
    messages = {failure.source: failure.message for failure in gather([folder]).failures}
    assert messages["ct.dcm"] == (
        "ct.dcm: Expected a DX, CR, RF or secondary capture radiograph, got CT Image Storage. "
        "Give the lateral radiograph."
    )
    assert "got an empty file" in messages["empty.dcm"]
    assert "got something else (or an encrypted file)" in messages["IM0001"]


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("note.txt", b"a note", "got text"),
        ("empty.dcm", b"", "got an empty file"),
        ("letter.pdf", b"%PDF-1.7 \0\1", "got something else"),
        ("book.xlsx", b"PK\x03\x04 a workbook", "got something else"),
        ("DICOMDIR", bytes(200), "got something else"),
        ("half.zip", b"PK\x03\x04 and no more", "zip file is truncated"),
    ],
)
def test_named_file_that_is_no_radiograph_is_a_failure(name: str, content: bytes, found: str, tmp_path: Path):
    (tmp_path / name).write_bytes(content)
    intake = gather([tmp_path / name])
    assert intake.radiographs == ()
    (failure,) = intake.failures
    assert failure.source == name
    assert found in failure.message
    assert str(tmp_path) not in failure.message


def test_named_report_is_a_failure(tmp_path: Path):
    (failure,) = gather([report(tmp_path / "dose.dcm")]).failures
    assert "Expected an image, got Comprehensive SR Storage" in failure.message


def test_zip_is_read_like_a_folder(folder: Path, tmp_path: Path):
    shutil.make_archive(str(tmp_path / "exam"), "zip", folder)
    from_zip, from_folder = gather([tmp_path / "exam.zip"]), gather([folder])
    assert sources(from_zip.radiographs) == [f"exam.zip/{name}" for name in sources(from_folder.radiographs)]
    assert sources(from_zip.failures) == [f"exam.zip/{name}" for name in sources(from_folder.failures)]
    assert from_zip.ignored == from_folder.ignored
    np.testing.assert_array_equal(from_zip.radiographs[0].pixels, from_folder.radiographs[0].pixels)


def test_bad_zip_in_a_folder_does_not_stop_the_others(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("zeros.dcm", bytes(40 * 2**20))
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as outer:
        outer.write(tmp_path / "bomb.zip", "inner.zip")
    dicom_film(tmp_path / "z.dcm")
    found = gather([tmp_path])
    assert sources(found.radiographs) == ["z.dcm"]
    assert [failure.source for failure in found.failures] == ["bomb.zip", "outer.zip/inner.zip"]
    assert "a zip bomb" in found.failures[0].message
    assert "a zip inside a zip" in found.failures[1].message


def test_missing_path_is_a_usage_error(tmp_path: Path):
    with pytest.raises(UsageError, match=r"but gone\.dcm does not exist"):
        gather([dicom_film(tmp_path / "a.dcm"), tmp_path / "gone.dcm"])


def test_same_image_is_kept_once(tmp_path: Path):
    first = dicom_film(tmp_path / "a.dcm", uid_seed="1")
    shutil.copy(first, tmp_path / "copy.dcm")
    dicom_film(tmp_path / "b.dcm", uid_seed="1", region=Region.LUMBAR)
    found = gather([tmp_path, first])
    assert sources(found.radiographs) == ["a.dcm", "b.dcm"]
    assert found.failures == ()


def test_same_file_named_twice_is_kept_once(tmp_path: Path):
    path = png(tmp_path / "a.png")
    assert sources(gather([path, path]).radiographs) == ["a.png"]


def test_two_files_of_one_name_stay_two(tmp_path: Path):
    (tmp_path / "neck").mkdir()
    (tmp_path / "back").mkdir()
    films = [png(tmp_path / "neck" / "film.png"), png(tmp_path / "back" / "film.png")]
    assert [radiograph.uid for radiograph in gather(films).radiographs] == ["neck/film.png", "back/film.png"]
    assert [radiograph.uid for radiograph in gather(films[::-1]).radiographs] == ["back/film.png", "neck/film.png"]


def test_files_of_two_folders_with_one_name_stay_two(tmp_path: Path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        png(tmp_path / folder / "film.png")
    assert len(gather([tmp_path / "one", tmp_path / "two"]).radiographs) == 2


def test_files_of_one_name_in_folders_of_one_name_stay_apart(tmp_path: Path):
    for folder in ("a/exam", "b/exam"):
        (tmp_path / folder).mkdir(parents=True)
        png(tmp_path / folder / "film.png")
    names = {radiograph.uid for radiograph in gather([tmp_path / "a" / "exam", tmp_path / "b" / "exam"]).radiographs}
    assert names == {(tmp_path / folder / "exam" / "film.png").resolve().as_posix() for folder in "ab"}


def test_different_images_with_one_uid_are_a_failure_that_names_both(tmp_path: Path):
    def change(film: Dataset) -> None:
        film.SOPInstanceUID = film.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")

    dicom_film(tmp_path / "a.dcm", change)
    dicom_film(tmp_path / "b.dcm", change, seed=1)
    shutil.copy(tmp_path / "a.dcm", tmp_path / "c.dcm")
    found = gather([tmp_path])
    assert sources(found.radiographs) == ["a.dcm"]
    (failure,) = found.failures
    assert failure == Failure(
        "b.dcm",
        "b.dcm: Expected a SOP instance UID of its own, but two different images carry one SOP instance UID: "
        "a.dcm and b.dcm. Leave out the wrong one, or export both again.",
    )
    assert [item.source for item in stream([tmp_path])] == ["a.dcm", "b.dcm"]


def test_loop_of_links_ends(tmp_path: Path):
    (tmp_path / "loop").mkdir()
    dicom_film(tmp_path / "loop" / "a.dcm")
    os.symlink(tmp_path / "loop", tmp_path / "loop" / "again")
    os.symlink(tmp_path / "loop" / "a.dcm", tmp_path / "loop" / "link.dcm")
    os.symlink(tmp_path / "nowhere", tmp_path / "loop" / "broken.dcm")
    found = gather([tmp_path / "loop"])
    assert sources(found.radiographs) == ["a.dcm"]
    assert sources(found.failures) == ["broken.dcm"]


def test_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.dcm")
    (failure,) = gather([tmp_path]).failures
    assert failure.source == "pipe.dcm"


def test_empty_folder_gives_nothing(tmp_path: Path):
    found = gather([tmp_path])
    assert (found.radiographs, found.failures, found.ignored) == ((), (), 0)


def test_unreadable_folder_is_a_failure_and_the_others_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "locked").mkdir()
    dicom_film(tmp_path / "a.dcm")
    scan = os.scandir

    def refuse(path: Path | str) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = gather([tmp_path])
    assert sources(found.radiographs) == ["a.dcm"]
    (failure,) = found.failures
    assert failure.message == "locked: The folder could not be read. Check your permission to read it."


def test_unreadable_file_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = dicom_film(tmp_path / "a.dcm")

    def refuse(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert gather([path]).failures == (
        Failure("a.dcm", "a.dcm: The file could not be read (Permission denied). Check your permission to read it."),
    )
