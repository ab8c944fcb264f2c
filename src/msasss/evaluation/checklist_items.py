"""The items of four reporting guidelines that software can fill, in part or whole, in our own words.

STROBE: von Elm 2007 (10.1371/journal.pmed.0040296). CLAIM: Mongan 2020 (10.1148/ryai.2020200029), items 1 to 42.
STARD 2015: Bossuyt 2015 (10.1136/bmj.h5527), whose items STARD-AI keeps and extends; those it adds have no number here.
TRIPOD+AI: Collins 2024 (10.1136/bmj-2023-078378).
"""

from dataclasses import dataclass
from enum import Enum


class Fact(Enum):
    """What an evaluation knows about itself."""

    DATES = "dates"
    ELIGIBILITY = "eligibility"
    FLOW = "flow"
    PATIENTS = "patients"
    PARTITION = "partition"
    OUTCOME = "outcome"
    REFERENCE = "reference"
    READERS = "readers"
    INTEROBSERVER = "interobserver"
    PREVALENCE = "prevalence"
    NOT_SCORED = "not scored"
    METHODS = "methods"
    SOFTWARE = "software"
    DETECTION = "detection"
    GRADES = "grades"
    TOTALS = "totals"
    CHANGE = "change"
    CALIBRATION = "calibration"
    ABSTENTION = "abstention"
    SUBGROUPS = "subgroups"
    CENTRES = "centres"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a guideline.

    Args:
        number: As the guideline numbers it; empty where this is not fixed.
        topic: What it asks for.
        facts: What answers it; none where only the authors can.
    """

    number: str
    topic: str
    facts: tuple[Fact, ...] = ()


STROBE = (
    Item("1", "Design named in title or abstract; summary"),
    Item("2, 3", "Background, objectives"),
    Item("4", "Study design"),
    Item("5", "Setting, locations, dates", (Fact.DATES, Fact.CENTRES)),
    Item("6", "Eligibility, source and selection of participants", (Fact.ELIGIBILITY, Fact.SIMULATED)),
    Item("7", "Outcomes and other variables defined", (Fact.OUTCOME,)),
    Item("8", "Sources of data, how measured", (Fact.REFERENCE, Fact.READERS)),
    Item("9", "Efforts against bias", (Fact.PARTITION, Fact.INTEROBSERVER)),
    Item("10", "How the study size was arrived at"),
    Item("11, 12", "Statistical methods, subgroups, missing data", (Fact.METHODS, Fact.NOT_SCORED)),
    Item("13", "Numbers at each step; flow chart", (Fact.FLOW,)),
    Item("14", "Characteristics of the participants, missing data", (Fact.PATIENTS,)),
    Item("15", "Outcome data", (Fact.PREVALENCE,)),
    Item("16", "Main results with intervals", (Fact.GRADES, Fact.TOTALS)),
    Item("17", "Other analyses", (Fact.SUBGROUPS, Fact.CHANGE, Fact.ABSTENTION)),
    Item("18 to 22", "Key results, limitations, interpretation, generalisability, funding"),
)

CLAIM = (
    Item("1 to 4", "Title, abstract, background, objectives"),
    Item("5, 6", "Design, goal"),
    Item("7", "Data sources", (Fact.DATES, Fact.CENTRES, Fact.SIMULATED)),
    Item("8", "Eligibility", (Fact.ELIGIBILITY,)),
    Item("9 to 12", "Preprocessing, subsets, data elements, de-identification"),
    Item("13", "Missing data", (Fact.NOT_SCORED,)),
    Item("14", "Reference standard defined", (Fact.OUTCOME, Fact.REFERENCE)),
    Item("15", "Why this reference standard"),
    Item("16", "Who annotated, with what qualifications", (Fact.READERS,)),
    Item("17", "Annotation tools"),
    Item("18", "Variability between annotators", (Fact.INTEROBSERVER,)),
    Item("19", "Intended sample size"),
    Item("20, 21", "Partitions, and the level at which they are disjoint", (Fact.PARTITION,)),
    Item("22 to 27", "Model, software, initialisation, training, selection, ensembles: see the weight card"),
    Item("28", "Metrics", (Fact.METHODS,)),
    Item("29", "Uncertainty", (Fact.METHODS,)),
    Item("30", "Robustness", (Fact.SUBGROUPS,)),
    Item("31", "Explainability"),
    Item("32", "Validation on external data", (Fact.CENTRES,)),
    Item("33", "Flow of participants", (Fact.FLOW,)),
    Item("34", "Characteristics in each partition", (Fact.PATIENTS,)),
    Item("35", "Performance", (Fact.GRADES, Fact.TOTALS)),
    Item("36", "Diagnostic accuracy and its precision", (Fact.DETECTION,)),
    Item("37", "Failure analysis", (Fact.ABSTENTION,)),
    Item("38 to 42", "Limitations, implications, registration, protocol, data and code, funding"),
)

STARD_AI = (
    Item("1 to 5", "Title, abstract, background, objectives, design"),
    Item("6 to 9", "Eligibility, setting, dates, sampling", (Fact.ELIGIBILITY, Fact.DATES, Fact.CENTRES)),
    Item("10a", "Index test, with its version", (Fact.READERS, Fact.SOFTWARE)),
    Item("10b, 11", "Reference standard and its rationale", (Fact.REFERENCE,)),
    Item("12", "Categories of results and thresholds", (Fact.OUTCOME,)),
    Item("13", "Who knew what while reading"),
    Item("14", "Methods of comparison", (Fact.METHODS,)),
    Item("15", "Indeterminate results", (Fact.NOT_SCORED,)),
    Item("16", "Missing data", (Fact.NOT_SCORED,)),
    Item("17", "Variability", (Fact.INTEROBSERVER, Fact.SUBGROUPS)),
    Item("18", "Intended sample size"),
    Item("19", "Flow", (Fact.FLOW,)),
    Item("20, 21", "Characteristics, distribution of severity", (Fact.PATIENTS, Fact.PREVALENCE)),
    Item("22", "Interval and treatment between index test and reference"),
    Item("23", "Cross tabulation", (Fact.GRADES,)),
    Item("24", "Diagnostic accuracy with intervals", (Fact.DETECTION, Fact.TOTALS)),
    Item("25", "Adverse events"),
    Item("26 to 30", "Limitations, implications, registration, protocol, funding"),
    Item("", "AI: data practice and partitions", (Fact.PARTITION, Fact.SIMULATED)),
    Item("", "AI: bias and fairness between subgroups", (Fact.SUBGROUPS,)),
    Item("", "AI: external evaluation", (Fact.CENTRES,)),
)

TRIPOD_AI = (
    Item("1 to 4", "Title, abstract, background, objectives"),
    Item("5", "Data sources and dates", (Fact.DATES, Fact.SIMULATED)),
    Item("6", "Participants: setting, eligibility", (Fact.ELIGIBILITY, Fact.CENTRES)),
    Item("7", "Data preparation"),
    Item("8", "Outcome, and who assessed it", (Fact.OUTCOME, Fact.REFERENCE, Fact.READERS)),
    Item("9", "Predictors: the pixels of two radiographs"),
    Item("10", "Sample size", (Fact.FLOW,)),
    Item("11", "Missing data", (Fact.NOT_SCORED,)),
    Item("12", "Analytical methods", (Fact.METHODS, Fact.PARTITION)),
    Item("13", "Class imbalance", (Fact.PREVALENCE,)),
    Item("14", "Fairness", (Fact.SUBGROUPS,)),
    Item("15", "Model output", (Fact.OUTCOME,)),
    Item("16", "Differences between development and evaluation", (Fact.PATIENTS, Fact.CENTRES)),
    Item("17 to 19", "Ethics, open science, involvement of patients"),
    Item("20", "Participants: flow and characteristics", (Fact.FLOW, Fact.PATIENTS)),
    Item("21, 22", "Development and specification of the model: see the weight card"),
    Item(
        "23", "Performance with intervals, in subgroups", (Fact.GRADES, Fact.TOTALS, Fact.CALIBRATION, Fact.SUBGROUPS)
    ),
    Item("24", "Updating of the model"),
    Item("25 to 27", "Interpretation, limitations, use in practice"),
)

GUIDELINES: dict[str, tuple[Item, ...]] = {
    "STROBE": STROBE,
    "CLAIM": CLAIM,
    "STARD-AI": STARD_AI,
    "TRIPOD+AI": TRIPOD_AI,
}
