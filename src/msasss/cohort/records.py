"""What the tables of a cohort hold, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from msasss.anatomy import Region
from msasss.errors import PairingError
from msasss.formats.annotated_films import Sex
from msasss.imaging import PixelSpacing

__all__ = ["CohortVisit", "Fold", "ImageNote", "Patient", "Quality", "RegionSource", "Sex"]


class Fold(Enum):
    """What the films of a patient are used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Quality(Enum):
    """How well the corners can be judged on a film."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class RegionSource(Enum):
    """Where the region of a film was taken from."""

    PIXELS = "pixels"  # found by the localiser
    HEADER = "header"  # claimed by the file
    PERSON = "person"  # stated by whoever made the table, or by the data set


@dataclass(frozen=True, slots=True)
class CohortVisit:
    """The films of one patient's visit.

    Args:
        patient: Pseudonym.
        visit: Name of the visit, unique for its patient.
        images: The image per region, by its path below the cohort's image folder; a view that was not taken is absent.
        dates: Date of the exposure per region, where known.

    Raises:
        PairingError: If there is no image.
    """

    patient: str
    visit: str
    images: Mapping[Region, str]
    dates: Mapping[Region, date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.images:
            msg = f"Expected an image of visit {self.visit}, got none. Name a cervical or a lumbar image."
            raise PairingError(msg)

    @property
    def is_set(self) -> bool:
        """Whether both views are there."""
        return len(self.images) == len(Region)

    @property
    def visit_date(self) -> date | None:
        """The date of the later film; None if no film is dated."""
        return max(self.dates.values(), default=None)


@dataclass(frozen=True, slots=True)
class Patient:
    """What is known about a patient; None where it is not.

    Args:
        patient: Pseudonym.
        sex: As recorded.
        birth_year: Four digits.
        age: Years at the first visit, where the year of birth may not be given away.
        age_at_diagnosis: Years.
        modified_new_york: Fulfils the modified New York criteria (van der Linden 1984).
        asas: Fulfils the ASAS classification criteria for axial spondyloarthritis.
        hla_b27: Positive.
        clinical: Other measures by column name: see `msasss.cohort.tables.CLINICAL`.
    """

    patient: str
    sex: Sex | None = None
    birth_year: int | None = None
    age: float | None = None
    age_at_diagnosis: float | None = None
    modified_new_york: bool | None = None
    asas: bool | None = None
    hla_b27: bool | None = None
    clinical: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImageNote:
    """What is noted about an image; None where nothing is.

    Args:
        image: As `visits.csv` names it.
        quality: How well it can be judged.
        implant: Whether it shows one.
        centre: Where it was taken.
        vendor: Maker of the device.
        spacing: Pixel spacing, for files that do not hold their own.
        region_from: Where its region was taken from.
    """

    image: str
    quality: Quality | None = None
    implant: bool | None = None
    centre: str | None = None
    vendor: str | None = None
    spacing: PixelSpacing | None = None
    region_from: RegionSource | None = None
