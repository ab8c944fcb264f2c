"""A checklist that says where the evaluation answers the items of reporting guidelines, and what is left to write."""

from collections.abc import Iterable

from msasss.evaluation.answers import FINDINGS
from msasss.evaluation.bootstrap import Interval
from msasss.evaluation.checklist_items import GUIDELINES, Fact, Item
from msasss.evaluation.evaluate import SIMULATED, Evaluation
from msasss.evaluation.study import Study, centres_of
from msasss.evaluation.subgroups import subgroup_factors
from msasss.evaluation.table import Cell
from msasss.evaluation.table_formats import text_of
from msasss.scoring import NotScored

TO_WRITE = "to be written by the authors"


def checklist(evaluation: Evaluation, *, software: str) -> str:
    """Return the checklist as Markdown.

    Args:
        evaluation: The results.
        software: Name and version of the software.
    """
    facts = facts_of(evaluation, software=software)
    parts = [
        "# Reporting checklist\n\nWhat the evaluation answers by itself, item by item. The rest is "
        f"{TO_WRITE}; so is the judgement whether an answer suffices. Topics are in our words: the guidelines "
        "themselves count."
    ]
    for guideline, items in GUIDELINES.items():
        rows = [f"| {item.number or '–'} | {item.topic} | {_answer(item, facts)} |" for item in items]
        parts.append("\n".join([f"## {guideline}", "", "| Item | Topic | Answer |", "|---|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def facts_of(evaluation: Evaluation, *, software: str) -> dict[Fact, str]:
    """Return what the evaluation knows about itself; a fact that it does not know is absent."""
    study = evaluation.comparison.study
    facts = {
        **_about_the_study(study),
        **_about_the_readings(evaluation),
        **_about_the_results(evaluation),
        Fact.SOFTWARE: software,
    }
    if study.simulated:
        facts[Fact.SIMULATED] = SIMULATED
    return {fact: text for fact, text in facts.items() if text}


def _answer(item: Item, facts: dict[Fact, str]) -> str:
    known = [facts[fact] for fact in item.facts if fact in facts]
    text = " ".join(known) if known else f"*{TO_WRITE}*"
    return text.replace("|", r"\|")


def _about_the_study(study: Study) -> dict[Fact, str]:
    dates = sorted(visit.visit_date for visit in study.visits if visit.visit_date)
    centres = centres_of(study)
    folds = dict.fromkeys(fold.value for fold in study.folds.values())
    partition = f"By patient, never by film: {', '.join(folds)} (Table 1)." if folds else ""
    if study.fold is not None:
        partition += f" Evaluated: {study.fold.value}."
    factors = [name for name in subgroup_factors(study) if name not in ("region", "level")]
    return {
        Fact.DATES: f"Films taken from {dates[0].year} to {dates[-1].year}." if dates else "",
        Fact.ELIGIBILITY: "Modified New York or ASAS criteria: numbers in the flow." if _has_criteria(study) else "",
        Fact.FLOW: "Flow table and figure.",
        Fact.PATIENTS: "Table 1." if study.patients else "",
        Fact.PARTITION: partition,
        Fact.CENTRES: f"{len(centres)} centres: {', '.join(centres)} (Table 11)." if len(centres) > 1 else "",
        Fact.SUBGROUPS: f"Table 11: {', '.join([*factors, 'region', 'level'])}.",
    }


def _has_criteria(study: Study) -> bool:
    return any(it.modified_new_york is not None or it.asas is not None for it in study.patients.values())


def _about_the_readings(evaluation: Evaluation) -> dict[Fact, str]:
    comparison = evaluation.comparison
    settings = comparison.settings
    readers = ", ".join(f"{reader.id} ({reader.kind.value})" for reader in comparison.study.readers)
    reasons = ", ".join(reason.value for reason in NotScored if reason is not NotScored.NOT_READ)
    return {
        Fact.OUTCOME: f"Grade 0 to 3 at 24 corners and total 0 to 72 by the scheme {settings.scheme.name}; "
        f"findings: {', '.join(FINDINGS)}.",
        Fact.REFERENCE: f"Reference: {evaluation.reference}.",
        Fact.READERS: f"Readers: {readers}; their qualifications are {TO_WRITE}.",
        Fact.NOT_SCORED: f"A corner that is not scored ({reasons}) is never graded 0; how each table treats it stands "
        "below that table.",
        Fact.METHODS: f"95 % percentile intervals from {settings.draws} resamples of patients, seed {settings.seed}; "
        "formulae below each table.",
    }


def _about_the_results(evaluation: Evaluation) -> dict[Fact, str]:
    pointers = {
        Fact.PREVALENCE: ("table-2-lesions", "Table 2."),
        Fact.DETECTION: ("table-4-detection", "Table 4."),
        Fact.CHANGE: ("table-8-change", "Table 8."),
        Fact.CALIBRATION: ("table-9-calibration", "Table 9."),
        Fact.ABSTENTION: ("table-10-abstention", "Table 10."),
    }
    facts = {fact: text for fact, (key, text) in pointers.items() if evaluation.has_table(key)}
    facts[Fact.INTEROBSERVER] = _interobserver(evaluation)
    facts[Fact.GRADES] = _first_rows(evaluation, "table-6-grades", "accuracy", "Tables 5 and 6: accuracy")
    facts[Fact.TOTALS] = _first_rows(
        evaluation, "table-7-totals", "icc_2_1", "Table 7: ICC(2,1) of the total", score="exam"
    )
    return facts


def _interobserver(evaluation: Evaluation) -> str:
    if not evaluation.has_table("table-3-interobserver"):
        return ""
    cells = evaluation.table("table-3-interobserver").column("percent")
    shares = sorted(cell.estimate for cell in cells if isinstance(cell, Interval))
    return f"Tables 3 and 3b: agreement from {shares[0]:.1f} to {shares[-1]:.1f} %." if shares else ""


def _first_rows(evaluation: Evaluation, key: str, column: str, what: str, **cells: Cell) -> str:
    table = evaluation.table(key)
    readers: Iterable[str] = (other.reader.id for other in evaluation.comparison.tested)
    values = [f"{name} {text_of(table.row(reader=name, **cells)[column])}" for name in readers]
    return f"{what} {'; '.join(values)}."
