"""`readings.csv`: what readers say about corners, one row per image, reader and corner.

In the file a reading covers one image, so a visit read on two films is two readings there, each of one region.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from msasss.anatomy import Corner, Endplate, Region, Vertebra
from msasss.errors import ReadingError
from msasss.formats.tables import Columns, Row, read_rows, write_rows
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading

COLUMNS = Columns(
    required=("image", "reader", "reader_kind", "vertebra", "endplate", "lesions", "not_visible"),
    optional=("read_at", "software"),
    error=ReadingError,
)


def load(path: Path) -> tuple[Reading, ...]:
    """Read the readings of a table, one per image and reader, in the order in which they first appear.

    Args:
        path: UTF-8 CSV file; see `COLUMNS`. `lesions` holds names with `;` between, empty for none; `read_at` is
            ISO 8601 with its offset from UTC.

    Raises:
        ReadingError: If the table is not well formed, a corner is missing or repeated, or rows contradict each other.
    """
    of_image: dict[tuple[str, str], list[Row]] = {}
    for row in read_rows(path, COLUMNS):
        of_image.setdefault((row.filled("image"), row.filled("reader")), []).append(row)
    if not of_image:
        msg = f"{path.name}: Expected at least one corner, got none below the header."
        raise ReadingError(msg)
    return tuple(_reading(rows) for rows in of_image.values())


def dump(readings: Iterable[Reading]) -> str:
    """Return readings as CSV text; probabilities and doubt have no column and are left out."""
    return write_rows(COLUMNS, [_cells(part, finding) for part in per_image(readings) for finding in part])


def per_image(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Split readings of visits into readings of one image each."""
    return tuple(_of_region(reading, region) for reading in readings for region in reading.regions)


def join(readings: Sequence[Reading]) -> Reading:
    """Join one reader's readings of a cervical and a lumbar image to the reading of a visit.

    The joint reading is dated by the later of the two.

    Raises:
        ReadingError: If the readings are of several readers, or several are of one region.
    """
    readers = {reading.reader for reading in readings}
    if len(readers) != 1:
        msg = f"Expected readings of one reader, got {len(readers)} readers. Join those of each reader by themselves."
        raise ReadingError(msg)
    images: dict[Region, str] = {}
    for region, image in (item for reading in readings for item in reading.images.items()):
        if region in images:
            msg = f"Expected one {region.value} image per visit, got {images[region]} and {image}. Give one visit."
            raise ReadingError(msg)
        images[region] = image
    dates = [reading.read_at for reading in readings if reading.read_at is not None]
    return replace(
        readings[0],
        images=images,
        findings=tuple(finding for reading in readings for finding in reading),
        read_at=max(dates, default=None),
    )


def _reading(rows: list[Row]) -> Reading:
    first = rows[0]
    reader = Reader(first.member("reader_kind", ReaderKind), first["reader"])
    seen: dict[Corner, Row] = {}
    for row in rows:
        check_agrees(row, first)
        corner = row_corner(row)
        if corner in seen:
            row.fail(
                "endplate", f"Expected {corner} once, got it again (first in row {seen[corner].number}). Remove one."
            )
        seen[corner] = row
    region = next(iter(seen)).region
    findings = tuple(row_finding(row, corner, region) for corner, row in seen.items())
    try:
        return Reading(reader, {region: first["image"]}, findings, row_read_at(first), first["software"] or None)
    except ReadingError as error:
        msg = f"{first.table}, row {first.number}, image {first['image']}: {error}"
        raise ReadingError(msg) from error


def check_agrees(row: Row, first: Row) -> None:
    """Refuse a row that says something else of its reader or of the reading than the first row of that reading.

    Raises:
        ReadingError: If it does.
    """
    for column in ("reader_kind", *COLUMNS.optional):
        if row[column] != first[column]:
            same = f"{first[column]!r} as in row {first.number} of the same image and reader"
            row.fail(column, f"Expected {same}, got {row[column]!r}.")


def row_corner(row: Row) -> Corner:
    """Return the corner a row is about.

    Raises:
        ReadingError: If it names none of the 24.
    """
    vertebra, endplate = row.member("vertebra", Vertebra), row.member("endplate", Endplate)
    try:
        return Corner(vertebra, endplate)
    except ReadingError as error:
        row.fail("endplate", str(error))


def row_finding(row: Row, corner: Corner, region: Region) -> CornerFinding:
    """Return what a row says about its corner, which must be of the region its image shows.

    Raises:
        ReadingError: If it is of the other region, a lesion has no such name, or the findings contradict each other.
    """
    if corner.region is not region:
        row.fail(
            "vertebra", f"Expected a {region.value} vertebra as in the image's other rows, got {corner.vertebra.value}."
        )
    names = [name.strip() for name in row["lesions"].split(";")] if row["lesions"] else []
    lesions = frozenset(row.member_named("lesions", name, Lesion) for name in names)
    try:
        return CornerFinding(corner, lesions, not_visible=row.truth("not_visible"))
    except ReadingError as error:
        row.fail("not_visible", str(error))


def row_read_at(row: Row) -> datetime | None:
    """Return when the reading was made, in UTC; None if the cell is empty.

    Raises:
        ReadingError: If the cell holds no time with its offset from UTC.
    """
    text = row["read_at"]
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        row.fail(
            "read_at", f"Expected a time such as 2024-05-31T14:05:00Z, got {text!r}. Correct it or leave it empty."
        )
    if moment.tzinfo is None:
        row.fail("read_at", f"Expected a time with its offset from UTC, got {text!r}. Add Z if it is UTC.")
    return moment.astimezone(UTC)


def _of_region(reading: Reading, region: Region) -> Reading:
    findings = tuple(finding for finding in reading if finding.corner.region is region)
    return replace(reading, images={region: reading.images[region]}, findings=findings)


def _cells(reading: Reading, finding: CornerFinding) -> tuple[str, ...]:
    (image,) = reading.images.values()
    return (
        image,
        reading.reader.id,
        reading.reader.kind.value,
        finding.corner.vertebra.value,
        finding.corner.endplate.value,
        ";".join(lesion.value for lesion in Lesion if lesion in finding.lesions),
        "1" if finding.not_visible else "0",
        "" if reading.read_at is None else reading.read_at.isoformat(),
        reading.software or "",
    )
