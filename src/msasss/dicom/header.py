"""What a DICOM header says of an image besides its pixels: whether we read it, whose it is, when, and of what."""

import re
from datetime import date, datetime
from typing import Final

from pydicom import Dataset
from pydicom.uid import UID

from msasss.anatomy import Region
from msasss.errors import NoImageError, RadiographError
from msasss.imaging.radiograph import check_size

# What the objects that we write call their maker; simulated films have another model name.
MANUFACTURER: Final = "The msasss developers"
MODEL_NAME: Final = "msasss"

_DX_FOR_PROCESSING: Final = "1.2.840.10008.5.1.4.1.1.1.1.1"
_RF: Final = "1.2.840.10008.5.1.4.1.1.12.2"
_ACCEPTED_CLASSES: Final = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.1",  # CR
        "1.2.840.10008.5.1.4.1.1.1.1",  # DX, for presentation
        _DX_FOR_PROCESSING,
        _RF,
        "1.2.840.10008.5.1.4.1.1.7",  # secondary capture
    }
)

# Modalities a plain film may come under (PS3.3 C.7.3.1.1.1): computed and digital radiography, fluoroscopy, digitised
# film, plain film, and "other" as secondary captures have it.
_PLAIN_FILM: Final = frozenset({"CR", "DX", "RF", "RG", "FILM", "HC", "OT", "SC", "DR", ""})
_PHOTOGRAPH: Final = frozenset({"XC", "GM", "ES", "DMS"})

# Anatomic region codes (PS3.16 CID 4 and 4031), SNOMED CT and the older SNOMED RT.
_REGION_OF_CODE: Final = {
    "122494005": Region.CERVICAL,
    "T-11501": Region.CERVICAL,
    "1217257000": Region.CERVICAL,
    "122496007": Region.LUMBAR,
    "T-11503": Region.LUMBAR,
    "1217253001": Region.LUMBAR,
    "1217256009": Region.LUMBAR,
    "T-D00F7": Region.LUMBAR,
}
_WORDS: Final = {
    Region.CERVICAL: re.compile(r"cerv|\bhws\b|\bc[\s_-]?sp(ine)?\b|\bcspine", re.IGNORECASE),
    Region.LUMBAR: re.compile(r"lumb|\blws\b|\b(l|ls|tl)[\s_-]?sp(ine)?\b|\b(l|ls|tl)spine", re.IGNORECASE),
}


def check_radiograph(header: Dataset, source: str) -> None:
    """Refuse what is no single-frame radiograph of plausible size; reads no pixels.

    Raises:
        NoImageError: If the object is of a kind that holds no image, such as a report or a DICOMDIR, or is a result of
            ours.
        RadiographError: If it holds an image of another kind, several frames or none.
    """
    _check_class(header, source)
    if is_own_result(header):
        msg = f"{source}: Expected a radiograph, got a result of this software. Give the radiograph itself."
        raise NoImageError(msg)
    _check_modality(header, source)
    if "PixelData" not in header:
        msg = f"{source}: Expected pixel data, got none. The file is truncated or stripped; export it again."
        raise RadiographError(msg)
    frames = int(header.get("NumberOfFrames") or 1)
    if frames != 1:
        msg = f"{source}: Expected a single-frame radiograph, got {frames} frames. Export the lateral view alone."
        raise RadiographError(msg)
    check_size(int(header.Rows), int(header.Columns), source)


def is_film_class(sop_class: str) -> bool:
    """Say whether objects of this class can be films: DX, CR, RF, secondary capture."""
    return sop_class in _ACCEPTED_CLASSES


def is_own_result(header: Dataset) -> bool:
    """Say whether an object is a result of ours, which a PACS may give us back among the films."""
    return (_text(header, "Manufacturer"), _text(header, "ManufacturerModelName")) == (MANUFACTURER, MODEL_NAME)


def is_for_processing(header: Dataset) -> bool:
    """Say whether the values are in detector units rather than made for display (PS3.3 C.8.11.1.1.1)."""
    return "FOR PROCESSING" in _text(header, "PresentationIntentType") or _sop_class(header) == _DX_FOR_PROCESSING


def is_fluoroscopy(header: Dataset) -> bool:
    """Say whether it is an RF object, whose values may be in detector units without saying "for processing"."""
    return _sop_class(header) == _RF


def patient_key(header: Dataset) -> str | None:
    """Return the patient's identifier with its issuer, or None if the file has none."""
    identifier, issuer = _text(header, "PatientID"), _text(header, "IssuerOfPatientID")
    if not identifier:
        return None
    return f"{identifier}^{issuer}" if issuer else identifier


def acquired_on(header: Dataset) -> date | None:
    """Return the day of the exposure, or the nearest that the file has: of the content, of the study."""
    for keyword in ("AcquisitionDate", "ContentDate", "StudyDate"):
        day = _date(_text(header, keyword))
        if day:
            return day
    return None


def claimed_region(header: Dataset) -> Region | None:
    """Return the region that the header names, coded or in words, or None if it names none or both."""
    for item in header.get("AnatomicRegionSequence") or ():
        region = _REGION_OF_CODE.get(_text(item, "CodeValue"))
        if region:
            return region
    for keyword in ("BodyPartExamined", "ProtocolName", "SeriesDescription", "StudyDescription"):
        named = [region for region, words in _WORDS.items() if words.search(_text(header, keyword))]
        if len(named) == 1:
            return named[0]
    return None


def uid_text(header: Dataset, keyword: str) -> str:
    """Return a UID as text, empty if it is missing."""
    return _text(header, keyword)


def _check_class(header: Dataset, source: str) -> None:
    sop_class = _sop_class(header)
    if sop_class in _ACCEPTED_CLASSES or (not sop_class and _text(header, "Modality") in _PLAIN_FILM - {""}):
        return
    known = UID(sop_class).name != sop_class
    kind = UID(sop_class).name if known else "an object of unknown kind"
    # A truncated identifier names no known class, so a damaged image is not taken for a report.
    if known and "PixelData" not in header and "Rows" not in header:
        msg = f"{source}: Expected an image, got {kind}. Give the radiograph itself."
        raise NoImageError(msg)
    msg = f"{source}: Expected a DX, CR, RF or secondary capture radiograph, got {kind}. Give the lateral radiograph."
    raise RadiographError(msg)


def _sop_class(header: Dataset) -> str:
    meta = getattr(header, "file_meta", Dataset())
    return _text(header, "SOPClassUID") or _text(meta, "MediaStorageSOPClassUID")


def _check_modality(header: Dataset, source: str) -> None:
    modality = _text(header, "Modality")
    if modality in _PLAIN_FILM:
        return
    kind = "a photograph" if modality in _PHOTOGRAPH else "an image"
    msg = f"{source}: Expected a plain radiograph, got {kind} of modality {modality}. Give the lateral radiograph."
    raise RadiographError(msg)


def _text(header: Dataset, keyword: str) -> str:
    value = header.get(keyword)
    return "" if value is None else str(value).strip(" \0")


def _date(text: str) -> date | None:
    try:
        return datetime.strptime(text.replace(".", "")[:8], "%Y%m%d").date()
    except ValueError:
        return None
