"""An exam as the DICOM objects that a PACS keeps: structured report, overlays, presentation states, PDF."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache

import numpy as np
import numpy.typing as npt

from msasss.anatomy import Region
from msasss.dicom.codes import PRIVATE_CODES, CodeMap
from msasss.dicom.encapsulated_pdf import encapsulated_pdf
from msasss.dicom.objects import DicomObject, to_bytes
from msasss.dicom.presentation_state import presentation_states
from msasss.dicom.secondary_capture import secondary_captures
from msasss.dicom.structured_report import ReportKind, structured_report
from msasss.errors import UsageError
from msasss.exam import Exam
from msasss.formats import exam_json
from msasss.pipeline.score import software_name
from msasss.report.overlay import draw_exam_film
from msasss.report.pdf import page_to_pdf, report_pdf
from msasss.scoring import ScoringScheme, scheme_to_dict

Headers = Mapping[str, DicomObject]


class ResultKind(Enum):
    """A kind of object; the value is what settings and command lines call it."""

    REPORT = "sr"
    OVERLAY = "sc"
    PRESENTATION_STATE = "gsps"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class ResultOptions:
    """What to make, and how.

    Args:
        kinds: In this order; None makes all that this installation can.
        report: Storage class of the structured report.
        codes: The site's own codes for our terms.
        notices: What the PDF must say of the networks used: the notices of their weight cards.
    """

    kinds: tuple[ResultKind, ...] | None = None
    report: ReportKind = ReportKind.COMPREHENSIVE_3D
    codes: CodeMap = PRIVATE_CODES
    notices: tuple[str, ...] = ()


@cache
def kinds_available() -> tuple[ResultKind, ...]:
    """Return the kinds that this installation can make: all, but for the PDF where the extra `pdf` is missing."""
    try:
        page_to_pdf("<!doctype html><html lang=en><title>mSASSS</title>")
    except UsageError:
        return tuple(kind for kind in ResultKind if kind is not ResultKind.PDF)
    return tuple(ResultKind)


def result_objects(
    exam: Exam, headers: Headers, options: ResultOptions | None = None, *, uid_seed: str | None = None
) -> tuple[DicomObject, ...]:
    """Return the DICOM objects of an exam.

    Args:
        exam: A scored exam. Films without pixels or points at hand get no overlay.
        headers: Header of each film by its SOP instance UID.
        options: What to make.
        uid_seed: Text that fixes all UIDs, such as `result_key`; None draws new ones.

    Raises:
        PairingError: If a film has no DICOM header, or the films are of several patients.
        UsageError: If a PDF is asked for and cannot be made here.
    """
    return tuple(made for _, made in _made(exam, headers, options or ResultOptions(), uid_seed))


def result_files(
    exam: Exam, headers: Headers, options: ResultOptions | None = None, *, uid_seed: str | None = None
) -> dict[str, bytes]:
    """Return the same objects as the content of DICOM files, by names such as sr-1.dcm and sc-2.dcm.

    Raises:
        PairingError: If a film has no DICOM header, or the films are of several patients.
        UsageError: If a PDF is asked for and cannot be made here.
    """
    files: dict[str, bytes] = {}
    for kind, made in _made(exam, headers, options or ResultOptions(), uid_seed):
        number = 1 + sum(name.startswith(f"{kind.value}-") for name in files)
        files[f"{kind.value}-{number}.dcm"] = to_bytes(made)
    return files


def kind_of_file(name: str) -> ResultKind:
    """Return the kind of a file that `result_files` named."""
    return ResultKind(name.partition("-")[0])


def result_key(images: Iterable[str], weights: Mapping[str, str], scheme: ScoringScheme) -> str:
    """Return what stands for a result before it is made: the same films, networks, rules and software, the same key.

    Args:
        images: SOP instance UIDs of the films, in any order.
        weights: sha256 of each network, by its name.
        scheme: The scoring rules.
    """
    return _digest([sorted(images), sorted(weights.items()), scheme_to_dict(scheme), software_name()])


def exam_key(exam: Exam) -> str:
    """Return what stands for an exam as it is, with all that was read, corrected and scored, and when."""
    return _digest(exam_json.to_record(exam))


def _made(
    exam: Exam, headers: Headers, options: ResultOptions, seed: str | None
) -> Iterator[tuple[ResultKind, DicomObject]]:
    for kind in kinds_available() if options.kinds is None else options.kinds:
        for made in _of_kind(kind, exam, headers, options=options, seed=seed):
            yield kind, made


def _of_kind(
    kind: ResultKind, exam: Exam, headers: Headers, *, options: ResultOptions, seed: str | None
) -> tuple[DicomObject, ...]:
    match kind:
        case ResultKind.REPORT:
            return (structured_report(exam, headers, kind=options.report, codes=options.codes, uid_seed=seed),)
        case ResultKind.OVERLAY:
            return secondary_captures(exam, _overlays(exam), headers, uid_seed=seed)
        case ResultKind.PRESENTATION_STATE:
            return presentation_states(exam, headers, uid_seed=seed)
        case ResultKind.PDF:
            return (encapsulated_pdf(exam, report_pdf(exam, notices=options.notices), headers, uid_seed=seed),)


def _overlays(exam: Exam) -> dict[Region, npt.NDArray[np.uint8]]:
    return {
        film.region: np.asarray(draw_exam_film(exam, film.region), dtype=np.uint8)
        for film in exam.films
        if film.radiograph is not None and film.landmarks is not None
    }


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
