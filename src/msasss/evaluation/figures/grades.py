"""Figures of the grades of corners."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from msasss.evaluation.agreement import GRADES
from msasss.evaluation.answers import Array
from msasss.evaluation.bootstrap import Interval
from msasss.evaluation.evaluate import Evaluation
from msasss.evaluation.figures.style import COLOURS, GREY, panels_of
from msasss.evaluation.ratios import ratio
from msasss.evaluation.table import Cell

DARK = 0.6  # share from which white text is better to read than black


def confusion_matrices(evaluation: Evaluation) -> Figure:
    """Draw how each reader grades the corners of each grade of the reference."""
    comparison = evaluation.comparison
    figure, panels = panels_of(len(comparison.others), width=2.5, height=2.7)
    for axes, other in zip(panels, comparison.others, strict=True):
        _confusion(axes, comparison.confusion(other).sum(axis=0)[: len(GRADES)])
        axes.set(title=other.reader.id, xlabel="grade", ylabel=f"grade of {comparison.reference.reader.id}")
    return figure


def subgroup_forest(evaluation: Evaluation) -> Figure:
    """Draw the accuracy of the first reader tested in each subgroup, beside that of always 0."""
    table = evaluation.table("table-11-subgroups")
    reader = evaluation.comparison.tested[0].reader.id
    keys = [column.key for column in table.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in reversed(table.rows) if row[0] == reader]
    figure = Figure(figsize=(5.6, 0.6 + 0.19 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(rows):
        accuracy, always_0 = row["accuracy"], row["always_0"]
        if isinstance(accuracy, Interval) and not math.isnan(accuracy.estimate):
            axes.plot([accuracy.low, accuracy.high], [place, place], color=COLOURS[0], linewidth=1.2)
            axes.plot([accuracy.estimate], [place], "s", color=COLOURS[0], markersize=4)
            axes.plot([_number(always_0)], [place], "|", color=GREY, markersize=7)
    names = [f"{row['factor']}: {row['subgroup']} ({row['n']})" for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=7)
    axes.set(title=f"{reader}: accuracy per corner (bar: always 0)", ylim=(-0.7, len(rows) - 0.3))
    axes.grid(axis="x", linewidth=0.4)
    return figure


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else float("nan")


def _confusion(axes: Axes, counts: Array) -> None:
    rows = counts.sum(axis=1, keepdims=True)
    shares = np.nan_to_num(ratio(counts, rows))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        share = shares[row, column]
        label = f"{count:.0f}\n{100 * share:.0f} %" if rows[row, 0] else "–"
        axes.text(column, row, label, ha="center", va="center", fontsize=7, color="white" if share > DARK else "black")
    axes.set_xticks(range(len(GRADES) + 1), [*map(str, GRADES), "not\nscored"])
    axes.set_yticks(range(len(GRADES)), [str(grade) for grade in GRADES])
    axes.spines[:].set_visible(False)
