"""Strict reading and writing of the CSV tables: UTF-8, one header row, every fault named by row and column."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NoReturn, TypeVar

from msasss.errors import InputError

# An export of a large registry has some 10^5 rows; a file beyond this is not one of these tables.
LARGEST_TABLE_BYTES = 256 * 2**20

Member = TypeVar("Member", bound=Enum)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table.

    Args:
        required: Columns that every file must have.
        optional: Columns that may be absent.
        error: What a fault in the table raises.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    error: type[InputError] = InputError

    @property
    def all(self) -> tuple[str, ...]:
        """Every column, in the order in which they are written."""
        return self.required + self.optional


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Args:
        table: File name, without its folder.
        number: Number of the row as a spreadsheet shows it; the header is row 1.
        cells: Text by column, without surrounding blanks; "" where the cell is empty or its column absent.
        error: What a fault in the row raises.
    """

    table: str
    number: int
    cells: Mapping[str, str]
    error: type[InputError]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def fail(self, column: str, problem: str) -> NoReturn:
        """Raise the table's error, naming file, row and column."""
        msg = f"{self.table}, row {self.number}, column {column}: {problem}"
        raise self.error(msg)

    def filled(self, column: str) -> str:
        """Return the text of a cell that must not be empty."""
        text = self[column]
        if not text:
            self.fail(column, "Expected a value, got an empty cell. Fill it in.")
        return text

    def member(self, column: str, kind: type[Member]) -> Member:
        """Return the enum member that a cell names."""
        return self.member_named(column, self[column], kind)

    def member_named(self, column: str, text: str, kind: type[Member]) -> Member:
        """Return the enum member of that name, from one of several names in a cell."""
        for member in kind:
            if member.value == text:
                return member
        allowed = ", ".join(str(member.value) for member in kind)
        self.fail(column, f"Expected one of {allowed}, got {text!r}. Correct the spelling.")

    def number_in(self, column: str) -> float:
        """Return a cell as a number; a decimal point, never a comma."""
        text = self[column]
        try:
            return float(text)
        except ValueError:
            self.fail(column, f"Expected a number with a decimal point, got {text!r}. Correct it or remove the row.")

    def truth(self, column: str) -> bool:
        """Return a cell as yes or no."""
        text = self[column].lower()
        if text not in _TRUTH:
            self.fail(column, f"Expected 1 or 0, got {self[column]!r}. Write 1 for yes and 0 for no.")
        return _TRUTH[text]


# Spreadsheets rewrite `true` as TRUE.
_TRUTH = {"1": True, "0": False, "true": True, "false": False, "yes": True, "no": False}


def read_rows(path: Path, columns: Columns) -> tuple[Row, ...]:
    """Read a table; blank rows are skipped.

    Args:
        path: UTF-8 CSV file, with or without a byte order mark.
        columns: The columns it must and may have.

    Raises:
        InputError: The columns' error, if the file cannot be read as such a table.
    """
    (header_row, header), *body = _records(path, columns) or [_no_header(path, columns)]
    names = [name.strip() for name in header]
    _check_header(path.name, header_row, names, columns)
    return tuple(_row(path.name, number, names, cells, columns) for number, cells in body)


@dataclass(frozen=True, slots=True)
class Salvage:
    """What can be read of a table that may have faults.

    Args:
        rows: The rows that are well formed.
        faults: What is wrong with the others, or with the file as a whole.
        is_readable: The file has a header with the right columns, so that a row not found is a row not there.
    """

    rows: tuple[Row, ...]
    faults: tuple[InputError, ...]
    is_readable: bool


def salvage_rows(path: Path, columns: Columns) -> Salvage:
    """Read a table as `read_rows` does, but keep going after a malformed row, to list every fault at once."""
    try:
        (header_row, header), *body = _records(path, columns) or [_no_header(path, columns)]
        names = [name.strip() for name in header]
        _check_header(path.name, header_row, names, columns)
    except columns.error as error:
        return Salvage((), (error,), is_readable=False)
    rows: list[Row] = []
    faults: list[InputError] = []
    for number, cells in body:
        try:
            rows.append(_row(path.name, number, names, cells, columns))
        except columns.error as error:
            faults.append(error)
    return Salvage(tuple(rows), tuple(faults), is_readable=True)


def write_rows(columns: Columns, rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV text: a header and one line per row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns.all)
    writer.writerows(rows)
    return text.getvalue()


def _no_header(path: Path, columns: Columns) -> NoReturn:
    msg = f"{path.name}: Expected a header row with {', '.join(columns.required)}, got an empty file."
    raise columns.error(msg)


def _records(path: Path, columns: Columns) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_text(path, columns), newline=""), strict=True)
    records: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            if any(cell.strip() for cell in record):
                records.append((number, record))
    except csv.Error as error:
        msg = f"{path.name}, row {number + 1}: Expected comma-separated values, got {error}. Save it again as CSV."
        raise columns.error(msg) from error
    return records


def _text(path: Path, columns: Columns) -> str:
    try:
        size = path.stat().st_size
        data = b"" if size > LARGEST_TABLE_BYTES else path.read_bytes()
    except OSError as error:
        msg = f"{path.name}: Expected a readable CSV file, got: {error.strerror}."
        raise columns.error(msg) from error
    if size > LARGEST_TABLE_BYTES:
        msg = f"{path.name}: Expected a table of at most {LARGEST_TABLE_BYTES} bytes, got {size}. Split it."
        raise columns.error(msg)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        msg = (
            f"{path.name}, row {row}: Expected UTF-8 text, got the byte 0x{data[error.start]:02x}. "
            "Save it as 'CSV UTF-8 (comma delimited)'."
        )
        raise columns.error(msg) from error


def _check_header(table: str, row: int, header: list[str], columns: Columns) -> None:
    problem = _header_problem(header, columns)
    if problem:
        msg = f"{table}, row {row}: {problem}"
        raise columns.error(msg)


def _header_problem(header: list[str], columns: Columns) -> str | None:
    expected = ", ".join(columns.all)
    if len(header) == 1 and len(columns.all) > 1:
        return f"Expected the columns {expected}, separated by commas, got {header[0]!r}. Save it with commas."
    for name in header:
        if header.count(name) > 1:
            return f"Expected each column once, got {name!r} {header.count(name)} times. Remove one."
        if name not in columns.all:
            return f"Expected the columns {expected}, got also {name!r}. Rename or remove it."
    for name in columns.required:
        if name not in header:
            return f"Expected the columns {', '.join(columns.required)}, got none named {name!r}. Add it."
    return None


def _row(table: str, number: int, names: list[str], cells: list[str], columns: Columns) -> Row:
    row = Row(table, number, dict.fromkeys(columns.all, ""), columns.error)
    if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
        row.fail(names[-1], f"Expected {len(names)} cells, got {len(cells)}. Quote cells that contain a comma.")
    if len(cells) < len(names):
        row.fail(names[len(cells)], f"Expected {len(names)} cells, got {len(cells)}. Fill in the row.")
    given = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    return Row(table, number, {**dict.fromkeys(columns.all, ""), **given}, columns.error)
