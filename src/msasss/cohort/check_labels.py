"""What can be wrong with the readings, landmarks and probabilities of a cohort."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msasss.anatomy import Corner, Region, Vertebra, corners_of
from msasss.cohort.check_tables import Visits, orphan
from msasss.cohort.layout import LANDMARKS, PROBABILITIES, READINGS, VISITS
from msasss.cohort.problems import Problem, attempt, problem_at, problem_of
from msasss.errors import InputError, ReadingError
from msasss.formats import landmarks_csv, probabilities_csv, readings_csv
from msasss.formats.tables import Columns, Row, salvage_rows
from msasss.imaging import Landmarks, Point, PointKind, VertebraLandmarks
from msasss.reading import Lesion, ReaderKind

Size = tuple[int, int]
Group = tuple[str, str]


def check_readings(folder: Path, visits: Visits, problems: list[Problem]) -> frozenset[Group]:
    """Check `readings.csv`, if there is one.

    Returns:
        The images read, each with its reader.
    """
    groups = _groups(folder / READINGS, readings_csv.COLUMNS, problems)
    for (image, _), rows in groups.items():
        region = _region(image, rows[0], visits, problems)
        _check_reading(rows, region, problems)
    return frozenset(groups)


def check_landmarks(folder: Path, visits: Visits, sizes: Mapping[str, Size], problems: list[Problem]) -> None:
    """Check `landmarks.csv`, if there is one.

    Args:
        folder: The cohort.
        visits: What the visits are.
        sizes: Width and height of the images that could be read, in px; points on others are not checked for lying
            inside.
        problems: Faults are added.
    """
    for (image, _), rows in _groups(folder / LANDMARKS, landmarks_csv.COLUMNS, problems).items():
        region = _region(image, rows[0], visits, problems)
        _check_points(rows, region, sizes.get(image), problems)


def check_probabilities(folder: Path, visits: Visits, read: frozenset[Group], problems: list[Problem]) -> None:
    """Check `probabilities.csv`, if there is one, by itself and against the readings.

    Args:
        folder: The cohort.
        visits: What the visits are.
        read: The images read, each with its reader.
        problems: Faults are added.
    """
    for group, rows in _groups(folder / PROBABILITIES, probabilities_csv.COLUMNS, problems).items():
        region = _region(group[0], rows[0], visits, problems)
        if group not in read:
            rule = f"Expected a reading of {group[0]} by {group[1]} in {READINGS}, got none. Add it or remove the rows."
            problems.append(problem_at(rows[0], "reader", rule))
        first: dict[tuple[str, ...], Row] = {}
        for row in rows:
            attempt(problems, _corner_of, row, region)
            attempt(problems, probabilities_csv.row_lesion, row)
            attempt(problems, probabilities_csv.row_value, row)
            attempt(problems, probabilities_csv.check_once, row, first)


def _groups(path: Path, columns: Columns, problems: list[Problem]) -> dict[Group, list[Row]]:
    """Return the rows of a table by image and reader; rows without either are faults. No file, no rows."""
    groups: dict[Group, list[Row]] = {}
    if not path.exists():
        return groups
    found = salvage_rows(path, columns)
    problems += map(problem_of, found.faults)
    if found.is_readable and not found.rows and not found.faults:
        rule = "Expected rows below the header, got none. Add them or remove the file."
        problems.append(Problem(path.name, None, None, rule))
    for row in found.rows:
        image, reader = attempt(problems, row.filled, "image"), attempt(problems, row.filled, "reader")
        if image and reader:
            groups.setdefault((image, reader), []).append(row)
    return groups


def _region(image: str, row: Row, visits: Visits, problems: list[Problem]) -> Region | None:
    """Return the region that the visits give an image; None if they do not name it."""
    if image in visits.places:
        return visits.places[image].region
    if visits.is_readable:
        problems.append(orphan(row, "image", image))
    return None


def _check_reading(rows: list[Row], region: Region | None, problems: list[Problem]) -> None:
    """Check the rows of one reading; without a region from the visits, that of its first corner counts."""
    attempt(problems, rows[0].member, "reader_kind", ReaderKind)
    attempt(problems, readings_csv.row_read_at, rows[0])
    seen: dict[Corner, Row] = {}
    for row in rows:
        attempt(problems, readings_csv.check_agrees, row, rows[0])
        corner = attempt(problems, _corner_of, row, region)
        problems += _lesion_problems(row)
        if corner is None:
            continue
        region = region or corner.region
        if corner in seen:
            rule = f"Expected {corner} once per image and reader, got it again (first in row {seen[corner].number})."
            problems.append(problem_at(row, "endplate", f"{rule} Remove one."))
        seen.setdefault(corner, row)
    problems += _missing_corners(rows, seen, region)


def _missing_corners(rows: list[Row], seen: Mapping[Corner, Row], region: Region | None) -> Iterator[Problem]:
    """Yield the fault of a reading that leaves corners out; rows with a fault of their own may be those corners."""
    expected = () if region is None else corners_of(region)
    missing = [str(corner) for corner in expected if corner not in seen]
    if len(missing) > len(rows) - len(seen):
        row = rows[0]
        rule = (
            f"Expected the {len(expected)} corners of {row['image']} by reader {row['reader']}, got {len(seen)} "
            f"(missing {', '.join(missing)}). Add a row for each, with not_visible 1 where it could not be read."
        )
        yield problem_at(row, "endplate", rule)


def _corner_of(row: Row, region: Region | None) -> Corner:
    corner = readings_csv.row_corner(row)
    if region is not None and corner.region is not region:
        row.fail("vertebra", _wrong_region(row, region, corner.vertebra))
    return corner


def _wrong_region(row: Row, region: Region, vertebra: Vertebra) -> str:
    return (
        f"Expected a {region.value} vertebra, as {VISITS} names {row['image']} as a {region.value} image, "
        f"got {vertebra.value}. Correct the vertebra, or the column that names the image."
    )


def _lesion_problems(row: Row) -> Iterator[Problem]:
    names = [name.strip() for name in row["lesions"].split(";")] if row["lesions"] else []
    for name in names:
        try:
            row.member_named("lesions", name, Lesion)
        except ReadingError as error:
            yield problem_of(error)
    try:
        not_visible = row.truth("not_visible")
    except ReadingError as error:
        yield problem_of(error)
        return
    if not_visible and names:
        rule = f"A corner that is not visible bears no lesion, got {', '.join(names)}. Remove them or write 0."
        yield problem_at(row, "not_visible", rule)


def _check_points(rows: list[Row], region: Region | None, size: Size | None, problems: list[Problem]) -> None:
    seen: dict[tuple[Vertebra, PointKind], Point] = {}
    before = len(problems)
    for row in rows:
        vertebra = attempt(problems, _vertebra_of, row, region)
        kind = attempt(problems, row.member, "point", PointKind)
        point = attempt(problems, landmarks_csv.row_point, row)
        if point is not None and size is not None:
            problems += _outside(row, point, size)
        if vertebra is None or kind is None or point is None:
            continue
        region = region or vertebra.region
        if (vertebra, kind) in seen:
            rule = f"Expected {vertebra.value} {kind.value} once per image and reader, got it again. Remove one."
            problems.append(problem_at(row, "point", rule))
        seen.setdefault((vertebra, kind), point)
    if len(problems) == before and region is not None:
        problems += _no_facing(rows[0], seen, region)


def _vertebra_of(row: Row, region: Region | None) -> Vertebra:
    vertebra = row.member("vertebra", Vertebra)
    if region is not None and vertebra.region is not region:
        row.fail("vertebra", _wrong_region(row, region, vertebra))
    return vertebra


def _outside(row: Row, point: Point, size: Size) -> Iterator[Problem]:
    for column, value, limit in (("x_px", point.x, size[0]), ("y_px", point.y, size[1])):
        if not 0 <= value <= limit:
            rule = f"Expected a point inside the image of {size[0]} x {size[1]} px, got {value:g}."
            yield problem_at(row, column, f"{rule} Correct it, or remove the row if the point is off the film.")


def _no_facing(row: Row, points: Mapping[tuple[Vertebra, PointKind], Point], region: Region) -> Iterator[Problem]:
    of_vertebra: dict[Vertebra, dict[str, Point]] = {}
    for (vertebra, kind), point in points.items():
        of_vertebra.setdefault(vertebra, {})[kind.value] = point
    found = tuple(VertebraLandmarks(vertebra, **given) for vertebra, given in of_vertebra.items())
    try:
        Landmarks(region, landmarks_csv.facing_of(found, row), found)
    except InputError as error:
        yield problem_of(error)
