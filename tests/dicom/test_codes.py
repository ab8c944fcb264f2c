from pathlib import Path

import pytest
from pydicom import Dataset

from msasss.dicom.codes import (
    LESION_TERM,
    SCHEME,
    SCHEME_UID,
    Term,
    definitions,
    load_code_map,
    private_code,
    term_of,
)
from msasss.errors import UsageError
from msasss.formats import fhir
from msasss.reading import Lesion

EXAMPLE = Path(load_code_map.__code__.co_filename).parent / "code_tables" / "site-map-example.csv"


def site_map(folder: Path, *rows: str, header: str = "code,scheme,value,meaning") -> Path:
    path = folder / "map.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def item(scheme: str, value: str) -> Dataset:
    code = Dataset()
    code.CodingSchemeDesignator, code.CodeValue, code.CodeMeaning = scheme, value, "meaning"
    return code


def test_table_defines_every_term_and_no_other() -> None:
    assert set(definitions()) == set(Term)


@pytest.mark.parametrize("term", Term)
def test_term_fits_dicom_and_a_viewers_label(term: Term) -> None:
    definition = definitions()[term]
    assert 0 < len(term.value) <= 16
    assert 0 < len(definition.meaning) <= 20
    assert definition.definition
    assert definition.source


def test_meanings_are_unique() -> None:
    meanings = [definition.meaning for definition in definitions().values()]
    assert len(set(meanings)) == len(meanings)


def test_every_lesion_has_a_term() -> None:
    assert [LESION_TERM[lesion].name for lesion in Lesion] == [lesion.name for lesion in Lesion]


def test_no_term_claims_a_public_scheme() -> None:
    assert {private_code(term).scheme_designator for term in Term} == {SCHEME}


def test_fhir_names_the_same_code_system() -> None:
    assert f"urn:oid:{SCHEME_UID}" == fhir.CODE_SYSTEM


def test_example_map_is_read() -> None:
    codes = load_code_map(EXAMPLE)
    assert codes.by_term[Term.BRIDGE].value == "ANK"
    assert codes.schemes == ("99HOSPITAL",)


def test_map_with_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_text("code,scheme,value,meaning\nBRIDGE,99HOSPITAL,ANK,Bony bridge\n", encoding="utf-8-sig")
    assert load_code_map(path).by_term[Term.BRIDGE].meaning == "Bony bridge"


@pytest.mark.parametrize(
    ("rows", "match"),
    [
        (("BRIGDE,99H,A,Bridge",), r"row 2: Expected a code of 99MSASSS such as BRIDGE, got 'BRIGDE'"),
        (("BRIDGE,99H,A,Bridge", "BRIDGE,99H,B,Bridge"), r"row 3: Expected each code once, got BRIDGE again"),
        (("BRIDGE,99H,A,Bridge", "OTHER,99H,A,Other"), r"row 3: Expected another code for each term, got 99H A again"),
        (("BRIDGE,99MSASSS,A,Bridge",), r"row 2: Expected a scheme of the site, got 99MSASSS"),
        (("BRIDGE,99H,A2345678901234567,Bridge",), r"row 2: Expected a value of 1 to 16 .*got 'A2345678901234567'"),
        (("BRIDGE,99H,A,",), r"row 2: Expected a meaning of 1 to 64 .*got ''"),
        (("BRIDGE,99H,A\\B,Bridge",), r"row 2: Expected a value of .*without backslash"),
    ],
)
def test_faulty_row_is_refused(tmp_path: Path, rows: tuple[str, ...], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        load_code_map(site_map(tmp_path, *rows))


def test_missing_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"map\.csv: Expected the columns .*got no value"):
        load_code_map(site_map(tmp_path, "BRIDGE,99H,Bridge", header="code,scheme,meaning"))


def test_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.csv: Expected a readable code map, got none \(FileNotFoundError\)"):
        load_code_map(tmp_path / "none.csv")


def test_code_is_known_by_itself_and_by_its_equivalent() -> None:
    own, other = item(SCHEME, "BRIDGE"), item("99HOSPITAL", "ANK")
    other.EquivalentCodeSequence = [own]
    assert term_of(own) is Term.BRIDGE
    assert term_of(other) is Term.BRIDGE


def test_foreign_code_is_no_term() -> None:
    assert term_of(item("SCT", "BRIDGE")) is None
    assert term_of(item(SCHEME, "UNHEARD-OF")) is None
