"""What `msasss score` says to inputs that are no pair of lateral radiographs of one patient's visit."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from msasss.anatomy import Region
from msasss.apps.cli import scoring_run
from msasss.apps.cli.main import main
from msasss.dicom import write_radiograph
from msasss.pipeline.networks import Networks
from support.exams import BrightnessReader, KnownColumns, column, film

NAMES = {
    Region.CERVICAL: ("cervical.dcm", "second.dcm", "c.png", "d.png"),
    Region.LUMBAR: ("lumbar.dcm",),
}


@pytest.fixture(autouse=True)
def networks(monkeypatch: pytest.MonkeyPatch) -> None:
    known = KnownColumns({name: column(region) for region, names in NAMES.items() for name in names})
    monkeypatch.setattr(scoring_run, "open_networks", lambda *_, **__: Networks(known, BrightnessReader(), {}))


def dicom(path: Path, *, patient: str = "SECRET-1", day: date = date(2024, 5, 31), seed: int = 0) -> None:
    region = Region.LUMBAR if "lumbar" in path.name else Region.CERVICAL
    write_radiograph(path, film(seed=seed).pixels, spacing_mm=0.3, patient_id=patient, study_date=day, region=region)


def edited(path: Path, **elements: object) -> None:
    dicom(path)
    dataset = pydicom.dcmread(path)
    for name, value in elements.items():
        setattr(dataset, name, value)
    dataset.save_as(path)


def text(folder: Path) -> None:
    (folder / "notes.dcm").write_text("dear colleague")


def empty(folder: Path) -> None:
    (folder / "cervical.dcm").write_bytes(b"")


def truncated(folder: Path) -> None:
    dicom(folder / "cervical.dcm")
    (folder / "cervical.dcm").write_bytes((folder / "cervical.dcm").read_bytes()[:3000])


def chest_ct(folder: Path) -> None:
    edited(folder / "cervical.dcm", Modality="CT", SOPClassUID=pydicom.uid.CTImageStorage)


def photograph(folder: Path) -> None:
    colours = np.random.default_rng(0).integers(0, 255, (300, 200, 3), dtype=np.uint8)
    Image.fromarray(colours).save(folder / "c.png")


def one_pixel(folder: Path) -> None:
    Image.new("L", (1, 1), 90).save(folder / "c.png")


def enormous(folder: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(folder / "c.png")


def constant(folder: Path) -> None:
    Image.new("L", (400, 600), 90).save(folder / "c.png")


def bomb(folder: Path) -> None:
    with (
        zipfile.ZipFile(folder / "films.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("c.png", "w", force_zip64=True) as member,
    ):
        for _ in range(600):
            member.write(bytes(2**20))


def two_cervical_views(folder: Path) -> None:
    for number, name in enumerate(("c.png", "d.png")):
        grey = (film(seed=number).pixels * 255).astype(np.uint8)
        Image.fromarray(grey).save(folder / name)


def two_cervical_views_of_a_day(folder: Path) -> None:
    dicom(folder / "cervical.dcm")
    dicom(folder / "second.dcm", seed=1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (text, "notes.dcm: Expected a DICOM, PNG, JPEG, TIFF or zip file, got text"),
        (empty, "cervical.dcm: Expected a DICOM, PNG, JPEG, TIFF or zip file, got an empty file"),
        (truncated, "cervical.dcm"),
        (chest_ct, "cervical.dcm"),
        (photograph, "c.png"),
        (one_pixel, "c.png: Expected sides of 64 to 12000 px, got 1 x 1"),
        (enormous, "c.png: Expected sides of at most 12000 px, got 400000000 pixels"),
        (constant, "c.png"),
        (bomb, "films.zip"),
        (
            two_cervical_views,
            "c.png, d.png: Expected a patient and a date in each file, or one cervical and one lumbar",
        ),
        (two_cervical_views_of_a_day, "Expected one film of each region at a visit, got two cervical views"),
    ],
)
def test_a_bad_input_is_named_and_leaves_nothing_behind(
    make: Callable[[Path], None], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "films"
    folder.mkdir()
    make(folder)
    assert main(["score", str(folder), "-o", str(tmp_path / "out")]) == 3
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    assert "SECRET" not in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["films"]


def test_a_spacing_that_is_no_number_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    dicom(tmp_path / "cervical.dcm")
    content = (tmp_path / "cervical.dcm").read_bytes()
    assert b"0.3\\0.3 " in content
    (tmp_path / "cervical.dcm").write_bytes(content.replace(b"0.3\\0.3 ", b"NaN\\NaN "))
    assert main(["score", str(tmp_path / "cervical.dcm")]) == 3
    said = capsys.readouterr().err
    assert "cervical.dcm: Expected a positive ImagerPixelSpacing in mm, got nan" in said
    assert "Traceback" not in said


def test_mixed_patients_in_one_folder_are_scored_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    films = tmp_path / "films"
    films.mkdir()
    dicom(films / "cervical.dcm", patient="SECRET-1")
    dicom(films / "lumbar.dcm", patient="SECRET-2")
    assert main(["score", str(films), "-o", str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out").iterdir())) == 2
    said = capsys.readouterr()
    assert "SECRET" not in said.out + said.err


def test_films_of_two_patients_are_never_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    dicom(tmp_path / "cervical.dcm", patient="SECRET-1")
    dicom(tmp_path / "lumbar.dcm", patient="SECRET-2")
    arguments = ["--cervical", str(tmp_path / "cervical.dcm"), "--lumbar", str(tmp_path / "lumbar.dcm")]
    assert main(["score", *arguments, "-o", str(tmp_path / "out")]) == 3
    said = capsys.readouterr().err
    assert "Expected films of one patient, got two" in said
    assert "SECRET" not in said
    assert not (tmp_path / "out").exists()
