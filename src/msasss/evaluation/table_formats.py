"""Tables as Markdown, CSV, LaTeX and plain data."""

import csv
import io
import math
from collections.abc import Iterable, Mapping

from msasss.evaluation.bootstrap import Interval
from msasss.evaluation.table import Cell, Column, Table

DASH = "–"
_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "√": r"$\surd$",
    "±": r"$\pm$",
    "−": r"$-$",
    "·": r"$\cdot$",
    "κ": r"$\kappa$",
    "α": r"$\alpha$",
    "–": "--",
    "×": r"$\times$",
    "<": r"$<$",
    ">": r"$>$",
}

PlainCell = str | int | float | None | dict[str, float | None]
PlainTable = dict[str, str | list[str] | list[dict[str, str]] | list[dict[str, PlainCell]]]


def text_of(cell: Cell, digits: int = 3) -> str:
    """Return a cell as text: a number, with its interval where it has one; a dash where there is none."""
    if isinstance(cell, Interval):
        if math.isnan(cell.estimate) or math.isnan(cell.low):
            return text_of(cell.estimate, digits)
        estimate, low, high = (_rounded(value, digits) for value in (cell.estimate, cell.low, cell.high))
        return f"{estimate} ({low} to {high})"
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return DASH
    return _rounded(cell, digits) if isinstance(cell, float) else str(cell)


def to_markdown(table: Table) -> str:
    """Return a table as Markdown, with its title, caption and notes."""
    head = [_piped(column.label for column in table.columns), "|" + "---|" * len(table.columns)]
    body = [_piped(_texts(table.columns, row)) for row in table.rows]
    notes = [f"- {note}" for note in table.notes]
    blocks = [[f"### {table.title}"], [table.caption], [*head, *body], notes]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def to_csv(table: Table) -> str:
    """Return a table as CSV; a column with intervals becomes three: `<key>`, `<key>_low`, `<key>_high`."""
    with_interval = [any(isinstance(cell, Interval) for cell in table.column(column.key)) for column in table.columns]
    header: list[str] = []
    for column, is_interval in zip(table.columns, with_interval, strict=True):
        header += [column.key, f"{column.key}_low", f"{column.key}_high"] if is_interval else [column.key]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for row in table.rows:
        writer.writerow([value for cell, wide in zip(row, with_interval, strict=True) for value in _cells(cell, wide)])
    return text.getvalue()


def to_latex(table: Table) -> str:
    """Return a table as LaTeX for the package `booktabs`."""
    lines = [
        _environment("begin"),
        r"\centering",
        rf"\caption{{{latex_text(table.title)}. {latex_text(table.caption)}}}",
        rf"\label{{tab:{table.key}}}",
        rf"\begin{{tabular}}{{{'l' * len(table.columns)}}}",
        r"\toprule",
        _tabbed(column.label for column in table.columns),
        r"\midrule",
        *(_tabbed(_texts(table.columns, row)) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"\par\footnotesize {latex_text(note)}" for note in table.notes),
        _environment("end"),
    ]
    return "\n".join(lines) + "\n"


def to_plain(table: Table) -> PlainTable:
    """Return a table as what JSON can hold; an interval is {estimate, low, high}, what is not defined is null."""
    keys = [column.key for column in table.columns]
    return {
        "key": table.key,
        "title": table.title,
        "caption": table.caption,
        "columns": [{"key": column.key, "label": column.label} for column in table.columns],
        "rows": [{key: plain(cell) for key, cell in zip(keys, row, strict=True)} for row in table.rows],
        "notes": list(table.notes),
    }


def plain(cell: Cell) -> PlainCell:
    """Return a cell as JSON can hold it."""
    if isinstance(cell, Interval):
        return {name: _number(getattr(cell, name)) for name in ("estimate", "low", "high")}
    return _number(cell) if isinstance(cell, float) else cell


def _environment(word: str) -> str:
    return rf"\{word}{{table}}"


def latex_text(text: str) -> str:
    """Return a text with what LaTeX would take for a command made harmless."""
    return "".join(_LATEX.get(sign, sign) for sign in text)


def _rounded(value: float, digits: int) -> str:
    # + 0.0 turns the -0.0 of rounding noise into 0.0.
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _texts(columns: Iterable[Column], row: Iterable[Cell]) -> list[str]:
    return [text_of(cell, column.digits) for column, cell in zip(columns, row, strict=True)]


def _piped(cells: Iterable[str]) -> str:
    safe: Mapping[str, str] = {"|": r"\|", "\n": " "}
    return "| " + " | ".join("".join(safe.get(sign, sign) for sign in cell) for cell in cells) + " |"


def _tabbed(cells: Iterable[str]) -> str:
    return " & ".join(latex_text(cell) for cell in cells) + r" \\"


def _cells(cell: Cell, wide: bool) -> list[str]:
    if not wide:
        return [_exact(cell)]
    if isinstance(cell, Interval):
        return [_exact(value) for value in (cell.estimate, cell.low, cell.high)]
    return [_exact(cell), "", ""]


def _exact(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)
