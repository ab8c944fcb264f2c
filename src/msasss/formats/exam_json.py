"""`score.json`: one scored exam, as programs read it; schema `msasss/exam/1`, shipped as `schemas/exam-1.schema.json`.

All that an exam holds is stored but the pixels. Grades and sums are written for the reader's sake: on reading they are
derived again, and a file whose grades do not follow from its findings is refused.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from msasss.anatomy import Corner, Endplate, Region, Vertebra
from msasss.errors import InputError, MsasssError, ReadingError
from msasss.exam import Exam, ExamFilm, Provenance
from msasss.formats.landmarks_json import landmarks_from_json, landmarks_to_json, spacing_to_json
from msasss.imaging import PixelSpacing, SpacingSource
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading
from msasss.scoring import CornerScore, MsasssScore, scheme_from_dict, scheme_to_dict, score_reading

SCHEMA = "msasss/exam/1"
SCHEMA_FILE = "exam-1.schema.json"

Record = dict[str, Any]


def dump(exam: Exam) -> str:
    """Return an exam as JSON text."""
    return json.dumps(to_record(exam), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def load(text: str) -> Exam:
    """Return the exam that JSON text states, without pixels.

    Raises:
        InputError: If the text is no exam of this schema, or its grades do not follow from its findings.
    """
    try:
        record = json.loads(text)
    except ValueError as error:
        msg = f"Expected an exam as JSON, got text that is none ({error}). Give the score.json as it was written."
        raise InputError(msg) from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        found = record.get("schema") if isinstance(record, dict) else type(record).__name__
        msg = f"Expected an exam of schema {SCHEMA}, got {found!r}. Score it again with this version."
        raise InputError(msg)
    try:
        return _exam(record)
    except MsasssError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"Expected a complete exam, got one with a fault at {error}. Check it with {SCHEMA_FILE}."
        raise InputError(msg) from error


def load_file(path: Path) -> Exam:
    """Read an exam from a file.

    Raises:
        InputError: If the file cannot be read or is no exam.
    """
    try:
        return load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path.name}: Expected a readable score.json, got none ({type(error).__name__})."
        raise InputError(msg) from error


def schema_text(name: str = SCHEMA_FILE) -> str:
    """Return a JSON Schema shipped with the package."""
    return resources.files("msasss.formats").joinpath("schemas", name).read_text(encoding="utf-8")


def to_record(exam: Exam) -> Record:
    """Return an exam in JSON's types."""
    return {
        "schema": SCHEMA,
        "patient": exam.patient_key,
        "visit_date": _iso(exam.visit_date),
        "images": [_film_to_json(film) for film in exam.films],
        "reading": _reading_to_json(exam.reading),
        "corners": [_corner_to_json(item, exam.reading) for item in exam.score.corners],
        "score": _score_to_json(exam.score),
        "scheme": scheme_to_dict(exam.scheme),
        "warnings": list(exam.warnings),
        "provenance": {
            "software": exam.provenance.software,
            "created_at": exam.provenance.created_at.isoformat(),
            "weights": {name: f"sha256:{digest}" for name, digest in exam.provenance.weights.items()},
        },
    }


def _film_to_json(film: ExamFilm) -> Record:
    return {
        "source": film.source,
        "uid": film.uid,
        "region": film.region.value,
        "acquired_on": _iso(film.acquired_on),
        **spacing_to_json(film.spacing),
        **landmarks_to_json(film.landmarks),
    }


def _reading_to_json(reading: Reading) -> Record:
    return {
        "reader": {"kind": reading.reader.kind.value, "id": reading.reader.id},
        "read_at": None if reading.read_at is None else reading.read_at.isoformat(),
        "software": reading.software,
    }


def _corner_to_json(item: CornerScore, reading: Reading) -> Record:
    finding = reading[item.corner] if item.corner.region in reading.images else None
    return {
        "vertebra": item.corner.vertebra.value,
        "endplate": item.corner.endplate.value,
        "grade": item.grade,
        "not_scored": None if item.not_scored is None else item.not_scored.value,
        "lesions": [] if finding is None else [lesion.value for lesion in Lesion if lesion in finding.lesions],
        "not_visible": finding is not None and finding.not_visible,
        "probabilities": None if finding is None else _probabilities_to_json(finding),
        "not_visible_probability": None if finding is None else finding.not_visible_probability,
        "review": finding is not None and finding.in_doubt,
    }


def _probabilities_to_json(finding: CornerFinding) -> Record | None:
    if finding.probabilities is None:
        return None
    return {lesion.value: float(value) for lesion, value in finding.probabilities.items()}


def _score_to_json(score: MsasssScore) -> Record:
    return {
        "scheme": score.scheme,
        "cervical": score.cervical,
        "lumbar": score.lumbar,
        "total": score.total,
        "observed": score.observed,
        "range": list(score.range),
        "imputed": [{"vertebra": item.vertebra.value, "endplate": item.endplate.value} for item in score.imputed],
    }


def _exam(record: Record) -> Exam:
    films = tuple(_film(item) for item in record["images"])
    reading = _reading(record, films)
    scheme = scheme_from_dict(record["scheme"])
    score = score_reading(reading, scheme)
    _check_score(record, score)
    made = record["provenance"]
    weights = {name: digest.removeprefix("sha256:") for name, digest in made["weights"].items()}
    provenance = Provenance(made["software"], datetime.fromisoformat(made["created_at"]), weights)
    return Exam(record["patient"], films, reading, scheme, score, tuple(record["warnings"]), provenance)


def _film(record: Record) -> ExamFilm:
    spacing = record["spacing_mm"]
    region = Region(record["region"])
    return ExamFilm(
        region=region,
        uid=record["uid"],
        source=record["source"],
        spacing=None if spacing is None else PixelSpacing(spacing, SpacingSource(record["spacing_source"])),
        acquired_on=None if record["acquired_on"] is None else date.fromisoformat(record["acquired_on"]),
        landmarks=landmarks_from_json(record, region),
    )


def _reading(record: Record, films: tuple[ExamFilm, ...]) -> Reading:
    images = {film.region: film.uid for film in films}
    findings = [_finding(item) for item in record["corners"]]
    made = record["reading"]
    return Reading(
        Reader(ReaderKind(made["reader"]["kind"]), made["reader"]["id"]),
        images,
        tuple(finding for finding in findings if finding.corner.region in images),
        None if made["read_at"] is None else datetime.fromisoformat(made["read_at"]),
        made["software"],
    )


def _finding(record: Record) -> CornerFinding:
    probabilities = record["probabilities"]
    return CornerFinding(
        Corner(Vertebra(record["vertebra"]), Endplate(record["endplate"])),
        frozenset(Lesion(name) for name in record["lesions"]),
        not_visible=record["not_visible"],
        probabilities=None if probabilities is None else {Lesion(name): value for name, value in probabilities.items()},
        not_visible_probability=record["not_visible_probability"],
        in_doubt=record["review"],
    )


def _check_score(record: Record, score: MsasssScore) -> None:
    stored: Mapping[str, Any] = record["score"]
    for name, value in _score_to_json(score).items():
        if stored[name] != value:
            _refuse(name, stored[name], value)
    grades = {(item["vertebra"], item["endplate"]): item["grade"] for item in record["corners"]}
    for item in score.corners:
        found = grades[item.corner.vertebra.value, item.corner.endplate.value]
        if found != item.grade:
            _refuse(f"grade of {item.corner}", found, item.grade)


def _refuse(name: str, stored: object, derived: object) -> NoReturn:
    msg = f"Expected {name} {derived}, which follows from the findings, got {stored}. Score the exam again."
    raise ReadingError(msg)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
