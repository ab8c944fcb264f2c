import re
from pathlib import Path

import pytest
from pydicom.uid import UID

from msasss.dicom.codes import SCHEME_UID, Term, definitions
from msasss.dicom.header import _ACCEPTED_CLASSES
from msasss.dicom.structured_report import _CLASS
from support.encodings import ALL_SYNTAXES

STATEMENT = Path(__file__).parents[2] / "docs" / "dicom" / "conformance-statement.md"
BEGIN, END = "<!-- codes: begin -->\n", "<!-- codes: end -->"


@pytest.fixture(scope="module")
def text() -> str:
    return STATEMENT.read_text(encoding="utf-8")


def codes_table() -> str:
    rows = [
        f"| {term.value} | {said.meaning} | {said.definition} | {said.source} |" for term, said in definitions().items()
    ]
    return "\n".join(["| code | meaning | definition | source |", "|---|---|---|---|", *rows]) + "\n"


def test_codes_are_those_of_the_published_table(text: str) -> None:
    stated = text.partition(BEGIN)[2].partition(END)[0]
    assert stated == codes_table(), "Paste the table above between the markers."
    assert len(stated.splitlines()) == 2 + len(Term)


def test_coding_scheme_is_named(text: str) -> None:
    assert SCHEME_UID in text


def test_every_transfer_syntax_read_is_stated_and_no_other(text: str) -> None:
    section = text.partition("## 3. ")[2].partition("## 4. ")[0]
    assert set(re.findall(r"1\.2\.840\.10008\.1\.2[\d.]*", section)) == set(ALL_SYNTAXES.values())


def test_every_class_read_is_stated_and_no_other(text: str) -> None:
    stated = set(re.findall(r"\| read \| (1\.2\.840[\d.]+) \|", text))
    assert stated == {str(uid) for uid in _ACCEPTED_CLASSES}


def test_every_class_of_report_is_stated(text: str) -> None:
    stated = set(re.findall(r"\| written, read back \| (1\.2\.840[\d.]+) \|", text))
    assert stated == {str(uid) for uid in _CLASS.values()}


def test_every_uid_stated_is_one_of_the_standard(text: str) -> None:
    for uid in re.findall(r"1\.2\.840\.10008[\d.]*\d", text):
        assert UID(uid).name != uid
