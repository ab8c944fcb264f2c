"""Figures of probabilities: what they find, whether they mean what they say, what can be left to a network."""

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from msasss.evaluation.answers import FINDINGS, Answers
from msasss.evaluation.calibration import CalibrationCurve, calibration_curve
from msasss.evaluation.certainty_tables import abstention_for, bins_of, readers_with_probabilities
from msasss.evaluation.comparison import Comparison
from msasss.evaluation.evaluate import Evaluation
from msasss.evaluation.figures.style import COLOURS, GREY, line_colour, line_dashes, panels_of
from msasss.evaluation.lesion_tables import ranking_of
from msasss.evaluation.ranking import operating_curve

LOOKED_AT: tuple[float, ...] = tuple(np.round(np.linspace(0.0, 0.6, 31), 2).tolist())
SMALLEST_BIN = 5  # corners; the frequency of fewer is mostly chance
USUAL_GOAL = 0.95
UNIT = (-0.03, 1.03)


def operating_curves(evaluation: Evaluation) -> Figure | None:
    """Draw sensitivity against false positive rate, and precision against sensitivity, of each finding."""
    comparison = evaluation.comparison
    readers = readers_with_probabilities(comparison)
    if not readers:
        return None
    figure, panels = panels_of(2 * len(readers), width=3.6, height=3.4, columns=2)
    for place, other in enumerate(readers):
        roc, precision = panels[2 * place], panels[2 * place + 1]
        _operating_curves(comparison, other, roc, precision)
        roc.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
        roc.set(title=other.reader.id, xlabel="false positive rate", ylabel="sensitivity", xlim=UNIT, ylim=UNIT)
        precision.set(xlabel="sensitivity (recall)", ylabel="precision", xlim=UNIT, ylim=UNIT)
        roc.legend(fontsize=7, loc="lower right")
    return figure


def calibration_curves(evaluation: Evaluation) -> Figure | None:
    """Draw observed against predicted frequency of each finding."""
    comparison = evaluation.comparison
    readers = readers_with_probabilities(comparison)
    curves = [
        (other, finding, calibration_curve(bins_of(comparison, other, finding).sum(axis=0)))
        for other in readers
        for finding in range(len(FINDINGS))
    ]
    drawn = [item for item in curves if item[2].counts.sum()]
    if not drawn:
        return None
    figure, panels = panels_of(len(drawn), width=1.9, height=2.1)
    for place, (axes, (other, finding, curve)) in enumerate(zip(panels, drawn, strict=True)):
        _calibration(axes, curve)
        axes.set_title(FINDINGS[finding] if len(readers) == 1 else f"{FINDINGS[finding]}\n{other.reader.id}")
        if place >= len(drawn) - 4:
            axes.set_xlabel("predicted")
    figure.supylabel("observed frequency", fontsize=9)
    return figure


def abstention_curves(evaluation: Evaluation) -> Figure | None:
    """Draw the accuracy of the rest against the share of corners that a person looks at, with 95 % intervals."""
    comparison = evaluation.comparison
    readers = readers_with_probabilities(comparison)
    if not readers:
        return None
    figure, (axes,) = panels_of(1, width=4.6, height=3.3)
    shares = 100 * np.asarray(LOOKED_AT)
    for place, other in enumerate(readers):
        abstention = abstention_for(comparison, other)
        middle, low, high = comparison.draws.band(partial(abstention.accuracy_of_rest, shares=LOOKED_AT))
        axes.fill_between(shares, low, high, color=line_colour(place), alpha=0.2, linewidth=0)
        axes.plot(shares, middle, color=line_colour(place), linestyle=line_dashes(place), label=other.reader.id)
    axes.axhline(USUAL_GOAL, color=GREY, linewidth=0.8, linestyle=":")
    axes.set(xlabel="corners looked at by a person, %", ylabel="accuracy of the rest", xlim=(0, float(shares[-1])))
    axes.legend(loc="lower right")
    return figure


def _operating_curves(comparison: Comparison, other: Answers, roc: Axes, precision: Axes) -> None:
    for finding, name in enumerate(FINDINGS):
        _, probabilities, truth, _ = ranking_of(comparison, other, finding)
        if not truth.any() or truth.all():
            continue
        curve = operating_curve(probabilities, truth)
        colour, dashes = line_colour(finding), line_dashes(finding)
        start = np.zeros(1)
        roc.plot(
            np.concatenate([start, curve.false_positive_rate]),
            np.concatenate([start, curve.sensitivity]),
            label=name,
            color=colour,
            linestyle=dashes,
            linewidth=1.2,
        )
        precision.plot(curve.sensitivity, curve.precision, color=colour, linestyle=dashes, linewidth=1.2)


def _calibration(axes: Axes, curve: CalibrationCurve) -> None:
    enough = curve.counts >= SMALLEST_BIN
    predicted, observed = curve.predicted[enough], curve.observed[enough]
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":")
    axes.plot(predicted, observed, color=COLOURS[0], linewidth=1)
    sizes = 6 + 50 * np.sqrt(curve.counts[enough] / curve.counts.sum())
    axes.scatter(predicted, observed, s=sizes, color=COLOURS[0], zorder=3)
    axes.set(xlim=UNIT, ylim=UNIT, xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
