from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from msasss.anatomy import Region
from msasss.apps.cli import scoring_run
from msasss.dicom import write_radiograph
from msasss.formats import landmarks_csv, readings_csv
from msasss.formats.landmarks_csv import ImageLandmarks
from msasss.pipeline.networks import Networks
from msasss.reading import Lesion
from support.exams import BrightnessReader, KnownColumns, bridged, column, film, lesions, reading

POINTS = {"cervical.dcm": column(Region.CERVICAL), "lumbar.dcm": column(Region.LUMBAR)}
PATIENT = "SECRET-4711"


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with two DICOM films of one patient and day; a bridge below C4 on the cervical one."""
    folder = tmp_path / "films"
    folder.mkdir()
    cervical = bridged(film("cervical.dcm"), POINTS["cervical.dcm"], "C4")
    for radiograph, region in ((cervical, Region.CERVICAL), (film("lumbar.dcm", seed=1), Region.LUMBAR)):
        write_radiograph(
            folder / radiograph.source,
            radiograph.pixels,
            spacing_mm=0.3,
            patient_id=PATIENT,
            study_date=date(2024, 5, 31),
            region=region,
        )
    return folder


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the shipped networks: a localiser that knows the test's films, and a reader of brightness."""

    def open_networks(name: str, *, search: Sequence[Path], threads: int) -> Networks:
        assert (name, threads) == ("default", 2)
        return Networks(KnownColumns(POINTS), BrightnessReader(), {"localiser": "ab" * 32})

    monkeypatch.setattr(scoring_run, "open_networks", open_networks)


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    """A human reading of two images, named as the files of `films`: a syndesmophyte at C5 superior."""
    one = reading({"C5 superior": lesions("C5 superior", Lesion.SYNDESMOPHYTE)})
    path = tmp_path / "readings.csv"
    text = readings_csv.dump([one]).replace("cervical.png", "cervical.dcm").replace("lumbar.png", "lumbar.dcm")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def points(tmp_path: Path) -> Path:
    """Points of the two films, set by a person; C6 superior is missing."""
    corrected = {**POINTS, "cervical.dcm": column(Region.CERVICAL, without=["C6 superior"])}
    path = tmp_path / "points.csv"
    path.write_text(landmarks_csv.dump([ImageLandmarks(name, "r1", marks) for name, marks in corrected.items()]))
    return path
