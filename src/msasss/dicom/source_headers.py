"""The headers of the films that an exam was scored from, which the objects we write inherit from and refer to."""

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Final

from pydicom import Dataset

from msasss.dicom.dataset import parse
from msasss.errors import PairingError
from msasss.exam import Exam, ExamFilm
from msasss.imaging.content import read_content

# Attributes of type 2 in the patient and study modules (PS3.3 C.7.1.1, C.7.2.1): files that lack one get it empty.
_TYPE_2: Final = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)
_WELL_FORMED: Final = {
    "PatientBirthDate": re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"),
    "PatientSex": re.compile(r"[MFO]"),
    "StudyDate": re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"),
    "StudyTime": re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?"),
}
_NEEDED: Final = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Rows", "Columns")


def read_header(file: Path | bytes, *, source: str | None = None) -> Dataset:
    """Read a film's header, without its pixels.

    Args:
        file: Path of the file, or its content.
        source: Name for messages; by default the file name without its folder.

    Raises:
        RadiographError: If the file cannot be read as DICOM.
    """
    name = source or ("radiograph" if isinstance(file, bytes) else file.name)
    header = parse(file if isinstance(file, bytes) else read_content(file, name), name)
    if "PixelData" in header:
        del header.PixelData
    return header


def read_headers(files: Iterable[Path | bytes]) -> dict[str, Dataset]:
    """Read the headers of films by their SOP instance UID, as the writers of objects take them.

    Raises:
        RadiographError: If a file cannot be read as DICOM.
    """
    headers = [read_header(file) for file in files]
    return {str(header.get("SOPInstanceUID", "")): header for header in headers}


def source_headers(exam: Exam, headers: Mapping[str, Dataset]) -> tuple[Dataset, ...]:
    """Return the completed header of each film of an exam, cervical first.

    Raises:
        PairingError: If a film has no DICOM header, the headers are of several patients, or one lacks what a
            reference to it needs.
    """
    found = tuple(source_header(film, headers) for film in exam.films)
    if len({str(header.PatientID) for header in found}) > 1:
        msg = "Expected films of one patient, got headers with 2 patient identifiers. Pair the films again."
        raise PairingError(msg)
    return found


def source_header(film: ExamFilm, headers: Mapping[str, Dataset]) -> Dataset:
    """Return a copy of a film's header in which what the patient and study modules need is present and well formed.

    Raises:
        PairingError: If the film has no DICOM header, or it lacks what a reference to it needs.
    """
    header = headers.get(film.uid)
    if header is None or str(header.get("SOPInstanceUID", "")) != film.uid:
        msg = (
            f"{film.source}: Expected the DICOM header of the film that was read, got none. DICOM results refer to "
            "their source images; score DICOM files, or export the result as JSON, CSV or FHIR."
        )
        raise PairingError(msg)
    absent = [keyword for keyword in _NEEDED if not header.get(keyword)]
    if absent:
        msg = f"{film.source}: Expected a header with {', '.join(_NEEDED)}, got no {absent[0]}. Export the film again."
        raise PairingError(msg)
    return _completed(header)


def _completed(header: Dataset) -> Dataset:
    with _quiet():
        complete = Dataset()
        for element in header:
            if element.keyword != "PixelData":
                complete.add(deepcopy(element))
        complete.file_meta = header.file_meta
        for keyword in _TYPE_2:
            value = str(complete.get(keyword) or "")
            rule = _WELL_FORMED.get(keyword)
            if not value or (rule and not rule.fullmatch(value)):
                setattr(complete, keyword, "")
        return complete


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of each unusual value in films that we do not correct
        yield
