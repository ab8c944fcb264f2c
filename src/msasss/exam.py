"""One visit, scored: the films, what was found on them, the reading, and the score that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from msasss.anatomy import Region
from msasss.errors import LandmarkError, PairingError, ReadingError
from msasss.imaging import Landmarks, PixelSpacing, Radiograph
from msasss.reading import Reading
from msasss.scoring import MsasssScore, ScoringScheme, score_reading

# A set of films is one cervical and one lumbar view within 3 months (Chen 2024, 10.1177/1759720X241285973).
LONGEST_GAP_DAYS: Final = 92


@dataclass(frozen=True, slots=True)
class ExamFilm:
    """One film of an exam.

    Args:
        region: The view it was read as.
        uid: What the reading calls it: SOP instance UID, or file name where it has none.
        source: Where it came from: a file name without its folder.
        spacing: Pixel spacing with its source, or None.
        acquired_on: Date of the exposure, or None.
        landmarks: Points found on it; None where a reading was given without points.
        radiograph: The film itself; None where a reading was given without images or the exam was read back from a
            file. Two exams are equal whether or not their pixels are at hand.

    Raises:
        LandmarkError: If the landmarks are of another region.
    """

    region: Region
    uid: str
    source: str
    spacing: PixelSpacing | None = None
    acquired_on: date | None = None
    landmarks: Landmarks | None = None
    radiograph: Radiograph | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.landmarks is not None and self.landmarks.region is not self.region:
            msg = (
                f"{self.source}: Expected landmarks of the {self.region.value} view, "
                f"got {self.landmarks.region.value} ones. Score the film as the view it shows."
            )
            raise LandmarkError(msg)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made an exam.

    Args:
        software: Name and version.
        created_at: When, in UTC.
        weights: sha256 of each network used, 64 hexadecimal digits, by the network's name; empty if none was.

    Raises:
        ReadingError: If the time is not in UTC.
    """

    software: str
    created_at: datetime
    weights: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.created_at.utcoffset() != timedelta(0):
            msg = f"Expected the time of scoring in UTC, got {self.created_at.isoformat()}."
            raise ReadingError(msg)


@dataclass(frozen=True, slots=True)
class Exam:
    """One visit of one patient, scored.

    Args:
        patient_key: What the files identify the patient by, or None. Never logged.
        films: At most one per region, kept cervical first.
        reading: What was found at the corners of these films.
        scheme: The rules the score follows.
        score: `score_reading(reading, scheme)`, and nothing else.
        warnings: What a reader should look at before using the score.
        provenance: What made it.

    Raises:
        PairingError: If the films are not those that were read.
        ReadingError: If the score is not the one that follows from the reading.
    """

    patient_key: str | None = field(repr=False)
    films: tuple[ExamFilm, ...]
    reading: Reading
    scheme: ScoringScheme
    score: MsasssScore
    warnings: tuple[str, ...]
    provenance: Provenance

    def __post_init__(self) -> None:
        shown = {film.region: film.uid for film in self.films}
        if len(shown) != len(self.films) or shown != dict(self.reading.images):
            given = ", ".join(f"{film.region.value} {film.uid}" for film in self.films) or "none"
            read = ", ".join(f"{region.value} {image}" for region, image in self.reading.images.items())
            msg = f"Expected the films that were read ({read}), got {given}."
            raise PairingError(msg)
        derived = score_reading(self.reading, self.scheme)
        if self.score != derived:
            msg = (
                f"Expected the score that follows from the reading (total {derived.total}), got {self.score.total}. "
                "Score the reading again."
            )
            raise ReadingError(msg)
        ordered = tuple(film for region in Region for film in self.films if film.region is region)
        object.__setattr__(self, "films", ordered)

    @property
    def visit_date(self) -> date | None:
        """The date of the later film, the first on which the whole set existed; None if no film is dated."""
        return max((film.acquired_on for film in self.films if film.acquired_on is not None), default=None)

    def film(self, region: Region) -> ExamFilm | None:
        """Return the film of a region, or None if that region was not read."""
        return next((film for film in self.films if film.region is region), None)
