"""A scored exam in HL7 FHIR: a Bundle of a DiagnosticReport, its Observations and the Device that made them.

Written by hand after the resource pages: R5 https://hl7.org/fhir/R5/diagnosticreport.html,
https://hl7.org/fhir/R5/observation.html, https://hl7.org/fhir/R5/device.html, and the same pages of R4
(https://hl7.org/fhir/R4/). The two differ in `study` (R5) for `imagingStudy` (R4) and in the name of a Device.

Terms without a standard code are those of the private DICOM scheme 99MSASSS; body sites are of the SNOMED CT subset
that DICOM and FHIR share. Patient and images are named by identifier, so that no server has to know them by id.
"""

import json
import uuid
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

from msasss.anatomy import Corner, Endplate, Region, Vertebra
from msasss.exam import Exam, ExamFilm
from msasss.reading import CornerFinding, Lesion, ReaderKind
from msasss.scoring import CornerScore, NotScored, RegionScore

Record = dict[str, Any]

# The identifier of the private scheme that DICOM objects name as CodingSchemeUID.
CODE_SYSTEM: Final = "urn:oid:2.25.261631586191342887033723152652445637980"
SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
NOTICE: Final = "Research use, not a medical device."

_NAMESPACE: Final = uuid.UUID("86fb8d1c-6d58-54a4-9d92-5cbf6a0e3a3c")
_ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_SERVICE: Final = "http://terminology.hl7.org/CodeSystem/v2-0074"
_DICOM_UID: Final = "urn:dicom:uid"

# PS3.16 CID 7603; S1 has no code in the shared subset, its superior corner is that of the sacrum.
VERTEBRA_CODE: Final = {
    Vertebra.C2: "39976000",
    Vertebra.C3: "113205007",
    Vertebra.C4: "5329002",
    Vertebra.C5: "36978003",
    Vertebra.C6: "36054005",
    Vertebra.C7: "87391001",
    Vertebra.T1: "64864005",
    Vertebra.T12: "23215003",
    Vertebra.L1: "66794005",
    Vertebra.L2: "14293000",
    Vertebra.L3: "36470004",
    Vertebra.L4: "11994002",
    Vertebra.L5: "49668003",
    Vertebra.S1: "54735007",
}
REGION_CODE: Final = {Region.CERVICAL: "122494005", Region.LUMBAR: "122496007"}
_ABSENT_BECAUSE: Final = {NotScored.NOT_VISIBLE: "unknown", NotScored.EXCLUDED_LESION: "not-applicable"}


class FhirVersion(Enum):
    """The release of FHIR."""

    R5 = "R5"
    R4 = "R4"


def dump(exam: Exam, version: FhirVersion = FhirVersion.R5, *, uid_seed: str | None = None) -> str:
    """Return an exam as the JSON text of a FHIR Bundle; see `to_bundle`."""
    bundle = to_bundle(exam, version, uid_seed=uid_seed)
    return json.dumps(bundle, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def to_bundle(exam: Exam, version: FhirVersion = FhirVersion.R5, *, uid_seed: str | None = None) -> Record:
    """Return an exam as a FHIR Bundle of type collection.

    Its first entry is the DiagnosticReport; then come the Observations of the total, of each region read and of its
    twelve corners, and the Device. The report is preliminary: no person has signed it.

    Args:
        exam: A scored exam; regions that were not read stay out.
        version: Release of FHIR.
        uid_seed: Text that fixes the identifiers of the entries; None draws new ones.
    """
    scope = uid_seed or str(uuid.uuid4())
    resources = {
        "report": _report(exam, version, scope),
        **_observations(exam, scope),
        "device": _device(exam, version),
    }
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": exam.provenance.created_at.isoformat(),
        "entry": [{"fullUrl": _url(scope, name), "resource": resource} for name, resource in resources.items()],
    }


