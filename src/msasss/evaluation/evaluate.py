"""The whole evaluation: every table of readings against readings.

evaluation = evaluate(study_of(visits, readings), Settings(reference="consensus"))
evaluation.table("table-6-grades")
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from msasss.errors import UsageError
from msasss.evaluation.certainty_tables import abstention_of_readers, calibration_of_findings
from msasss.evaluation.comparison import Comparison, Settings, compare
from msasss.evaluation.flow import flow_table
from msasss.evaluation.grade_tables import agreement_on_grades, confusion_of_grades
from msasss.evaluation.interobserver import agreement_of_pairs, interobserver_agreement
from msasss.evaluation.lesion_tables import lesion_detection, lesion_frequency
from msasss.evaluation.patients import characteristics
from msasss.evaluation.reference import description_of
from msasss.evaluation.study import Study
from msasss.evaluation.subgroups import agreement_in_subgroups
from msasss.evaluation.table import Table
from msasss.evaluation.total_tables import agreement_on_change, agreement_on_totals

SIMULATED = "Simulated radiographs: no clinical result."


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The results.

    Args:
        comparison: What was compared.
        tables: The tables that the readings allow, in order.
    """

    comparison: Comparison
    tables: tuple[Table, ...]

    @property
    def reference(self) -> str:
        """What the reference is, in words."""
        return description_of(self.comparison.reference, self.comparison.study)

    def table(self, key: str) -> Table:
        """Return a table by its key.

        Raises:
            KeyError: If the readings do not allow it.
        """
        return {table.key: table for table in self.tables}[key]

    def has_table(self, key: str) -> bool:
        """Say whether the readings allow a table."""
        return any(table.key == key for table in self.tables)


def evaluate(study: Study, settings: Settings | None = None) -> Evaluation:
    """Compare all readings of a study with a reference.

    Args:
        study: The readings.
        settings: How; the consensus as reference and 1,000 resamples by default.

    Raises:
        UsageError: If the reference is not among the readings, nobody is left to compare, or nobody read an image
            that the reference read.
    """
    comparison = compare(study, settings or Settings())
    _check(comparison)
    made = [make(comparison) for make in _TABLES]
    captioned = [_captioned(table, comparison) for table in made if table is not None]
    return Evaluation(comparison, tuple(captioned))


_TABLES: tuple[Callable[[Comparison], Table | None], ...] = (
    flow_table,
    characteristics,
    lesion_frequency,
    interobserver_agreement,
    agreement_of_pairs,
    lesion_detection,
    confusion_of_grades,
    agreement_on_grades,
    agreement_on_totals,
    agreement_on_change,
    calibration_of_findings,
    abstention_of_readers,
    agreement_in_subgroups,
)


def _captioned(table: Table, comparison: Comparison) -> Table:
    return replace(table, caption=f"{table.caption} {SIMULATED}") if comparison.study.simulated else table


def _check(comparison: Comparison) -> None:
    name = comparison.reference.reader.id
    if not comparison.others:
        msg = f"Expected readings beside those of {name}, got none. Add those of another reader or of the network."
        raise UsageError(msg)
    if not any(comparison.both_read(other).any() for other in comparison.others):
        msg = f"Expected an image read by {name} and by somebody else, got none. Do the files name the same images?"
        raise UsageError(msg)
