"""Writes an evaluation: one page to read, each table for spreadsheet and manuscript, everything for programs.

evaluation.md        the tables to read
evaluation.json      the same for programs, with curves and provenance
checklist.md         where the items of reporting guidelines are answered
tables/              each table as CSV and LaTeX
figures/             each figure as PNG and SVG, with matplotlib
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np

from msasss.errors import UsageError
from msasss.evaluation.answers import FINDINGS, Array
from msasss.evaluation.calibration import calibration_curve
from msasss.evaluation.certainty_tables import SHARES, abstention_for, bins_of, readers_with_probabilities
from msasss.evaluation.checklist import checklist
from msasss.evaluation.evaluate import SIMULATED, Evaluation
from msasss.evaluation.table import Table
from msasss.evaluation.table_formats import to_csv, to_latex, to_markdown, to_plain

SCHEMA = "msasss/evaluation/1"
PAGE, DATA, CHECKLIST, TABLES, FIGURES = "evaluation.md", "evaluation.json", "checklist.md", "tables", "figures"
NOTICE = "Research use, not a medical device."


@dataclass(frozen=True, slots=True)
class EvaluationProvenance:
    """Where an evaluation comes from.

    Args:
        software: Name and version.
        created_at: When, in UTC.
        inputs: sha256 by name of each file read.
        seconds: Machine time of the statistics.
    """

    software: str
    created_at: datetime
    inputs: Mapping[str, str]
    seconds: float


def check_folder(out: Path, *, overwrite: bool) -> None:
    """Refuse a folder in which an evaluation cannot be written.

    Raises:
        UsageError: If it is no folder, or holds something else, or an evaluation that may not be replaced.
    """
    if out.exists() and not out.is_dir():
        msg = f"Expected a folder to write in, but {out.name} is a file. Choose another with -o."
        raise UsageError(msg)
    if not out.exists() or not any(out.iterdir()):
        return
    if not (out / DATA).is_file():
        msg = f"Expected a new or empty folder, but {out.name} holds other files. Choose another with -o."
        raise UsageError(msg)
    if not overwrite:
        msg = f"Expected a new folder, but {out.name} holds an evaluation. Use --overwrite to replace it."
        raise UsageError(msg)


def prepare_folder(out: Path) -> None:
    """Make the folder of an evaluation, without what an earlier one wrote there; other files stay.

    Raises:
        UsageError: If it cannot be made.
    """
    try:
        for centre in out.glob("centre-*"):
            _clear(centre)
        _clear(out)
        (out / TABLES).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"Expected a folder to write in, but {out.name} is none ({error.strerror}). Choose another with -o."
        raise UsageError(msg) from error


def write_evaluation(evaluation: Evaluation, out: Path, provenance: EvaluationProvenance) -> tuple[Path, ...]:
    """Write everything but the figures into a folder that `prepare_folder` made.

    Returns:
        The files written.
    """
    texts = {
        PAGE: page_of(evaluation, provenance),
        DATA: json.dumps(plain_evaluation(evaluation, provenance), indent=1, ensure_ascii=False) + "\n",
        CHECKLIST: checklist(evaluation, software=provenance.software),
    }
    for table in evaluation.tables:
        texts[f"{TABLES}/{table.key}.csv"] = to_csv(table)
        texts[f"{TABLES}/{table.key}.tex"] = to_latex(table)
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    return tuple(out / name for name in texts)


def page_of(evaluation: Evaluation, provenance: EvaluationProvenance) -> str:
    """Return the tables as one Markdown page."""
    comparison = evaluation.comparison
    settings = comparison.settings
    lines = [
        f"- Reference: {evaluation.reference}.",
        f"- Readers: {', '.join(f'{it.id} ({it.kind.value})' for it in comparison.study.readers)}.",
        f"- Scheme: {settings.scheme.name}. Intervals: {settings.draws} resamples of patients, seed {settings.seed}.",
        f"- {provenance.software}, {provenance.created_at:%Y-%m-%d}, {provenance.seconds:.0f} s of machine time.",
        *(f"- {name}: sha256 {digest}" for name, digest in provenance.inputs.items()),
    ]
    notice = f"{SIMULATED} {NOTICE}" if comparison.study.simulated else NOTICE
    head = f"# Evaluation of readings\n\n**{notice}**\n\n" + "\n".join(lines)
    return "\n\n".join([head, *(to_markdown(table) for table in evaluation.tables)])


def plain_evaluation(evaluation: Evaluation, provenance: EvaluationProvenance) -> dict[str, object]:
    """Return the evaluation as what JSON can hold."""
    comparison = evaluation.comparison
    settings = comparison.settings
    return {
        "schema": SCHEMA,
        "simulated": comparison.study.simulated,
        "reference": evaluation.reference,
        "readers": [{"id": it.id, "kind": it.kind.value} for it in comparison.study.readers],
        "scheme": settings.scheme.name,
        "fold": None if comparison.study.fold is None else comparison.study.fold.value,
        "draws": settings.draws,
        "seed": settings.seed,
        "tables": [to_plain(table) for table in evaluation.tables],
        "calibration": _calibration(evaluation),
        "abstention": _abstention(evaluation),
        "provenance": {
            "software": provenance.software,
            "created_at": provenance.created_at.isoformat(),
            "inputs": dict(provenance.inputs),
            "seconds": round(provenance.seconds, 1),
        },
    }


def headline(evaluation: Evaluation) -> str:
    """Return Table 6 and the exam totals of Table 7 as Markdown, to print."""
    grades = evaluation.table("table-6-grades")
    scores = evaluation.table("table-7-totals")
    place = [column.key for column in scores.columns].index("score")
    exam = Table(
        scores.key, scores.title, scores.caption, scores.columns, tuple(it for it in scores.rows if it[place] == "exam")
    )
    return f"{to_markdown(grades)}\n{to_markdown(exam)}"


def _clear(folder: Path) -> None:
    if not (folder / DATA).is_file():
        return
    for pattern in (
        PAGE,
        DATA,
        CHECKLIST,
        f"{TABLES}/*.csv",
        f"{TABLES}/*.tex",
        f"{FIGURES}/*.png",
        f"{FIGURES}/*.svg",
    ):
        for path in folder.glob(pattern):
            path.unlink()
    for emptied in (folder / TABLES, folder / FIGURES, folder):
        if emptied.is_dir() and not any(emptied.iterdir()):
            emptied.rmdir()


def _calibration(evaluation: Evaluation) -> list[dict[str, object]]:
    comparison = evaluation.comparison
    found: list[dict[str, object]] = []
    for other in readers_with_probabilities(comparison):
        for finding, name in enumerate(FINDINGS):
            curve = calibration_curve(bins_of(comparison, other, finding).sum(axis=0))
            found.append(
                {
                    "reader": other.reader.id,
                    "finding": name,
                    "counts": _numbers(curve.counts),
                    "predicted": _numbers(curve.predicted),
                    "observed": _numbers(curve.observed),
                }
            )
    return found


def _abstention(evaluation: Evaluation) -> list[dict[str, object]]:
    comparison = evaluation.comparison
    found: list[dict[str, object]] = []
    for other in readers_with_probabilities(comparison):
        abstention = abstention_for(comparison, other)
        middle, low, high = comparison.draws.band(partial(abstention.accuracy_of_rest, shares=(0.0, *SHARES)))
        curves = {"accuracy": middle, "low": low, "high": high}
        shares = {"looked_at": [0.0, *SHARES]}
        found.append({"reader": other.reader.id, **shares, **{name: _numbers(it) for name, it in curves.items()}})
    return found


def _numbers(values: Array) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
