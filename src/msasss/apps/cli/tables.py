"""Shows an exam: colours and lines on a terminal, plain columns elsewhere."""

import sys

from msasss.apps.cli.console import result
from msasss.exam import Exam
from msasss.report.table import NOTICE, corner_rows, plain_table, score_lines

GRADE_STYLES = {"0": "bright_blue", "1": "yellow", "2": "dark_orange", "3": "bold red", "-": "dim"}


def show_exam(exam: Exam, name: str) -> None:
    """Print the 24 corners, the score and the warnings.

    Args:
        exam: The exam.
        name: What the exam is called; never the patient's identifier.
    """
    if not sys.stdout.isatty():
        result(f"\n{name}\n{plain_table(exam)}")
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Corner", "Grade", "Findings", title=f"{name}: {escape(exam.score.scheme)}", title_justify="left")
    for row in corner_rows(exam):
        mark = " [reverse] check [/]" if row.check else ""
        table.add_row(row.corner, f"[{GRADE_STYLES[row.grade]}]{row.grade}[/]{mark}", escape(row.findings))
    console = Console(highlight=False)
    console.print(table)
    for line in score_lines(exam):
        console.print(escape(line), style="bold" if line.startswith("Total") else None)
    for warning in exam.warnings:
        console.print(f"Warning: {escape(warning)}", style="yellow")
    console.print(NOTICE, style="dim")
