"""Exams scored from DICOM films, with the headers of the films, for tests of the objects we write."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from pydicom import Dataset, dcmread

from msasss.anatomy import Corner, Region, corners_of
from msasss.dicom.source_headers import read_headers
from msasss.dicom.write import write_radiograph
from msasss.exam import Exam, ExamFilm, Provenance
from msasss.imaging import Facing, Landmarks
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading
from msasss.scoring import MSASSS, ScoringScheme, score_reading
from support.exams import HEIGHT_PX, WIDTH_PX, column

CREATED = datetime(2024, 6, 1, 8, 30, 15, 250000, tzinfo=UTC)
WEIGHTS = {"localiser": "a" * 64, "lesions": "b" * 64}
NETWORK = Reader(ReaderKind.MODEL, "msasss default")
NOT_FOUND = ("C7 superior", "L5 superior")
BODY_PART = {Region.CERVICAL: "CSPINE", Region.LUMBAR: "LSPINE"}


def film_headers(folder: Path, *, photometric: str = "MONOCHROME2", facing: Facing = Facing.LEFT) -> dict[str, Dataset]:
    """Headers of a cervical and a lumbar film written to the folder, by SOP instance UID."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.linspace(0, 1, HEIGHT_PX * WIDTH_PX, dtype=np.float32).reshape(HEIGHT_PX, WIDTH_PX)
    for region in Region:
        write_radiograph(
            folder / f"{region.value}.dcm",
            pixels,
            spacing_mm=0.3,
            patient_id="key-1",
            patient_name="Made^Up",
            study_date=date(2024, 5, 31),
            region=region,
            facing=facing,
            uid_seed="films",
            photometric=photometric,
        )
    return read_headers([folder / f"{region.value}.dcm" for region in Region])


def uid_of(headers: Mapping[str, Dataset], region: Region) -> str:
    return next(uid for uid, header in headers.items() if header.BodyPartExamined == BODY_PART[region])


def model_reading(headers: Mapping[str, Dataset], regions: Sequence[Region] = tuple(Region)) -> Reading:
    """A network's reading with a bridge, a syndesmophyte, an osteophyte, a doubt, and a corner that was not found."""
    findings = tuple(_finding(corner, place) for region in regions for place, corner in enumerate(corners_of(region)))
    images = {region: uid_of(headers, region) for region in regions}
    return Reading(NETWORK, images, findings, datetime(2024, 5, 31, 14, 5, 0, 123, tzinfo=UTC), "msasss 0.1.0")


def _finding(corner: Corner, place: int) -> CornerFinding:
    if str(corner) in NOT_FOUND:
        return CornerFinding(corner, not_visible=True)
    rare = {3: Lesion.BRIDGE, 4: Lesion.SYNDESMOPHYTE, 6: Lesion.OSTEOPHYTE}.get(place)
    return CornerFinding(
        corner,
        frozenset() if rare is None else frozenset({rare}),
        probabilities={lesion: 0.9 if lesion is rare else 0.1 / (place + 1) for lesion in Lesion},
        not_visible_probability=0.05,
        in_doubt=place == 1,
    )


def exam_of(
    reading: Reading,
    *,
    landmarks: Mapping[Region, Landmarks] | None = None,
    scheme: ScoringScheme = MSASSS,
    weights: Mapping[str, str] = WEIGHTS,
    facing: Facing = Facing.LEFT,
) -> Exam:
    """An exam of films with an even column, without points at the corners in `NOT_FOUND`."""
    given = {region: column(region, facing=facing, without=NOT_FOUND) for region in Region}
    found = given if landmarks is None else landmarks
    films = tuple(
        ExamFilm(region, uid, f"{region.value}.dcm", acquired_on=date(2024, 5, 31), landmarks=found.get(region))
        for region, uid in reading.images.items()
    )
    score = score_reading(reading, scheme)
    return Exam("key-1", films, reading, scheme, score, (), Provenance("msasss 0.1.0", CREATED, dict(weights)))


def saved(made: Dataset, folder: Path, name: str = "object.dcm") -> Dataset:
    """The object as another program reads it from a file."""
    made.save_as(folder / name, enforce_file_format=True)
    return dcmread(folder / name)


def validator_says(made: Dataset, folder: Path) -> tuple[list[str], list[str]]:
    """Errors and warnings of dciodvfy on an object; those on our private coding scheme are left out."""
    made.save_as(folder / "validated.dcm", enforce_file_format=True)
    command = [str(Path(sys.executable).with_name("dciodvfy")), "-new", str(folder / "validated.dcm")]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr.splitlines()
    assert said, "dciodvfy said nothing, not even which kind of object it saw"
    lines = [line for line in said if "99MSASSS" not in line and "CodingSchemeUID" not in line]
    return [line for line in lines if line.startswith("Error")], [line for line in lines if line.startswith("Warning")]
