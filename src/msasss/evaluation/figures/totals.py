"""Figures of total scores and their change."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from msasss.evaluation import totals
from msasss.evaluation.answers import Array
from msasss.evaluation.evaluate import Evaluation
from msasss.evaluation.figures.style import COLOURS, GREY, panels_of
from msasss.evaluation.total_tables import EXAM, changes_of, pairs_of_totals

FEWEST = 2  # visits or intervals; one has no spread


def bland_altman(evaluation: Evaluation) -> Figure | None:
    """Draw the difference of the exam totals against their mean, with bias and limits of agreement."""
    comparison = evaluation.comparison
    pairs = [(other, pairs_of_totals(comparison, other, EXAM)[0]) for other in comparison.others]
    drawn = [(other, found) for other, found in pairs if len(found) >= FEWEST]
    if not drawn:
        return None
    figure, panels = panels_of(len(drawn), width=2.6, height=2.7, share_y=True)
    for axes, (other, found) in zip(panels, drawn, strict=True):
        _bland_altman(axes, found)
        axes.set(title=other.reader.id, xlabel="mean total")
    panels[0].set_ylabel(f"reader − {comparison.reference.reader.id}, points")
    return figure


def cumulative_change(evaluation: Evaluation) -> Figure | None:
    """Draw the cumulative probability of the change of the exam total, reader by reader (Landewé 2004)."""
    comparison = evaluation.comparison
    pairs = [(other, changes_of(comparison, other)[0]) for other in comparison.others]
    drawn = [(other, found) for other, found in pairs if len(found) >= FEWEST]
    if not drawn:
        return None
    figure, panels = panels_of(len(drawn), width=2.6, height=2.5, share_y=True)
    for axes, (other, found) in zip(panels, drawn, strict=True):
        probability = 100 * (np.arange(len(found)) + 0.5) / len(found)
        for column, name in enumerate((comparison.reference.reader.id, other.reader.id)):
            colour = (COLOURS[6], COLOURS[0])[column]
            axes.plot(probability, np.sort(found[:, column]), ".", markersize=4, color=colour, label=name)
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.set(title=other.reader.id, xlabel="cumulative probability, %")
        axes.legend(fontsize=7, loc="upper left")
    panels[0].set_ylabel("change of the total, points")
    return figure


def _bland_altman(axes: Axes, pairs: Array) -> None:
    moments = totals.moments_of(pairs).sum(axis=0)
    low, high = totals.limits_of_agreement(moments)
    axes.scatter(pairs.mean(axis=1), pairs[:, 1] - pairs[:, 0], s=9, alpha=0.5, color=COLOURS[0], linewidth=0)
    for value, dashes in ((totals.bias(moments), "-"), (low, "--"), (high, "--")):
        height = float(value)
        axes.axhline(height, color=COLOURS[1], linewidth=1, linestyle=dashes)
        axes.annotate(
            f"{height:+.1f}".replace("-", "−"),
            (1.0, height),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize=7,
            color=COLOURS[1],
        )
