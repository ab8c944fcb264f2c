"""The 24 anterior vertebral corners of the mSASSS and the 12 disc spaces between them.

Sites: Creemers 2005 (Ann Rheum Dis 64:127): lower border of C2 to upper border of T1 and lower border of T12 to upper
border of S1, on lateral views, anterior corners only.
"""

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from msasss.errors import ReadingError


class Region(Enum):
    """One of the two lateral views."""

    CERVICAL = "cervical"
    LUMBAR = "lumbar"


class Endplate(Enum):
    """The endplate of its vertebra that a corner belongs to."""

    SUPERIOR = "superior"
    INFERIOR = "inferior"


class Vertebra(Enum):
    """A vertebra that bears at least one of the 24 corners."""

    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"
    C6 = "C6"
    C7 = "C7"
    T1 = "T1"
    T12 = "T12"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    S1 = "S1"

    @property
    def region(self) -> Region:
        """The view the vertebra is read on; T1 belongs to the cervical one, T12 and S1 to the lumbar one."""
        return Region.CERVICAL if self in _VERTEBRAE[Region.CERVICAL] else Region.LUMBAR


_VERTEBRAE = {
    Region.CERVICAL: tuple(Vertebra(name) for name in ("C2", "C3", "C4", "C5", "C6", "C7", "T1")),
    Region.LUMBAR: tuple(Vertebra(name) for name in ("T12", "L1", "L2", "L3", "L4", "L5", "S1")),
}


def vertebrae_of(region: Region) -> tuple[Vertebra, ...]:
    """Return the seven vertebrae of a view, cranio-caudally."""
    return _VERTEBRAE[region]


@dataclass(frozen=True, slots=True)
class Corner:
    """An anterior corner of a vertebral body: one of the 24 sites that are scored.

    Raises:
        ReadingError: If the vertebra has no scored corner at that endplate (C2, T12 superior; T1, S1 inferior).
    """

    vertebra: Vertebra
    endplate: Endplate

    def __post_init__(self) -> None:
        column = vertebrae_of(self.vertebra.region)
        unscored = Endplate.SUPERIOR if self.vertebra is column[0] else Endplate.INFERIOR
        if self.vertebra in (column[0], column[-1]) and self.endplate is unscored:
            msg = (
                f"Expected one of the 24 scored corners, got {self.vertebra.value} {self.endplate.value}. "
                f"Only the {_other(unscored).value} corner of {self.vertebra.value} is scored."
            )
            raise ReadingError(msg)

    def __str__(self) -> str:
        return f"{self.vertebra.value} {self.endplate.value}"

    @property
    def region(self) -> Region:
        """The view the corner is read on."""
        return self.vertebra.region

    @property
    def disc(self) -> "Disc":
        """The disc space the corner faces."""
        column = vertebrae_of(self.region)
        place = column.index(self.vertebra)
        upper = place if self.endplate is Endplate.INFERIOR else place - 1
        return Disc(column[upper], column[upper + 1])

    @property
    def opposite(self) -> "Corner":
        """The corner across the same disc space."""
        disc = self.disc
        return disc.below if self == disc.above else disc.above


def _other(endplate: Endplate) -> Endplate:
    return Endplate.INFERIOR if endplate is Endplate.SUPERIOR else Endplate.SUPERIOR


@dataclass(frozen=True, slots=True)
class Disc:
    """A disc space between two neighbouring vertebrae of one view.

    Raises:
        ReadingError: If the two vertebrae are not neighbours, the upper one first.
    """

    upper: Vertebra
    lower: Vertebra

    def __post_init__(self) -> None:
        column = vertebrae_of(self.upper.region)
        place = column.index(self.upper)
        if self.lower not in column[place + 1 : place + 2]:
            msg = f"Expected two neighbouring vertebrae, upper first, got {self.upper.value} and {self.lower.value}."
            raise ReadingError(msg)

    def __str__(self) -> str:
        return f"{self.upper.value}/{self.lower.value}"

    @property
    def region(self) -> Region:
        """The view the disc space is read on."""
        return self.upper.region

    @property
    def above(self) -> Corner:
        """The inferior corner of the upper vertebra."""
        return Corner(self.upper, Endplate.INFERIOR)

    @property
    def below(self) -> Corner:
        """The superior corner of the lower vertebra."""
        return Corner(self.lower, Endplate.SUPERIOR)


def discs_of(region: Region) -> tuple[Disc, ...]:
    """Return the six disc spaces of a view, cranio-caudally."""
    column = vertebrae_of(region)
    return tuple(Disc(upper, lower) for upper, lower in pairwise(column))


def corners_of(region: Region) -> tuple[Corner, ...]:
    """Return the twelve corners of a view, cranio-caudally."""
    return tuple(corner for disc in discs_of(region) for corner in (disc.above, disc.below))


DISCS: tuple[Disc, ...] = tuple(disc for region in Region for disc in discs_of(region))
CORNERS: tuple[Corner, ...] = tuple(corner for region in Region for corner in corners_of(region))
