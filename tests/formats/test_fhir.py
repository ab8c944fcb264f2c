import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from fhir.resources.bundle import Bundle as BundleR5
from fhir.resources.R4B.bundle import Bundle as BundleR4

from msasss.anatomy import Region, Vertebra, corners_of
from msasss.dicom.codes import Term, definitions
from msasss.dicom.report_items import REGION_CODE, VERTEBRA_CODE
from msasss.exam import Exam, ExamFilm, Provenance
from msasss.formats import fhir
from msasss.formats.fhir import FhirVersion, Record, dump, to_bundle
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading
from msasss.scoring import MSASSS, MissingKind, MissingPolicy, ScoringScheme, score_reading
from support.dicom_exams import CREATED, NETWORK, WEIGHTS
from support.exams import film

SPECIAL = {
    "C3 superior": {
        "lesions": frozenset({Lesion.BRIDGE}),
        "probabilities": {Lesion.BRIDGE: 0.9, Lesion.OTHER: 0.1 + 0.2},
    },
    "C4 superior": {"lesions": frozenset({Lesion.OSTEOPHYTE}), "in_doubt": True},
    "C5 superior": {"not_visible": True, "not_visible_probability": 0.75},
}


def exam(
    *,
    regions: tuple[Region, ...] = tuple(Region),
    scheme: ScoringScheme = MSASSS,
    reader: Reader = NETWORK,
) -> Exam:
    uids = {Region.CERVICAL: "1.2.3.1", Region.LUMBAR: "lumbar.png"}
    findings = tuple(
        CornerFinding(corner, **SPECIAL.get(str(corner), {}))  # type: ignore[arg-type]
        for region in regions
        for corner in corners_of(region)
    )
    reading = Reading(reader, {region: uids[region] for region in regions}, findings, None, "msasss 0.1.0")
    films = tuple(
        ExamFilm(region, uids[region], f"{region.value}.x", acquired_on=date(2024, 5, 31)) for region in regions
    )
    provenance = Provenance("msasss 0.1.0", CREATED, WEIGHTS)
    return Exam("key-1", films, reading, scheme, score_reading(reading, scheme), ("Look twice.",), provenance)


def resources(bundle: Record, kind: str) -> list[Record]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def code_of(resource: Record) -> str:
    return str(resource["code"]["coding"][0]["code"])


def corner(bundle: Record, name: str) -> Record:
    text = f"{name} anterior corner"
    return next(item for item in resources(bundle, "Observation") if item.get("bodySite", {}).get("text") == text)


def total(bundle: Record, code: str = "TOTAL") -> Record:
    return next(item for item in resources(bundle, "Observation") if code_of(item) == code)


def components(observation: Record) -> dict[str, Record]:
    return {code_of(item): item for item in observation.get("component", [])}


def codings(value: object) -> list[Record]:
    if isinstance(value, list):
        return [coding for item in value for coding in codings(item)]
    if not isinstance(value, Mapping):
        return []
    own = [value] if "system" in value and "code" in value and "value" not in value else []
    return own + [coding for item in value.values() for coding in codings(item)]  # type: ignore[return-value]


@pytest.mark.parametrize(("version", "model"), [(FhirVersion.R5, BundleR5), (FhirVersion.R4, BundleR4)])
@pytest.mark.parametrize("reader", [Reader(ReaderKind.MODEL, "m"), Reader(ReaderKind.CONSENSUS, "three readers")])
def test_bundle_is_valid_in_its_release(version: FhirVersion, model: type[BundleR5], reader: Reader) -> None:
    made = exam(reader=reader)
    shown = replace(made.films[0], radiograph=replace(film(), study_uid="1.2.3"))
    made = replace(made, films=(shown, made.films[1]))
    model.model_validate_json(dump(made, version))


@pytest.mark.parametrize(("version", "model"), [(FhirVersion.R5, BundleR5), (FhirVersion.R4, BundleR4)])
def test_bundle_of_one_region_without_total_is_valid(version: FhirVersion, model: type[BundleR5]) -> None:
    strict = replace(MSASSS, missing=MissingPolicy(MissingKind.NONE), citations=())
    made = replace(exam(regions=(Region.CERVICAL,), scheme=strict), patient_key=None)
    model.model_validate_json(dump(made, version))


def test_text_is_the_bundle() -> None:
    assert json.loads(dump(exam(), uid_seed="a")) == to_bundle(exam(), uid_seed="a")


def test_report_comes_first_then_totals_and_corners() -> None:
    kinds = [entry["resource"]["resourceType"] for entry in to_bundle(exam())["entry"]]
    assert kinds == ["DiagnosticReport", *["Observation"] * 27, "Device"]


def test_every_reference_is_to_an_entry() -> None:
    bundle = to_bundle(exam())
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    referred = [url for url in json.dumps(bundle).split('"') if url.startswith("urn:uuid:")]
    assert len(set(urls)) == len(urls)
    assert set(referred) == set(urls)


