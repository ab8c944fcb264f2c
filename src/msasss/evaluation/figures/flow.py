"""The flow chart from eligibility to comparison."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from msasss.evaluation.evaluate import Evaluation
from msasss.evaluation.figures.style import GREY
from msasss.evaluation.flow import FlowStep, StepKind, flow_of

STEP, HALF_BOX = 1.0, 0.36  # distance of two steps; half the height of a box
MAIN_X, SIDE_X, BRANCH_X = 0.24, 0.74, 0.42
ARROW = {"arrowstyle": "-|>", "color": "black", "linewidth": 0.8}


def flow_chart(evaluation: Evaluation) -> Figure:
    """Draw the steps from top to bottom, what is set apart and who is compared at the side."""
    steps = flow_of(evaluation.comparison)
    figure = Figure(figsize=(7.0, 0.52 * len(steps) + 0.2), layout="constrained")
    axes = figure.subplots()
    last_main = 0.0
    for place, step in enumerate(steps):
        y = -STEP * place
        if step.kind is StepKind.MAIN:
            if place:
                axes.annotate("", (MAIN_X, y + HALF_BOX), (MAIN_X, last_main - HALF_BOX), arrowprops=ARROW)
            last_main = y
        elif step.kind is StepKind.APART:
            axes.plot([MAIN_X, SIDE_X], [y, y], color=GREY, linewidth=0.8, zorder=0)
        else:
            axes.plot([MAIN_X, MAIN_X], [last_main - HALF_BOX, y], color="black", linewidth=0.8, zorder=0)
            axes.annotate("", (BRANCH_X, y), (MAIN_X, y), arrowprops=ARROW | {"shrinkA": 0})
        _box(axes, step, y)
    axes.set(xlim=(0, 1), ylim=(-STEP * (len(steps) - 0.4), 0.6))
    axes.axis("off")
    return figure


def text_of(step: FlowStep) -> str:
    """Return a step with its numbers in words."""
    counts = (("patients", step.patients), ("visits", step.visits), ("corners", step.corners))
    return f"{step.step}\n" + ", ".join(f"{count:,} {unit}" for unit, count in counts if count is not None)


def _box(axes: Axes, step: FlowStep, y: float) -> None:
    x = {StepKind.MAIN: MAIN_X, StepKind.APART: SIDE_X, StepKind.COMPARED: BRANCH_X + 0.01}[step.kind]
    edge = GREY if step.kind is StepKind.APART else "black"
    box = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": edge}
    side = "left" if step.kind is StepKind.COMPARED else "center"
    axes.text(x, y, text_of(step), ha=side, va="center", fontsize=8, bbox=box)
