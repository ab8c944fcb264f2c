"""De-identification of DICOM objects for export, with an account of what was changed that shows no value.

Identifiers, names, dates, times and UIDs are replaced by dicognito, the same everywhere for the same seed, so that the
films and results of one patient stay together and intervals between visits stay true. Beyond it, what the Basic
Application Level Confidentiality Profile removes (PS3.15 E.1) and dicognito keeps is removed here: private elements,
free text, overlays, previews, signatures. Sex, age and body size stay (PS3.15 E.3.4).

The pixels are not looked at: text burned into them stays, which is what the warnings are about.
"""

import secrets
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydicom import Dataset, dcmread
from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.tag import BaseTag

from msasss.dicom.confidential_elements import (
    CURVE_GROUPS,
    EMPTIED,
    OVERLAY_GROUPS,
    REMOVED,
    SECONDARY_CAPTURE,
    SHARED_UIDS,
    TEXT_SUSPECTS,
)
from msasss.dicom.dataset import READ_FAULTS, damaged, parse
from msasss.errors import UsageError
from msasss.imaging.content import read_content

if TYPE_CHECKING:
    from dicognito.anonymizer import Anonymizer

METHOD: Final = "msasss"


class Change(Enum):
    """What became of an element."""

    REMOVED = "removed"
    REPLACED = "replaced"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class ElementChange:
    """A change of one element, without its value.

    Args:
        element: Its keyword with those of the sequences above it, or its tag where it has none.
        change: What became of it.
        times: At how many places.
    """

    element: str
    change: Change
    times: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Deidentified:
    """A de-identified object.

    Args:
        dataset: A copy; the original is left as it was.
        changes: What was changed, in the order of the elements.
        warnings: What a person must look at before the object leaves the house.
    """

    dataset: Dataset
    changes: tuple[ElementChange, ...]
    warnings: tuple[str, ...]


def new_seed() -> str:
    """Return a seed that nobody can guess. Keep it as secret as the originals: it leads from them to the copies."""
    return secrets.token_hex(32)


def deidentify(dataset: Dataset, seed: str) -> Deidentified:
    """Return a de-identified copy of an object.

    Args:
        dataset: Image, report or any other object with its file meta information.
        seed: Secret text; objects de-identified with one seed keep their relations to each other.

    Raises:
        UsageError: If dicognito is not installed, or the seed is empty.
        RadiographError: If the object is damaged.
    """
    if not seed:
        msg = "Expected a secret seed, got an empty one. Take one from new_seed() and keep it for the whole export."
        raise UsageError(msg)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of each unusual value; they are replaced all the same
        try:
            return _deidentified(dataset, seed)
        except READ_FAULTS as error:
            source = str(dataset.get("Modality") or "object")
            raise damaged(source) from error


def deidentify_file(source: Path, target: Path, seed: str) -> Deidentified:
    """De-identify a file into another; choose a name for it that says nothing of the patient.

    Raises:
        UsageError: If dicognito is not installed, the seed is empty, or both files are one.
        RadiographError: If the file cannot be read or is damaged.
    """
    if source.resolve() == target.resolve():
        msg = f"Expected another file to write to, got {target.name} for both. The original is not overwritten."
        raise UsageError(msg)
    result = deidentify(parse(read_content(source, source.name), source.name), seed)
    result.dataset.save_as(target, enforce_file_format=True)
    return result


def burned_in_warnings(dataset: Dataset) -> tuple[str, ...]:
    """Return what is to be feared of text in the pixels or the enclosed document, by the header alone."""
    said = str(dataset.get("BurnedInAnnotation") or "").upper()
    if "EncapsulatedDocument" in dataset:
        return ("The object encloses a document, which is left as it is and may name the patient. Do not export it.",)
    if "Rows" not in dataset:
        return ()
    if said == "YES":
        return ("The header says that text is burned into the image. Black it out or do not export the film.",)
    suspect = dataset.get("Modality") in TEXT_SUSPECTS or dataset.get("SOPClassUID") == SECONDARY_CAPTURE
    if suspect:
        return ("Captured, scanned and fluoroscopic images often have text burned in. Look at the film before export.",)
    if said != "NO":
        return ("The header does not say whether text is burned into the image. Look at the film before export.",)
    return ()


