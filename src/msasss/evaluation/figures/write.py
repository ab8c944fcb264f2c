"""Writes the figures as PNG and SVG."""

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from msasss.evaluation.evaluate import SIMULATED, Evaluation
from msasss.evaluation.figures.certainty import abstention_curves, calibration_curves, operating_curves
from msasss.evaluation.figures.flow import flow_chart
from msasss.evaluation.figures.grades import confusion_matrices, subgroup_forest
from msasss.evaluation.figures.style import GREY, STYLE
from msasss.evaluation.figures.totals import bland_altman, cumulative_change

DOTS_PER_INCH = 200

FIGURES: dict[str, Callable[[Evaluation], Figure | None]] = {
    "figure-flow": flow_chart,
    "figure-confusion": confusion_matrices,
    "figure-operating-curves": operating_curves,
    "figure-calibration": calibration_curves,
    "figure-abstention": abstention_curves,
    "figure-bland-altman": bland_altman,
    "figure-change": cumulative_change,
    "figure-subgroups": subgroup_forest,
}


def write_figures(evaluation: Evaluation, folder: Path) -> tuple[Path, ...]:
    """Write every figure that the readings allow.

    Args:
        evaluation: The results.
        folder: An existing folder.

    Returns:
        The files written: `<name>.png` and `<name>.svg` per figure.
    """
    written: list[Path] = []
    with mpl.rc_context(rc=STYLE):
        for name, draw in FIGURES.items():
            figure = draw(evaluation)
            if figure is not None:
                written += _write(figure, folder / name, simulated=evaluation.comparison.study.simulated)
    return tuple(written)


def _write(figure: Figure, path: Path, *, simulated: bool) -> list[Path]:
    if simulated:
        figure.supxlabel(SIMULATED, fontsize=8, color=GREY, x=0.01, ha="left")
    png, svg = path.with_suffix(".png"), path.with_suffix(".svg")
    figure.savefig(png, dpi=DOTS_PER_INCH, metadata={"Software": "msasss"})
    figure.savefig(svg, metadata={"Date": None})
    return [png, svg]