def _report(exam: Exam, version: FhirVersion, scope: str) -> Record:
    names = ["total", *(region.value for region in exam.reading.regions)]
    studies = _studies(exam)
    study_field = "study" if version is FhirVersion.R5 else "imagingStudy"
    return {
        "resourceType": "DiagnosticReport",
        "status": "preliminary",
        "category": [_concept((_SERVICE, "RAD", "Radiology"))],
        "code": _concept((LOINC, "18748-4", "Diagnostic imaging study"), text="mSASSS"),
        **_shared(exam),
        "issued": exam.provenance.created_at.isoformat(),
        "result": [{"reference": _url(scope, name)} for name in names],
        **({study_field: studies} if studies else {}),
        "conclusion": _conclusion(exam),
    }


def _observations(exam: Exam, scope: str) -> dict[str, Record]:
    found = {"total": _total(exam, scope)}
    for region in exam.reading.regions:
        score = exam.score.region(region)
        found[region.value] = _region(exam, score, scope)
        for item in score.corners:
            found[str(item.corner)] = _corner(exam, item, scope)
    return found


def _total(exam: Exam, scope: str) -> Record:
    score = exam.score
    regions = [_url(scope, region.value) for region in exam.reading.regions]
    numbers = {
        "OBSERVED": ("Observed sum", score.observed),
        "RANGE-LOW": ("Lowest sum", score.range[0]),
        "RANGE-HIGH": ("Highest sum", score.range[1]),
        "IMPUTED": ("Imputed corners", len(score.imputed)),
    }
    return {
        **_observation(exam, scope, _own("TOTAL", "mSASSS total")),
        **_sum(score.total),
        **_noted(tuple(dict.fromkeys((*exam.warnings, *score.warnings)))),
        "hasMember": [{"reference": url} for url in regions],
        "component": [{"code": _own(code, name), "valueInteger": number} for code, (name, number) in numbers.items()],
    }


def _region(exam: Exam, score: RegionScore, scope: str) -> Record:
    name = score.region.value
    return {
        **_observation(exam, scope, _own(name.upper(), f"{name.capitalize()} total")),
        **_sum(score.total),
        "bodySite": _concept((SNOMED, REGION_CODE[score.region], f"{name.capitalize()} spine")),
        **_derived_from(exam.film(score.region)),
        "hasMember": [{"reference": _url(scope, str(item.corner))} for item in score.corners],
        "component": [
            {"code": _own("OBSERVED", "Observed sum"), "valueInteger": score.observed},
            {"code": _own("IMPUTED", "Imputed corners"), "valueInteger": len(score.imputed)},
        ],
    }


def _corner(exam: Exam, item: CornerScore, scope: str) -> Record:
    components = list(_components(exam.reading[item.corner]))
    return {
        **_observation(exam, scope, _own("GRADE", "Grade")),
        **_grade(item),
        "bodySite": _site(item.corner),
        **_derived_from(exam.film(item.corner.region)),
        **({"component": components} if components else {}),
    }


def _components(finding: CornerFinding) -> Iterator[Record]:
    for lesion in () if finding.not_visible else Lesion:
        yield {"code": _own(lesion.name, lesion.value.capitalize()), "valueBoolean": lesion in finding.lesions}
    given = finding.probabilities or {}
    for lesion in (lesion for lesion in Lesion if lesion in given):
        number = _quantity(float(given[lesion]), "1")
        yield {"code": _own(f"P-{lesion.name}", f"P {lesion.value}"), "valueQuantity": number}
    if finding.not_visible_probability is not None:
        value = float(finding.not_visible_probability)
        yield {"code": _own("P-NOT-VISIBLE", "P not visible"), "valueQuantity": _quantity(value, "1")}
    if finding.in_doubt:
        yield {"code": _own("REVIEW", "Review"), "valueBoolean": True}


def _observation(exam: Exam, scope: str, code: Record) -> Record:
    return {
        "resourceType": "Observation",
        "status": "preliminary",
        "category": [_concept((_CATEGORY, "imaging", "Imaging"))],
        "code": code,
        **_shared(exam),
        "method": {"text": f"{exam.scheme.name}: {'; '.join(exam.scheme.citations)}".removesuffix(": ")},
        "device": {"reference": _url(scope, "device")},
    }