def _deidentified(dataset: Dataset, seed: str) -> Deidentified:
    anonymizer = _anonymizer(seed)
    copy = _as_read(dataset)
    before = _fingerprints(copy)
    found = burned_in_warnings(copy) + _text_warnings(copy)
    _blank_malformed_times(copy)
    _strip(copy)
    anonymizer.anonymize(copy)
    copy.preamble = b"\0" * 128  # may hold another format's header
    methods = copy.get("DeidentificationMethod")
    copy.DeidentificationMethod = [*([methods] if isinstance(methods, str) else methods or ()), METHOD]
    copy.LongitudinalTemporalInformationModified = "MODIFIED"
    return Deidentified(copy, tuple(_changes(before, _fingerprints(copy))), found)


def _as_read(dataset: Dataset) -> Dataset:
    """Return a copy as a file would give it: with dates as text, which is what dicognito shifts."""
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return dcmread(BytesIO(stream.getvalue()))


def _anonymizer(seed: str) -> "Anonymizer":
    try:
        from dicognito.anonymizer import Anonymizer
        from dicognito.value_keeper import ValueKeeper
    except ImportError as error:
        msg = "Expected the package dicognito, got none. Install msasss[deidentify]."
        raise UsageError(msg) from error
    anonymizer = Anonymizer(seed=seed)
    for keyword in SHARED_UIDS:
        anonymizer.add_element_handler(ValueKeeper(keyword))
    return anonymizer


def _text_warnings(dataset: Dataset) -> tuple[str, ...]:
    if "ContentSequence" not in dataset:
        return ()
    return ("The texts inside the report are left as they are and may name a person. Read them before export.",)


def _blank_malformed_times(dataset: Dataset) -> None:
    """Empty dates that are none: they may still say when, and dicognito cannot shift them."""

    def blank(_parent: Dataset, element: DataElement) -> None:
        values = [element.value] if isinstance(element.value, str) else element.value
        if element.VR in ("DA", "DT") and values and not all(_is_time(str(value)) for value in values):
            element.value = ""

    dataset.walk(blank)


def _is_time(text: str) -> bool:
    digits = text.replace(".", "")[:8]
    return len(digits) == 8 and digits.isdigit() and 1 <= int(digits[4:6]) <= 12 and 1 <= int(digits[6:]) <= 31


def _strip(dataset: Dataset) -> None:
    dataset.remove_private_tags()

    def strip(parent: Dataset, element: DataElement) -> None:
        if element.keyword in REMOVED or element.tag.group in OVERLAY_GROUPS or element.tag.group in CURVE_GROUPS:
            del parent[element.tag]
        elif element.keyword in EMPTIED and element.value:
            element.value = ""

    dataset.walk(strip)


def _fingerprints(dataset: Dataset) -> Mapping[tuple[str, ...], int]:
    """Return a hash of the value of each element by its place; values themselves are not kept."""
    return dict(_walk(dataset, ()))


def _walk(dataset: Dataset, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    for element in dataset:
        name = (*above, _name(element.tag))
        if element.VR == "SQ":
            for number, item in enumerate(element.value):
                yield from _walk(item, (*name, str(number)))
        yield name, hash(_comparable(element))


def _comparable(element: DataElement) -> int | bytes | str:
    if element.VR == "SQ":
        return len(element.value)
    return element.value if isinstance(element.value, bytes) else str(element.value)


def _changes(before: Mapping[tuple[str, ...], int], after: Mapping[tuple[str, ...], int]) -> Iterator[ElementChange]:
    counts: dict[tuple[str, Change], int] = {}
    for place in (*before, *(place for place in after if place not in before)):
        if place not in after:
            change = Change.REMOVED
        elif place not in before:
            change = Change.ADDED
        elif before[place] != after[place]:
            change = Change.REPLACED
        else:
            continue
        element = ".".join(name for name in place if not name.isdigit())
        counts[element, change] = counts.get((element, change), 0) + 1
    yield from (ElementChange(element, change, times) for (element, change), times in counts.items())


def _name(tag: BaseTag) -> str:
    return keyword_for_tag(tag) or f"({tag.group:04X},{tag.element:04X})"
