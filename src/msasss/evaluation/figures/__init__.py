"""Figures of an evaluation, for screen and print: the only package that knows matplotlib, which is an extra."""

from msasss.evaluation.figures.write import write_figures

__all__ = ["write_figures"]
