"""A drawing of the spine with the grades of its 24 corners: where each part of it stands.

Both views are drawn one beside the other, front to the left, in units of the drawing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msasss.anatomy import Corner, Disc, Endplate, Region, Vertebra, discs_of, vertebrae_of
from msasss.report.comparison import Comparison
from msasss.report.corner_lines import CornerLine

WIDTH, HEIGHT = 330.0, 352.0
TOP, STEP = 36.0, 48.0
BODY_WIDTH, BODY_HEIGHT = 74.0, 32.0
LEFT_OF: Mapping[Region, float] = {Region.CERVICAL: 62.0, Region.LUMBAR: 226.0}
# How far the middle of the column stands in front of its ends: the lordosis of neck and loins.
LORDOSIS = 14.0
CHIP = 19.0


@dataclass(frozen=True, slots=True)
class Body:
    """A vertebral body, by the left upper corner of its outline."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class DiagramChip:
    """The grade of a corner, by its middle.

    Args:
        label: The grade, or a dash.
        grade: 0 to 3; None where it is not scored.
        x, y: Its middle.
        check: Whether a person should look at it.
        change: The change since the earlier visit with its sign; empty where there is none.
    """

    label: str
    grade: int | None
    x: float
    y: float
    check: bool
    change: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bridge across a disc space."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class SpineDiagram:
    """The drawing: its titles with their places, bodies, bridges and grades."""

    titles: tuple[tuple[str, float], ...]
    bodies: tuple[Body, ...]
    bridges: tuple[Bar, ...]
    chips: tuple[DiagramChip, ...]


def spine_diagram(corners: Sequence[CornerLine], comparison: Comparison | None) -> SpineDiagram:
    """Place the grades of the 24 corners on a drawing of the spine."""
    lines = {line.corner: line for line in corners}
    bodies = [
        Body(vertebra.value, _left(vertebra), _top(vertebra)) for region in Region for vertebra in vertebrae_of(region)
    ]
    bridges = [_bar(disc) for region in Region for disc in discs_of(region) if _is_bridged(disc, lines)]
    titles = tuple((region.value.capitalize(), LEFT_OF[region] + BODY_WIDTH / 2) for region in Region)
    return SpineDiagram(titles, tuple(bodies), tuple(bridges), tuple(_chip(line, comparison) for line in corners))


def _chip(line: CornerLine, comparison: Comparison | None) -> DiagramChip:
    x, y = _place(line.corner)
    difference = None if comparison is None else comparison.differences.get(line.corner)
    change = difference.text if difference is not None and difference.previous != difference.current else ""
    return DiagramChip(line.label, line.grade, x, y, line.check, change)


def _is_bridged(disc: Disc, lines: Mapping[Corner, CornerLine]) -> bool:
    return all(any(item.name == "bridge" for item in lines[corner].lesions) for corner in (disc.above, disc.below))


def _bar(disc: Disc) -> Bar:
    (x_above, above), (x_below, below) = _place(disc.above), _place(disc.below)
    return Bar((x_above + x_below) / 2, above, below)


def _place(corner: Corner) -> tuple[float, float]:
    """Return where a corner's chip stands: at the front of its body, a little inside its endplate."""
    top = _top(corner.vertebra)
    inset = CHIP / 2 - 3
    y = top + inset if corner.endplate is Endplate.SUPERIOR else top + BODY_HEIGHT - inset
    return _left(corner.vertebra), y


def _left(vertebra: Vertebra) -> float:
    column = vertebrae_of(vertebra.region)
    share = column.index(vertebra) / (len(column) - 1)
    return LEFT_OF[vertebra.region] - LORDOSIS * math.sin(math.pi * share)


def _top(vertebra: Vertebra) -> float:
    return TOP + STEP * vertebrae_of(vertebra.region).index(vertebra) - BODY_HEIGHT / 4
