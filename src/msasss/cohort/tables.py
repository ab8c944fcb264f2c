"""The tables that belong to a cohort alone: visits, patients, images and split.

Each has its columns, the rules a row must follow one by one (so that a check can name every fault of a row), a
function that reads a row, and one that writes the table.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

from msasss.anatomy import Region
from msasss.cohort.cells import day, named, number_between, truth, whole_number_between
from msasss.cohort.layout import is_inside
from msasss.cohort.records import CohortVisit, Fold, ImageNote, Patient, Quality, RegionSource, Sex
from msasss.errors import InputError
from msasss.exam import LONGEST_GAP_DAYS
from msasss.formats.tables import Columns, Row, write_rows
from msasss.imaging import PixelSpacing, SpacingSource

Rule = Callable[[Row], object]

# Measures beside age and sex that describe a cohort of axial spondyloarthritis, with the bounds of their scales.
# ASDAS: Lukas 2009 (10.1136/ard.2007.084871), no upper end; BASDAI and BASFI: 0 to 10.
CLINICAL: Final[Mapping[str, tuple[float, float]]] = {
    "disease_duration_years": (0, 110),
    "asdas_crp": (0, 20),
    "asdas_esr": (0, 20),
    "basdai": (0, 10),
    "basfi": (0, 10),
    "crp_mg_l": (0, 1000),
    "esr_mm_h": (0, 200),
}
_OLDEST_YEARS: Final = 120
_BIRTH_YEARS: Final = (1880, 2100)
_LARGEST_SPACING_MM: Final = 5.0

VISIT_COLUMNS: Final = Columns(
    ("patient", "visit", "cervical_image", "cervical_date", "lumbar_image", "lumbar_date"), error=InputError
)
PATIENT_COLUMNS: Final = Columns(
    ("patient",),
    ("sex", "birth_year", "age", "age_at_diagnosis", "modified_new_york", "asas", "hla_b27", *CLINICAL),
)
IMAGE_COLUMNS: Final = Columns(
    ("image",), ("quality", "implant", "centre", "vendor", "spacing_mm", "spacing_source", "region_from")
)
SPLIT_COLUMNS: Final = Columns(("patient", "fold"))


def image_column(region: Region) -> str:
    """Return the column of `visits.csv` that names the image of a region."""
    return f"{region.value}_image"


def date_column(region: Region) -> str:
    """Return the column of `visits.csv` that dates the image of a region."""
    return f"{region.value}_date"


def row_visit(row: Row) -> CohortVisit:
    """Return the visit of a row.

    Raises:
        InputError: If the row breaks a rule.
    """
    _follow(row, VISIT_RULES)
    images = {region: row[image_column(region)] for region in Region if row[image_column(region)]}
    days = {region: day(row, date_column(region)) for region in images}
    return CohortVisit(row["patient"], row["visit"], images, {region: it for region, it in days.items() if it})


def row_patient(row: Row) -> Patient:
    """Return the patient of a row.

    Raises:
        InputError: If the row breaks a rule.
    """
    clinical = {name: number_between(row, name, *bounds) for name, bounds in CLINICAL.items()}
    return Patient(
        row.filled("patient"),
        named(row, "sex", Sex),
        whole_number_between(row, "birth_year", *_BIRTH_YEARS),
        number_between(row, "age", 0, _OLDEST_YEARS),
        number_between(row, "age_at_diagnosis", 0, _OLDEST_YEARS),
        truth(row, "modified_new_york"),
        truth(row, "asas"),
        truth(row, "hla_b27"),
        {name: value for name, value in clinical.items() if value is not None},
    )


def row_image(row: Row) -> ImageNote:
    """Return what a row notes about an image.

    Raises:
        InputError: If the row breaks a rule.
    """
    return ImageNote(
        row.filled("image"),
        named(row, "quality", Quality),
        truth(row, "implant"),
        row["centre"] or None,
        row["vendor"] or None,
        _spacing(row),
        named(row, "region_from", RegionSource),
    )


def row_fold(row: Row) -> tuple[str, Fold]:
    """Return the patient of a row and the fold they are in.

    Raises:
        InputError: If the row breaks a rule.
    """
    return row.filled("patient"), row.member("fold", Fold)


def dump_visits(visits: Iterable[CohortVisit]) -> str:
    """Return visits as CSV text."""
    return write_rows(VISIT_COLUMNS, [_visit_cells(visit) for visit in visits])


def dump_patients(patients: Iterable[Patient]) -> str:
    """Return patients as CSV text."""
    return write_rows(PATIENT_COLUMNS, [_patient_cells(patient) for patient in patients])


def dump_images(notes: Iterable[ImageNote]) -> str:
    """Return notes about images as CSV text."""
    return write_rows(IMAGE_COLUMNS, [_image_cells(note) for note in notes])


def dump_split(folds: Mapping[str, Fold]) -> str:
    """Return the fold of each patient as CSV text."""
    return write_rows(SPLIT_COLUMNS, [(patient, fold.value) for patient, fold in folds.items()])


def _follow(row: Row, rules: Iterable[Rule]) -> None:
    for rule in rules:
        rule(row)


def _some_image(row: Row) -> None:
    if not any(row[image_column(region)] for region in Region):
        row.fail("cervical_image", "Expected a cervical or a lumbar image, got neither. Name one or remove the visit.")


def _image_inside(row: Row, region: Region) -> None:
    image = row[image_column(region)]
    if image and not is_inside(image):
        row.fail(
            image_column(region),
            f"Expected the path of a file below the image folder, with / between folders, got {image!r}. "
            "Move the file there and name it.",
        )


def _date_of_image(row: Row, region: Region) -> None:
    taken_on = day(row, date_column(region))
    if taken_on and not row[image_column(region)]:
        row.fail(
            date_column(region), f"Expected no date without a {region.value} image, got {taken_on}. Name the image."
        )


def _within_three_months(row: Row) -> None:
    try:
        days = [day(row, date_column(region)) for region in Region]
    except InputError:
        return  # a rule of its own names the fault
    dated = sorted(it for it in days if it)
    gap_days = (dated[-1] - dated[0]).days if len(dated) > 1 else 0
    if gap_days > LONGEST_GAP_DAYS:
        row.fail(
            "lumbar_date",
            f"Expected the films of a visit at most 3 months ({LONGEST_GAP_DAYS} days) apart, got {gap_days} days. "
            "Make two visits of them.",
        )


def _spacing(row: Row) -> PixelSpacing | None:
    mm = number_between(row, "spacing_mm", 0, _LARGEST_SPACING_MM)
    source = named(row, "spacing_source", SpacingSource)
    if mm is None:
        return None
    try:
        return PixelSpacing(mm, source or SpacingSource.UNKNOWN)
    except InputError as error:
        row.fail("spacing_mm", str(error))


VISIT_RULES: Final[tuple[Rule, ...]] = (
    lambda row: row.filled("patient"),
    lambda row: row.filled("visit"),
    _some_image,
    *(partial(_image_inside, region=region) for region in Region),
    *(partial(_date_of_image, region=region) for region in Region),
    _within_three_months,
)
PATIENT_RULES: Final[tuple[Rule, ...]] = (
    lambda row: row.filled("patient"),
    lambda row: named(row, "sex", Sex),
    lambda row: whole_number_between(row, "birth_year", *_BIRTH_YEARS),
    *(partial(number_between, column=name, low=0, high=_OLDEST_YEARS) for name in ("age", "age_at_diagnosis")),
    *(partial(truth, column=name) for name in ("modified_new_york", "asas", "hla_b27")),
    *(partial(number_between, column=name, low=low, high=high) for name, (low, high) in CLINICAL.items()),
)
IMAGE_RULES: Final[tuple[Rule, ...]] = (
    lambda row: row.filled("image"),
    lambda row: named(row, "quality", Quality),
    lambda row: truth(row, "implant"),
    lambda row: number_between(row, "spacing_mm", 0, _LARGEST_SPACING_MM),
    lambda row: named(row, "spacing_source", SpacingSource),
    lambda row: named(row, "region_from", RegionSource),
)
SPLIT_RULES: Final[tuple[Rule, ...]] = (
    lambda row: row.filled("patient"),
    lambda row: row.member("fold", Fold),
)


def _visit_cells(visit: CohortVisit) -> tuple[str, ...]:
    cells = [visit.patient, visit.visit]
    for region in Region:
        taken_on = visit.dates.get(region)
        cells += [visit.images.get(region, ""), "" if taken_on is None else taken_on.isoformat()]
    return tuple(cells)


def _patient_cells(patient: Patient) -> tuple[str, ...]:
    return (
        patient.patient,
        "" if patient.sex is None else patient.sex.value,
        _number(patient.birth_year),
        _number(patient.age),
        _number(patient.age_at_diagnosis),
        _truth(patient.modified_new_york),
        _truth(patient.asas),
        _truth(patient.hla_b27),
        *(_number(patient.clinical.get(name)) for name in CLINICAL),
    )


def _image_cells(note: ImageNote) -> tuple[str, ...]:
    return (
        note.image,
        "" if note.quality is None else note.quality.value,
        _truth(note.implant),
        note.centre or "",
        note.vendor or "",
        "" if note.spacing is None else _number(note.spacing.mm),
        "" if note.spacing is None else note.spacing.source.value,
        "" if note.region_from is None else note.region_from.value,
    )


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def _truth(value: bool | None) -> str:
    return "" if value is None else str(int(value))
