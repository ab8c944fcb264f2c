"""What the figures share: colours, panels and lines."""

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe & Ito 2008: told apart with any colour vision; a dashed second round for more than seven lines.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
GREY = "#767676"
STYLE: dict[Any, Any] = {  # matplotlib types its settings differently from version to version
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "svg.hashsalt": "msasss",  # the same results give the same file
}


def panels_of(
    count: int, *, width: float, height: float, columns: int = 4, share_y: bool = False
) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels in rows.

    Args:
        count: Number of panels.
        width: Of a panel, in inches.
        height: Of a panel, in inches.
        columns: Panels in a row at most.
        share_y: Whether all panels have the same scale.
    """
    across = min(count, columns)
    down = math.ceil(count / across)
    figure = Figure(figsize=(max(width * across, 3.2), height * down + 0.2), layout="constrained")
    panels: list[Axes] = figure.subplots(down, across, squeeze=False, sharey=share_y).ravel().tolist()
    for unused in panels[count:]:
        unused.set_visible(False)
    return figure, panels[:count]


def line_colour(place: int) -> str:
    """Return the colour of the line of that number."""
    return COLOURS[place % len(COLOURS)]


def line_dashes(place: int) -> str:
    """Return the dashes of the line of that number."""
    return "-" if place < len(COLOURS) else "--"
