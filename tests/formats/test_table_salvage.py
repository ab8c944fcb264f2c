from pathlib import Path

import pytest

from msasss.errors import InputError
from msasss.formats.tables import Columns, read_rows, salvage_rows

COLUMNS = Columns(("a", "b"))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def test_a_sound_table_is_read_as_ever(table: Path):
    table.write_text("a,b\n1,2\n\n3,4\n", encoding="utf-8")
    found = salvage_rows(table, COLUMNS)
    assert (found.rows, found.faults, found.is_readable) == (read_rows(table, COLUMNS), (), True)


def test_malformed_rows_are_faults_and_the_others_are_rows(table: Path):
    table.write_text("a,b\n1\n3,4\n5,6,7\n", encoding="utf-8")
    found = salvage_rows(table, COLUMNS)
    assert [row.number for row in found.rows] == [3]
    assert [str(fault).split(":")[0] for fault in found.faults] == [
        "table.csv, row 2, column b",
        "table.csv, row 4, column b",
    ]
    assert found.is_readable


@pytest.mark.parametrize("content", [b"", b"a,c\n1,2\n", b"a,b\n\xff\n"])
def test_a_table_that_cannot_be_read_has_one_fault_and_no_rows(table: Path, content: bytes):
    table.write_bytes(content)
    found = salvage_rows(table, COLUMNS)
    assert (found.rows, len(found.faults), found.is_readable) == ((), 1, False)
    with pytest.raises(InputError):
        read_rows(table, COLUMNS)