def _shared(exam: Exam) -> Record:
    """Return what report and observations say alike: of whom, when seen, and by which person if one read."""
    subject = None if exam.patient_key is None else {"type": "Patient", "identifier": {"value": exam.patient_key}}
    reader = exam.reading.reader
    return {
        **({} if subject is None else {"subject": subject}),
        **({} if exam.visit_date is None else {"effectiveDateTime": exam.visit_date.isoformat()}),
        **({} if reader.kind is ReaderKind.MODEL else {"performer": [{"display": f"{reader.kind.value} {reader.id}"}]}),
    }


def _device(exam: Exam, version: FhirVersion) -> Record:
    made = exam.provenance
    name_field, value_field = ("name", "value") if version is FhirVersion.R5 else ("deviceName", "name")
    weights = [
        {"type": {"text": f"weights {network}"}, "value": f"sha256:{digest}"}
        for network, digest in made.weights.items()
    ]
    return {
        "resourceType": "Device",
        name_field: [{value_field: "msasss", "type": "user-friendly-name"}],
        "version": [{"type": {"text": "software"}, "value": made.software}, *weights],
        "note": [{"text": NOTICE}],
    }


def _grade(item: CornerScore) -> Record:
    if item.not_scored is None:
        return {"valueInteger": item.grade}
    reason = _concept((_ABSENT, _ABSENT_BECAUSE[item.not_scored], None), text=item.not_scored.value)
    return {"dataAbsentReason": reason}


def _sum(value: float | None) -> Record:
    if value is None:
        return {"dataAbsentReason": _concept((_ABSENT, "not-applicable", None), text="too few scored corners")}
    return {"valueQuantity": _quantity(value, "{score}")}


def _noted(sentences: tuple[str, ...]) -> Record:
    return {"note": [{"text": sentence} for sentence in sentences]} if sentences else {}


def _quantity(value: float, unit: str) -> Record:
    return {"value": value, "unit": unit.strip("{}"), "system": UCUM, "code": unit}


def _site(corner: Corner) -> Record:
    vertebra, upper = corner.vertebra.value, corner.endplate is Endplate.SUPERIOR
    name = "Sacrum" if corner.vertebra is Vertebra.S1 else f"{vertebra} vertebra"
    text = f"{vertebra} {'superior' if upper else 'inferior'} anterior corner"
    return _concept((SNOMED, VERTEBRA_CODE[corner.vertebra], name), text=text)


def _derived_from(film: ExamFilm | None) -> Record:
    if film is None or not _is_uid(film.uid):
        return {}
    image = {
        "identifier": {"system": _DICOM_UID, "value": f"urn:oid:{film.uid}"},
        "display": f"{film.region.value} film",
    }
    return {"derivedFrom": [image]}


def _studies(exam: Exam) -> list[Record]:
    films = (film.radiograph for film in exam.films if film.radiograph is not None)
    uids = dict.fromkeys(film.study_uid for film in films if film.study_uid)
    return [{"type": "ImagingStudy", "identifier": {"system": _DICOM_UID, "value": f"urn:oid:{uid}"}} for uid in uids]


def _conclusion(exam: Exam) -> str:
    score = exam.score
    low, high = score.range
    total = "no total" if score.total is None else f"{score.total:g} of 72"
    return f"{exam.scheme.name}: {total} (observed sum {score.observed}, possible range {low} to {high}). {NOTICE}"


def _own(code: str, meaning: str) -> Record:
    return _concept((CODE_SYSTEM, code, meaning))


def _concept(coding: tuple[str, str, str | None], *, text: str | None = None) -> Record:
    system, code, display = coding
    return {
        "coding": [{"system": system, "code": code, **({} if display is None else {"display": display})}],
        **({} if text is None else {"text": text}),
    }


def _is_uid(text: str) -> bool:
    return text.replace(".", "").isdigit() and "." in text


def _url(scope: str, name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, chr(0).join((scope, name)))}"
