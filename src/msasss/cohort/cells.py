"""Cells that several tables of a cohort share; an empty optional cell is None, never 0."""

from datetime import date
from enum import Enum
from typing import TypeVar

from msasss.formats.tables import Row

Member = TypeVar("Member", bound=Enum)


def named(row: Row, column: str, kind: type[Member]) -> Member | None:
    """Return the member that a cell names, or None if it is empty."""
    return row.member(column, kind) if row[column] else None


def truth(row: Row, column: str) -> bool | None:
    """Return a cell as yes or no, or None if it is empty."""
    return row.truth(column) if row[column] else None


def number_between(row: Row, column: str, low: float, high: float) -> float | None:
    """Return a cell as a number within bounds, or None if it is empty."""
    if not row[column]:
        return None
    value = row.number_in(column)
    if not low <= value <= high:
        row.fail(
            column, f"Expected a number from {low:g} to {high:g}, got {row[column]!r}. Correct it or leave it empty."
        )
    return value


def whole_number_between(row: Row, column: str, low: int, high: int) -> int | None:
    """Return a cell as a whole number within bounds, or None if it is empty."""
    value = number_between(row, column, low, high)
    if value is not None and value != int(value):
        row.fail(column, f"Expected a whole number, got {row[column]!r}. Correct it or leave it empty.")
    return None if value is None else int(value)


def day(row: Row, column: str) -> date | None:
    """Return a cell as a date, or None if it is empty."""
    text = row[column]
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        row.fail(column, f"Expected a date such as 2024-05-31, got {text!r}. Write year, month and day.")
