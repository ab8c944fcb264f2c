"""What one reader says about the corners of one visit.

A person, a consensus of persons and a network all produce a `Reading`. Grades are derived from it by `msasss.scoring`
and never stored beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from msasss.anatomy import Corner, Region, corners_of
from msasss.errors import ReadingError


class Lesion(Enum):
    """A finding at a corner; several can be present at once.

    Definitions: Chen 2024 (10.1177/1759720X241285973). OTHER is a non-marginal syndesmophyte, intradiscal ankylosis,
    or intervertebral or paravertebral ossification.
    """

    EROSION = "erosion"
    SCLEROSIS = "sclerosis"
    SQUARING = "squaring"
    SYNDESMOPHYTE = "syndesmophyte"
    BRIDGE = "bridge"
    OSTEOPHYTE = "osteophyte"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CornerFinding:
    """The findings at one corner.

    Args:
        corner: The corner.
        lesions: Lesions present; empty means "no lesion", which is not "not assessed".
        not_visible: The corner could not be read.
        probabilities: Probability in [0, 1] per lesion, from a network; None from a person.
        not_visible_probability: Probability in [0, 1] that the corner cannot be read; None from a person.
        in_doubt: A probability is so near its threshold that a person should look.

    Raises:
        ReadingError: If a corner is both not visible and bears a lesion, or a probability is outside [0, 1].
    """

    corner: Corner
    lesions: frozenset[Lesion] = frozenset()
    not_visible: bool = False
    probabilities: Mapping[Lesion, float] | None = None
    not_visible_probability: float | None = None
    in_doubt: bool = False

    def __post_init__(self) -> None:
        if self.not_visible and self.lesions:
            names = ", ".join(sorted(lesion.value for lesion in self.lesions))
            msg = (
                f"A corner that is not visible bears no lesion, got {names} at {self.corner}. "
                "Remove the lesions or clear 'not visible'."
            )
            raise ReadingError(msg)
        given = [] if self.probabilities is None else list(self.probabilities.values())
        given += [] if self.not_visible_probability is None else [self.not_visible_probability]
        for value in given:
            if not 0.0 <= value <= 1.0:
                msg = f"Expected probabilities in [0, 1], got {value} at {self.corner}."
                raise ReadingError(msg)


class ReaderKind(Enum):
    """Who read."""

    HUMAN = "human"
    CONSENSUS = "consensus"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody or something that reads.

    Args:
        kind: Person, consensus of persons, or network.
        id: A stable pseudonym, unique within a study.
    """

    kind: ReaderKind
    id: str

    def __post_init__(self) -> None:
        if not self.id.strip():
            msg = f"Expected a reader with a name, got {self.id!r}. Give each reader a pseudonym."
            raise ReadingError(msg)


@dataclass(frozen=True, slots=True)
class Reading:
    """The findings of one reader at one visit.

    Args:
        reader: Who read.
        images: The image read per region: its SOP instance UID, or file name where it has none. A region that was
            not read is absent.
        findings: One finding for each of the twelve corners of every region read, kept cranio-caudally.
        read_at: When, in UTC; None if unknown.
        software: Name and version of the software that made or recorded the reading; None if unknown.

    Raises:
        ReadingError: If no region was read, a corner is missing, repeated or outside the regions read, or `read_at`
            is not in UTC.
    """

    reader: Reader
    images: Mapping[Region, str]
    findings: tuple[CornerFinding, ...]
    read_at: datetime | None = None
    software: str | None = None
    _by_corner: Mapping[Corner, CornerFinding] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.images:
            msg = "Expected at least one region read, got none."
            raise ReadingError(msg)
        if self.read_at is not None and self.read_at.utcoffset() != timedelta(0):
            msg = f"Expected the time of reading in UTC, got {self.read_at.isoformat()}."
            raise ReadingError(msg)
        expected = [corner for region in Region if region in self.images for corner in corners_of(region)]
        by_corner: dict[Corner, CornerFinding] = {}
        for finding in self.findings:
            if finding.corner in by_corner:
                msg = f"Expected each corner once, got {finding.corner} twice by reader {self.reader.id}."
                raise ReadingError(msg)
            by_corner[finding.corner] = finding
        missing = [str(corner) for corner in expected if corner not in by_corner]
        if missing:
            msg = (
                f"Expected {len(expected)} corners by reader {self.reader.id}, got {len(by_corner)} "
                f"(missing {', '.join(missing)}). Mark a corner not visible to score anyway."
            )
            raise ReadingError(msg)
        if len(by_corner) > len(expected):
            extra = next(str(corner) for corner in by_corner if corner not in expected)
            msg = f"Expected corners of the regions read only, got {extra}. Name the image that shows it."
            raise ReadingError(msg)
        object.__setattr__(self, "findings", tuple(by_corner[corner] for corner in expected))
        object.__setattr__(self, "_by_corner", by_corner)

    def __iter__(self) -> Iterator[CornerFinding]:
        return iter(self.findings)

    def __getitem__(self, corner: Corner) -> CornerFinding:
        return self._by_corner[corner]

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions read, cervical first."""
        return tuple(region for region in Region if region in self.images)
