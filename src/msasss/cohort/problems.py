"""A fault in the files of a cohort, and how faults are collected instead of stopping at the first."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

from msasss.errors import InputError
from msasss.formats.tables import Row

Params = ParamSpec("Params")
Result = TypeVar("Result")

# How the readers of tables begin a message: "readings.csv, row 7, column lesions: Expected ..."
_PLACE: Final = re.compile(
    r"(?P<file>[^:,]+)(?:, row (?P<row>\d+))?(?:, column (?P<column>\w+))?: (?P<message>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault.

    Args:
        file: Name of the table, or of the image within the cohort folder.
        row: Row as a spreadsheet shows it, the header being row 1; None if the fault is not in one row.
        column: Its column; None if it is not in one column.
        message: The rule, the value that breaks it, and the cure.
    """

    file: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        row = "" if self.row is None else f", row {self.row}"
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file}{row}{column}: {self.message}"


def problem_of(error: InputError) -> Problem:
    """Return the fault that an error of a table tells of."""
    match = _PLACE.fullmatch(str(error))
    if match is None:
        return Problem("", None, None, str(error))
    row = match["row"]
    return Problem(match["file"], None if row is None else int(row), match["column"], match["message"])


def problem_at(row: Row, column: str, message: str) -> Problem:
    """Return a fault in a cell."""
    return Problem(row.table, row.number, column, message)


def attempt(
    problems: list[Problem], action: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
) -> Result | None:
    """Return what an action returns; if it finds a fault, add that to the problems and return None."""
    try:
        return action(*args, **kwargs)
    except InputError as error:
        problems.append(problem_of(error))
        return None


def in_order(problems: Iterable[Problem], files: Iterable[str]) -> tuple[Problem, ...]:
    """Sort problems by file, in the order given, and by row; each once."""
    place = {name: number for number, name in enumerate(files)}
    return tuple(sorted(dict.fromkeys(problems), key=lambda it: (place.get(it.file, len(place)), it.row or 0)))
