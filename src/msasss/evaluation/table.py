"""A table of results, apart from the format in which it is written."""

from dataclasses import dataclass

from msasss.evaluation.bootstrap import Interval

Cell = str | int | float | Interval | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        key: Its name for programs.
        label: Its heading.
        digits: Decimals of its numbers.
    """

    key: str
    label: str
    digits: int = 3


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Args:
        key: Its name for programs and files, such as "table-2-lesions".
        title: Its number and name.
        caption: What it shows, and of how many.
        columns: Its columns.
        rows: Its rows, one cell per column; NaN and None are shown as a dash.
        notes: What must be known to read it: denominators, corners not scored, formulae.
    """

    key: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                msg = f"Expected {len(self.columns)} cells in row {number} of {self.key}, got {len(row)}."
                raise ValueError(msg)

    def column(self, key: str) -> tuple[Cell, ...]:
        """Return the cells of a column.

        Raises:
            KeyError: If there is no such column.
        """
        for place, column in enumerate(self.columns):
            if column.key == key:
                return tuple(row[place] for row in self.rows)
        raise KeyError(key)

    def row(self, **cells: Cell) -> dict[str, Cell]:
        """Return the first row with these cells, by column.

        Raises:
            KeyError: If there is none.
        """
        for cells_of_row in self.rows:
            found = dict(zip((column.key for column in self.columns), cells_of_row, strict=True))
            if all(found[key] == value for key, value in cells.items()):
                return found
        raise KeyError(cells)


def columns(*names: str | tuple[str, str] | tuple[str, str, int]) -> tuple[Column, ...]:
    """Return columns from labels, or from keys with labels and perhaps digits."""
    return tuple(
        Column(name.lower().replace(" ", "_").replace("-", "_"), name) if isinstance(name, str) else Column(*name)
        for name in names
    )
