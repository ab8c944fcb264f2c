"""Content items of a structured report: coded terms, texts that survive DICOM's padding, numbers, references."""

import json
import re
from typing import Final

import numpy as np
from highdicom import sr
from pydicom import Dataset
from pydicom.sr.codedict import codes as dicom
from pydicom.sr.coding import Code

from msasss.anatomy import Corner, Endplate, Region, Vertebra
from msasss.dicom.codes import CodeMap, SiteCode, Term, private_code
from msasss.imaging import Point

# The unit is never plain "1": viewers that print no value for 0 would show a grade of 0 as "1".
SCORE_UNIT: Final = Code("{score}", "UCUM", "score")
PROBABILITY_UNIT: Final = Code("{ratio}", "UCUM", "ratio")
COUNT_UNIT: Final = Code("{counts}", "UCUM", "counts")

# PS3.16 CID 7603. S1 has no code in DICOM's dictionary: its superior anterior corner is that of the sacrum.
VERTEBRA_CODE: Final = {
    Vertebra.C2: dicom.SCT.C2Vertebra,
    Vertebra.C3: dicom.SCT.C3Vertebra,
    Vertebra.C4: dicom.SCT.C4Vertebra,
    Vertebra.C5: dicom.SCT.C5Vertebra,
    Vertebra.C6: dicom.SCT.C6Vertebra,
    Vertebra.C7: dicom.SCT.C7Vertebra,
    Vertebra.T1: dicom.SCT.T1Vertebra,
    Vertebra.T12: dicom.SCT.T12Vertebra,
    Vertebra.L1: dicom.SCT.L1Vertebra,
    Vertebra.L2: dicom.SCT.L2Vertebra,
    Vertebra.L3: dicom.SCT.L3Vertebra,
    Vertebra.L4: dicom.SCT.L4Vertebra,
    Vertebra.L5: dicom.SCT.L5Vertebra,
    Vertebra.S1: dicom.SCT.Sacrum,
}
ENDPLATE_CODE: Final = {Endplate.SUPERIOR: dicom.SCT.Superior, Endplate.INFERIOR: dicom.SCT.Inferior}
REGION_CODE: Final = {Region.CERVICAL: dicom.SCT.CervicalSpine, Region.LUMBAR: dicom.SCT.LumbarSpine}

_LONGEST_NAME = 64


def coded(term: Term, codes: CodeMap) -> sr.CodedConcept:
    """Return a term as the site codes it, with the private code as its equivalent."""
    own = sr.CodedConcept.from_code(private_code(term))
    site: SiteCode | None = codes.by_term.get(term)
    if site is None:
        return own
    concept = sr.CodedConcept(site.value, site.scheme, site.meaning)
    concept.EquivalentCodeSequence = [own]
    return concept


def tracking_name(corner: Corner) -> str:
    """Return the tracking identifier of a corner, such as C3-superior-anterior."""
    return f"{corner.vertebra.value}-{corner.endplate.value}-anterior"


def corner_site(corner: Corner) -> sr.FindingSite:
    """Return the finding site: the vertebra, anterior, at its superior or inferior end."""
    site = sr.FindingSite(VERTEBRA_CODE[corner.vertebra], topographical_modifier=dicom.SCT.Anterior)
    site.ContentSequence.append(
        sr.CodeContentItem(
            name=dicom.SCT.TopographicalModifier,
            value=ENDPLATE_CODE[corner.endplate],
            relationship_type=sr.RelationshipTypeValues.HAS_CONCEPT_MOD,
        )
    )
    return site


def measurement(term: Term, value: float, unit: Code, codes: CodeMap) -> sr.Measurement:
    """Return a number; a float is kept exactly, in `FloatingPointValue`."""
    number = value if isinstance(value, int) else float(value)
    return sr.Measurement(name=coded(term, codes), value=number, unit=unit)


def evaluation(term: Term, value: Code | sr.CodedConcept, codes: CodeMap) -> sr.QualitativeEvaluation:
    """Return a coded answer."""
    return sr.QualitativeEvaluation(name=coded(term, codes), value=value)


def text_item(term: Term, text: str, codes: CodeMap) -> sr.TextContentItem:
    """Return a text; see `packed`."""
    return sr.TextContentItem(
        name=coded(term, codes), value=packed(text), relationship_type=sr.RelationshipTypeValues.CONTAINS
    )


def packed(text: str) -> str:
    """Return a text as it is, or in JSON's quotes where DICOM would not keep it: padding, control characters."""
    plain = text.isprintable() and text == text.strip() and text != "" and not text.startswith('"')
    return text if plain else json.dumps(text)


def person_name(pseudonym: str) -> str:
    """Return a pseudonym as a DICOM person name: a family name alone, at most 64 characters."""
    words = re.sub(r"[\\^=\s]+|[^\w\s.,'()-]", " ", pseudonym).split()
    return (" ".join(words)[: _LONGEST_NAME - 1].strip() or "reader") + "^"


def point_region(point: Point, header: Dataset) -> sr.ImageRegion:
    """Return one point of a film; x to the right and y down from the outer corner of the top-left pixel."""
    return sr.ImageRegion(
        graphic_type=sr.GraphicTypeValues.POINT,
        graphic_data=np.array([[point.x, point.y]]),
        source_image=_source(header),
    )


def box_region(points: list[Point], header: Dataset) -> sr.ImageRegion:
    """Return the upright box around points, a little larger, within the film."""
    xs, ys = [point.x for point in points], [point.y for point in points]
    margin = 0.02 * header.Rows
    left, right = max(min(xs) - margin, 0), min(max(xs) + margin, header.Columns)
    top, bottom = max(min(ys) - margin, 0), min(max(ys) + margin, header.Rows)
    outline = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
    return sr.ImageRegion(
        graphic_type=sr.GraphicTypeValues.POLYLINE, graphic_data=np.array(outline), source_image=_source(header)
    )


def is_within(point: Point, header: Dataset) -> bool:
    """Say whether a point lies on the film; DICOM allows no coordinates beside it (PS3.3 C.18.6.1.1)."""
    return bool(0 <= point.x <= header.Columns and 0 <= point.y <= header.Rows)


def _source(header: Dataset) -> sr.SourceImageForRegion:
    return sr.SourceImageForRegion(header.SOPClassUID, header.SOPInstanceUID)
