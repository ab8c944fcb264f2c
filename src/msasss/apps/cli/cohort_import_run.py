"""One run of `msasss cohort import`."""

from dataclasses import dataclass
from pathlib import Path

from msasss.apps.cli.console import note, result
from msasss.cohort.importing import read_visits, write_imported
from msasss.errors import InputError, UsageError
from msasss.formats import buu_lspine, coco_keypoints, csxa, label_studio
from msasss.formats.annotated_films import Annotations
from msasss.formats.coco_keypoints import PixelOrigin
from msasss.imaging import Facing

_FOLDERS = ("csxa", "buu-lspine")


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the command line asks for; the fields are the arguments and options of `msasss cohort import`."""

    source: str
    path: Path
    output: Path
    images: Path
    visits: Path | None
    facing: str
    pixel_origin: str
    link: bool

    def __post_init__(self) -> None:
        is_folder = self.source in _FOLDERS
        if not (self.path.is_dir() if is_folder else self.path.is_file()):
            kind = "the folder of the data set" if is_folder else "a JSON file"
            msg = f"Expected {kind}, but {self.path.name} is none. Check the path."
            raise UsageError(msg)


def run_import(request: ImportRequest) -> int:
    """Import annotated films.

    Returns:
        The exit code: 0, or 3 if films were left out.

    Raises:
        MsasssError: If the source is not of its form, holds no film, or the cohort exists.
    """
    found = _annotations(request)
    visits = () if request.visits is None else read_visits(request.visits)
    for fault in found.faults:
        note(f"Left out: {fault}")
    written = write_imported(found.films, request.output, visits=visits, link=request.link)
    images = sum(len(visit.images) for visit in written)
    patients = len({visit.patient for visit in written})
    result(f"Wrote {request.output}: {patients} patients, {len(written)} visits, {images} images")
    if request.visits is None and request.source not in _FOLDERS:
        note("Each image counts as a patient of its own. If patients have several, give --visits before splitting.")
    return InputError.exit_code if found.faults else 0


def _annotations(request: ImportRequest) -> Annotations:
    if request.source == "csxa":
        return csxa.load(request.path, facing=Facing(request.facing))
    if request.source == "buu-lspine":
        return buu_lspine.load(request.path, facing=Facing(request.facing))
    if request.source == "coco":
        return coco_keypoints.load(request.path, request.images, origin=PixelOrigin(request.pixel_origin))
    return label_studio.load(request.path, request.images)
