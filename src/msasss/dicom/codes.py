"""The terms of our reports that have no code in the DICOM dictionaries, and how a site replaces them by its own.

The private scheme 99MSASSS is published in `code_tables/99MSASSS.csv`. No SNOMED CT code outside DICOM's own subset is
used. A site that has codes of its own for our terms lists them in a CSV file (`load_code_map`); a report then carries
the site's code and, as its equivalent, ours, so that it can be read back without the file.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from pydicom import Dataset
from pydicom.sr.coding import Code

from msasss.errors import UsageError
from msasss.reading import Lesion, ReaderKind

SCHEME: Final = "99MSASSS"
SCHEME_NAME: Final = "Codes of the msasss software"
SCHEME_VERSION: Final = "1"
# Made once from a random UUID (PS3.5 B.2); the same text names the code system in FHIR, as urn:oid:.
SCHEME_UID: Final = "2.25.261631586191342887033723152652445637980"
RESPONSIBLE: Final = "The msasss developers"

TABLE: Final = "99MSASSS.csv"
MAP_COLUMNS: Final = ("code", "scheme", "value", "meaning")
# Longest value of the VRs SH and LO (PS3.5, 6.2).
_LONGEST_SHORT, _LONGEST_LONG = 16, 64


class Term(Enum):
    """A term of the private scheme, by its code."""

    CORNER = "CORNER"
    MSASSS = "MSASSS"
    EROSION = "EROSION"
    SCLEROSIS = "SCLEROSIS"
    SQUARING = "SQUARING"
    SYNDESMOPHYTE = "SYNDESMOPHYTE"
    BRIDGE = "BRIDGE"
    OSTEOPHYTE = "OSTEOPHYTE"
    OTHER = "OTHER"
    GRADE = "GRADE"
    NOT_SCORED = "NOT-SCORED"
    EXCLUDED = "EXCLUDED"
    REVIEW = "REVIEW"
    P_EROSION = "P-EROSION"
    P_SCLEROSIS = "P-SCLEROSIS"
    P_SQUARING = "P-SQUARING"
    P_SYNDESMOPHYTE = "P-SYNDESMOPHYTE"
    P_BRIDGE = "P-BRIDGE"
    P_OSTEOPHYTE = "P-OSTEOPHYTE"
    P_OTHER = "P-OTHER"
    P_NOT_VISIBLE = "P-NOT-VISIBLE"
    PROBABILITIES = "PROBABILITIES"
    TOTAL = "TOTAL"
    CERVICAL = "CERVICAL"
    LUMBAR = "LUMBAR"
    OBSERVED = "OBSERVED"
    RANGE_LOW = "RANGE-LOW"
    RANGE_HIGH = "RANGE-HIGH"
    IMPUTED = "IMPUTED"
    SCHEME = "SCHEME"
    READER = "READER"
    READER_KIND = "READER-KIND"
    HUMAN = "HUMAN"
    CONSENSUS = "CONSENSUS"
    MODEL = "MODEL"
    SOFTWARE = "SOFTWARE"
    NOTICE = "NOTICE"
    WARNING = "WARNING"


_BY_CODE: Final = {term.value: term for term in Term}
LESION_TERM: Final = {lesion: Term[lesion.name] for lesion in Lesion}
PROBABILITY_TERM: Final = {lesion: Term[f"P_{lesion.name}"] for lesion in Lesion}
READER_TERM: Final = {kind: Term[kind.name] for kind in ReaderKind}


@dataclass(frozen=True, slots=True)
class Definition:
    """What a term means.

    Args:
        meaning: Short, as viewers show it.
        definition: One sentence.
        source: The publication it follows, or "msasss".
    """

    meaning: str
    definition: str
    source: str


@dataclass(frozen=True, slots=True)
class SiteCode:
    """A site's own code for one of our terms.

    Raises:
        UsageError: If a part is empty or longer than DICOM allows, or the scheme is ours.
    """

    scheme: str
    value: str
    meaning: str

    def __post_init__(self) -> None:
        limits = (("scheme", _LONGEST_SHORT), ("value", _LONGEST_SHORT), ("meaning", _LONGEST_LONG))
        for name, longest in limits:
            text = getattr(self, name)
            if not 0 < len(text) <= longest or "\\" in text:
                msg = f"Expected a {name} of 1 to {longest} characters without backslash, got {text!r}. Shorten it."
                raise UsageError(msg)
        if self.scheme == SCHEME:
            msg = f"Expected a scheme of the site, got {SCHEME}. Leave out the terms that keep their code."
            raise UsageError(msg)


@dataclass(frozen=True, slots=True)
class CodeMap:
    """A site's own codes by term; terms that are absent keep the private code."""

    by_term: Mapping[Term, SiteCode] = field(default_factory=dict)

    @property
    def schemes(self) -> tuple[str, ...]:
        """The designators of the site's schemes, each once."""
        return tuple(dict.fromkeys(code.scheme for code in self.by_term.values()))


