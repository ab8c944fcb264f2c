"""What can be wrong with the visits, patients, images and folds of a cohort."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msasss.anatomy import Region
from msasss.cohort.layout import IMAGES, PATIENTS, SPLIT, VISITS
from msasss.cohort.problems import Problem, attempt, problem_at, problem_of
from msasss.cohort.tables import (
    IMAGE_COLUMNS,
    IMAGE_RULES,
    PATIENT_COLUMNS,
    PATIENT_RULES,
    SPLIT_COLUMNS,
    SPLIT_RULES,
    VISIT_COLUMNS,
    VISIT_RULES,
    Rule,
    image_column,
)
from msasss.formats.tables import Columns, Row, salvage_rows


@dataclass(frozen=True, slots=True)
class Place:
    """Where `visits.csv` first names an image."""

    row: Row
    region: Region

    @property
    def column(self) -> str:
        """The column that names it."""
        return image_column(self.region)


@dataclass(frozen=True, slots=True)
class Visits:
    """What `visits.csv` says, as far as it can be read.

    Args:
        rows: The rows that are well formed.
        places: Where each image is named.
        is_readable: Whether what is not found there is not there.
    """

    rows: tuple[Row, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    is_readable: bool = False

    @property
    def patients(self) -> frozenset[str]:
        """Every patient with a visit."""
        return frozenset(row["patient"] for row in self.rows if row["patient"])


@dataclass(frozen=True, slots=True)
class TableRules:
    """How a table is checked by itself.

    Args:
        file: Its name.
        columns: Its columns.
        rules: What each row must follow.
        key: The columns that no two rows may share.
    """

    file: str
    columns: Columns
    rules: Sequence[Rule]
    key: tuple[str, ...]


VISIT_TABLE: Final = TableRules(VISITS, VISIT_COLUMNS, VISIT_RULES, ("patient", "visit"))
PATIENT_TABLE: Final = TableRules(PATIENTS, PATIENT_COLUMNS, PATIENT_RULES, ("patient",))
IMAGE_TABLE: Final = TableRules(IMAGES, IMAGE_COLUMNS, IMAGE_RULES, ("image",))
SPLIT_TABLE: Final = TableRules(SPLIT, SPLIT_COLUMNS, SPLIT_RULES, ("patient",))


def check_visits(folder: Path, problems: list[Problem]) -> Visits:
    """Check `visits.csv` and return what it says; faults are added to the problems."""
    found = salvage_rows(folder / VISITS, VISIT_COLUMNS)
    problems += map(problem_of, found.faults)
    _check_rows(found.rows, VISIT_TABLE, problems)
    if found.is_readable and not found.rows and not found.faults:
        problems.append(Problem(VISITS, None, None, "Expected at least one visit, got none below the header. Add one."))
    return Visits(found.rows, _places(found.rows, problems), found.is_readable and not found.faults)


def check_optional_table(folder: Path, table: TableRules, problems: list[Problem]) -> tuple[Row, ...]:
    """Check a table by itself and return its rows; none if there is no such file."""
    if not (folder / table.file).exists():
        return ()
    found = salvage_rows(folder / table.file, table.columns)
    problems += map(problem_of, found.faults)
    _check_rows(found.rows, table, problems)
    return found.rows


def check_patients(folder: Path, visits: Visits, problems: list[Problem]) -> None:
    """Check `patients.csv`, if there is one, by itself and against the visits."""
    rows = check_optional_table(folder, PATIENT_TABLE, problems)
    problems += _orphans(rows, "patient", visits.patients, visits)


def check_image_notes(folder: Path, visits: Visits, problems: list[Problem]) -> None:
    """Check `images.csv`, if there is one, by itself and against the visits."""
    rows = check_optional_table(folder, IMAGE_TABLE, problems)
    problems += _orphans(rows, "image", visits.places.keys(), visits)


def check_split(folder: Path, visits: Visits, problems: list[Problem]) -> None:
    """Check `split.csv`, if there is one: every patient of the visits in one fold, and nobody else."""
    before = len(problems)
    rows = check_optional_table(folder, SPLIT_TABLE, problems)
    problems += _orphans(rows, "patient", visits.patients, visits)
    placed = {row["patient"] for row in rows}
    if (folder / SPLIT).exists() and len(problems) == before:
        for patient in sorted(visits.patients - placed):
            rule = f"Expected a fold for every patient of {VISITS}, got none for {patient}. Split the cohort anew."
            problems.append(Problem(SPLIT, None, "patient", rule))


def orphan(row: Row, column: str, name: str) -> Problem:
    """Return the fault of a row about something that `visits.csv` does not name."""
    return problem_at(row, column, f"Expected a name that {VISITS} holds, got {name!r}. Correct it or remove the row.")


def _check_rows(rows: Iterable[Row], table: TableRules, problems: list[Problem]) -> None:
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        for rule in table.rules:
            attempt(problems, rule, row)
        key = tuple(row[column] for column in table.key)
        if all(key) and key in first:
            problems.append(_repeat(row, first[key], table))
        first.setdefault(key, row)


def _repeat(row: Row, first: Row, table: TableRules) -> Problem:
    column, name = table.key[-1], " ".join(row[it] for it in table.key)
    if table.file == SPLIT and row["fold"] != first["fold"]:
        rule = (
            f"Expected each patient in one fold, got {name} in {row['fold']} and, in row {first.number}, "
            f"in {first['fold']}. Keep the fold that was used first."
        )
        return problem_at(row, "fold", rule)
    return problem_at(row, column, f"Expected {name} once, got it again (first in row {first.number}). Remove one.")


def _places(rows: Iterable[Row], problems: list[Problem]) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for row in rows:
        for region in Region:
            image = row[image_column(region)]
            if image in places:
                problems.append(_named_twice(row, region, places[image]))
            elif image:
                places[image] = Place(row, region)
    return places


def _named_twice(row: Row, region: Region, first: Place) -> Problem:
    image = row[image_column(region)]
    rule = f"Expected each image at one visit and of one region, got {image} again (first in row {first.row.number}"
    return problem_at(row, image_column(region), f"{rule}, column {first.column}). Correct one of the two.")


def _orphans(rows: Iterable[Row], column: str, known: Set[str], visits: Visits) -> Iterator[Problem]:
    for row in rows:
        if visits.is_readable and row[column] and row[column] not in known:
            yield orphan(row, column, row[column])