def test_region_not_read_stays_out() -> None:
    codes = Counter(code_of(item) for item in resources(to_bundle(exam(regions=(Region.CERVICAL,))), "Observation"))
    assert codes == {"TOTAL": 1, "CERVICAL": 1, "GRADE": 12}


def test_scored_corner_has_its_grade_and_lesions() -> None:
    item = corner(to_bundle(exam()), "C3 superior")
    assert item["valueInteger"] == 3
    assert components(item)["BRIDGE"]["valueBoolean"] is True
    assert components(item)["EROSION"]["valueBoolean"] is False
    assert components(item)["P-OTHER"]["valueQuantity"]["value"] == 0.1 + 0.2


def test_excluded_corner_says_why_it_has_no_grade() -> None:
    item = corner(to_bundle(exam()), "C4 superior")
    assert "valueInteger" not in item
    assert item["dataAbsentReason"]["coding"][0]["code"] == "not-applicable"
    assert item["dataAbsentReason"]["text"] == "osteophyte or other"
    assert components(item)["REVIEW"]["valueBoolean"] is True


def test_corner_that_is_not_visible_claims_no_lesion_absent() -> None:
    item = corner(to_bundle(exam()), "C5 superior")
    assert item["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert list(components(item)) == ["P-NOT-VISIBLE"]


def test_totals_are_those_of_the_score() -> None:
    made = exam()
    item = total(to_bundle(made))
    assert item["valueQuantity"]["value"] == made.score.total
    assert components(item)["OBSERVED"]["valueInteger"] == made.score.observed
    bounds = (components(item)["RANGE-LOW"]["valueInteger"], components(item)["RANGE-HIGH"]["valueInteger"])
    assert bounds == made.score.range
    assert item["note"][0]["text"] == "Look twice."


def test_absent_total_is_no_number() -> None:
    item = total(to_bundle(exam(scheme=replace(MSASSS, missing=MissingPolicy(MissingKind.NONE)))), "CERVICAL")
    assert "valueQuantity" not in item
    assert item["dataAbsentReason"]["text"] == "too few scored corners"


def test_film_with_a_uid_is_named_and_a_file_name_is_not() -> None:
    bundle = to_bundle(exam())
    assert total(bundle, "CERVICAL")["derivedFrom"][0]["identifier"]["value"] == "urn:oid:1.2.3.1"
    assert "derivedFrom" not in total(bundle, "LUMBAR")
    assert "lumbar.png" not in json.dumps(bundle)


@pytest.mark.parametrize(("version", "field"), [(FhirVersion.R5, "study"), (FhirVersion.R4, "imagingStudy")])
def test_study_is_named_where_it_is_known(version: FhirVersion, field: str) -> None:
    made = exam()
    shown = replace(made.films[0], radiograph=replace(film(), study_uid="1.2.3"))
    known = to_bundle(replace(made, films=(shown, made.films[1])), version)
    assert resources(known, "DiagnosticReport")[0][field][0]["identifier"]["value"] == "urn:oid:1.2.3"
    assert field not in resources(to_bundle(made, version), "DiagnosticReport")[0]


def test_person_is_the_performer_and_a_network_is_not() -> None:
    person = to_bundle(exam(reader=Reader(ReaderKind.HUMAN, "r1")))
    assert total(person)["performer"] == [{"display": "human r1"}]
    assert "performer" not in total(to_bundle(exam()))


def test_device_names_software_and_weights() -> None:
    device = resources(to_bundle(exam()), "Device")[0]
    assert [item["value"] for item in device["version"]] == [
        "msasss 0.1.0",
        *(f"sha256:{digest}" for digest in WEIGHTS.values()),
    ]


def test_report_is_preliminary_and_says_what_it_is_for() -> None:
    report = resources(to_bundle(exam()), "DiagnosticReport")[0]
    assert report["status"] == "preliminary"
    assert report["conclusion"].endswith("Research use, not a medical device.")


def test_patient_without_key_is_left_out() -> None:
    assert '"subject"' not in dump(replace(exam(), patient_key=None))


def test_one_seed_makes_one_bundle_and_no_seed_makes_two() -> None:
    assert dump(exam(), uid_seed="a") == dump(exam(), uid_seed="a")
    assert dump(exam()) != dump(exam())


def test_private_codes_are_those_of_the_published_table() -> None:
    own = [coding for coding in codings(to_bundle(exam())) if coding["system"] == fhir.CODE_SYSTEM]
    assert len(own) > 100
    for coding in own:
        assert coding["display"] == definitions()[Term(coding["code"])].meaning


def test_body_sites_are_those_of_the_dicom_objects() -> None:
    assert {vertebra: code.value for vertebra, code in VERTEBRA_CODE.items()} == fhir.VERTEBRA_CODE
    assert {region: code.value for region, code in REGION_CODE.items()} == fhir.REGION_CODE
    assert set(fhir.VERTEBRA_CODE) == set(Vertebra)
