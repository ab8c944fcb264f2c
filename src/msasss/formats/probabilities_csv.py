"""`probabilities.csv`: how likely a network holds each lesion to be, one row per image, reader, corner and lesion."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from msasss.anatomy import Corner
from msasss.errors import ReadingError
from msasss.formats.readings_csv import row_corner
from msasss.formats.tables import Columns, Row, read_rows, write_rows
from msasss.reading import CornerFinding, Lesion, Reading

COLUMNS: Final = Columns(("image", "reader", "vertebra", "endplate", "lesion", "probability"), error=ReadingError)
NOT_VISIBLE: Final = "not_visible"


@dataclass(frozen=True, slots=True)
class CornerProbability:
    """One probability.

    Args:
        image: As the readings name it.
        reader: Pseudonym of the reader.
        corner: Where.
        lesion: Which lesion; None for "not visible".
        probability: In [0, 1].
    """

    image: str
    reader: str
    corner: Corner
    lesion: Lesion | None
    probability: float


def load(path: Path) -> tuple[CornerProbability, ...]:
    """Read the probabilities of a table.

    Args:
        path: UTF-8 CSV file; see `COLUMNS`. `lesion` is a lesion or `not_visible`.

    Raises:
        ReadingError: If the table is not well formed or repeats itself.
    """
    first: dict[tuple[str, ...], Row] = {}
    rows = read_rows(path, COLUMNS)
    for row in rows:
        check_once(row, first)
    return tuple(row_probability(row) for row in rows)


def dump(probabilities: Iterable[CornerProbability]) -> str:
    """Return probabilities as CSV text."""
    return write_rows(COLUMNS, [_cells(item) for item in probabilities])


def of_readings(readings: Iterable[Reading]) -> tuple[CornerProbability, ...]:
    """Return the probabilities that readings hold, by image, corner and lesion."""
    return tuple(item for reading in readings for finding in reading for item in _of_finding(reading, finding))


def with_probabilities(readings: Iterable[Reading], probabilities: Iterable[CornerProbability]) -> tuple[Reading, ...]:
    """Give readings the probabilities of a table, by image, reader and corner."""
    found: dict[tuple[str, str, Corner], list[CornerProbability]] = {}
    for item in probabilities:
        found.setdefault((item.image, item.reader, item.corner), []).append(item)
    return tuple(
        replace(
            reading,
            findings=tuple(
                _given(finding, found.get((reading.images[finding.corner.region], reading.reader.id, finding.corner)))
                for finding in reading
            ),
        )
        for reading in readings
    )


def row_lesion(row: Row) -> Lesion | None:
    """Return the lesion a row is about; None for "not visible".

    Raises:
        ReadingError: If it names neither.
    """
    return None if row["lesion"] == NOT_VISIBLE else row.member("lesion", Lesion)


def row_value(row: Row) -> float:
    """Return the probability of a row.

    Raises:
        ReadingError: If it is no number in [0, 1].
    """
    value = row.number_in("probability")
    if not 0.0 <= value <= 1.0:
        row.fail("probability", f"Expected a probability in [0, 1], got {row['probability']!r}. Correct it.")
    return value


def row_probability(row: Row) -> CornerProbability:
    """Return the probability a row gives, with what it is about.

    Raises:
        ReadingError: If a cell is not well formed.
    """
    return CornerProbability(
        row.filled("image"), row.filled("reader"), row_corner(row), row_lesion(row), row_value(row)
    )


def check_once(row: Row, first: dict[tuple[str, ...], Row]) -> None:
    """Refuse a row that says again what an earlier one said.

    Args:
        row: The row.
        first: The rows seen so far, by what they are about; the row is added.

    Raises:
        ReadingError: If it does.
    """
    key = tuple(row[column] for column in COLUMNS.required[:-1])
    if key in first:
        row.fail(
            "lesion", f"Expected {row['lesion']} once, got it again (first in row {first[key].number}). Remove one."
        )
    first[key] = row


def _of_finding(reading: Reading, finding: CornerFinding) -> Iterable[CornerProbability]:
    image, reader = reading.images[finding.corner.region], reading.reader.id
    for lesion, value in (finding.probabilities or {}).items():
        yield CornerProbability(image, reader, finding.corner, lesion, value)
    if finding.not_visible_probability is not None:
        yield CornerProbability(image, reader, finding.corner, None, finding.not_visible_probability)


def _given(finding: CornerFinding, items: list[CornerProbability] | None) -> CornerFinding:
    if not items:
        return finding
    of_lesions = {item.lesion: item.probability for item in items if item.lesion is not None}
    not_visible = next((item.probability for item in items if item.lesion is None), None)
    return replace(finding, probabilities=of_lesions or None, not_visible_probability=not_visible)


def _cells(item: CornerProbability) -> tuple[str, ...]:
    lesion = NOT_VISIBLE if item.lesion is None else item.lesion.value
    where = (item.corner.vertebra.value, item.corner.endplate.value)
    return (item.image, item.reader, *where, lesion, repr(item.probability))