PRIVATE_CODES: Final = CodeMap()


@cache
def definitions() -> Mapping[Term, Definition]:
    """Return the published table of the private scheme."""
    text = resources.files("msasss.dicom").joinpath("code_tables", TABLE).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {Term(row["code"]): Definition(row["meaning"], row["definition"], row["source"]) for row in rows}


def private_code(term: Term) -> Code:
    """Return a term's code in the private scheme."""
    return Code(term.value, SCHEME, definitions()[term].meaning)


def load_code_map(path: Path) -> CodeMap:
    """Read a site's own codes.

    Args:
        path: UTF-8 CSV with the columns code (one of the private scheme), scheme, value, meaning. Schemes that are not
            standard begin with 99 (PS3.3, 8.2).

    Raises:
        UsageError: If the file is unreadable, a column is missing, a code is not ours or repeated, two terms get one
            code, or a value does not fit DICOM.
    """
    by_term: dict[Term, SiteCode] = {}
    for number, row in enumerate(_rows(path), start=2):
        where = f"{path.name}, row {number}"
        term = _term(row["code"], where)
        try:
            code = SiteCode(row["scheme"], row["value"], row["meaning"])
        except UsageError as error:
            msg = f"{where}: {error}"
            raise UsageError(msg) from error
        if term in by_term:
            msg = f"{where}: Expected each code once, got {term.value} again. Remove one."
            raise UsageError(msg)
        if any((code.scheme, code.value) == (other.scheme, other.value) for other in by_term.values()):
            msg = f"{where}: Expected another code for each term, got {code.scheme} {code.value} again. Correct one."
            raise UsageError(msg)
        by_term[term] = code
    return CodeMap(by_term)


def term_of(code: Dataset) -> Term | None:
    """Return the term that a code sequence item states, itself or as an equivalent; None if it is none of ours."""
    for item in (code, *code.get("EquivalentCodeSequence", ())):
        if item.get("CodingSchemeDesignator") == SCHEME:
            return _BY_CODE.get(item.get("CodeValue"))
    return None


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            absent = [column for column in MAP_COLUMNS if column not in (reader.fieldnames or ())]
            rows = [{column: (row.get(column) or "").strip() for column in MAP_COLUMNS} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path.name}: Expected a readable code map, got none ({type(error).__name__}). Give a UTF-8 CSV file."
        raise UsageError(msg) from error
    if absent:
        msg = f"{path.name}: Expected the columns {', '.join(MAP_COLUMNS)}, got no {absent[0]}. Add it."
        raise UsageError(msg)
    return rows


def _term(code: str, where: str) -> Term:
    try:
        return Term(code)
    except ValueError:
        msg = f"{where}: Expected a code of {SCHEME} such as BRIDGE, got {code!r}. See the published table."
        raise UsageError(msg) from None
