"""How well readings agree with one another."""

from msasss.evaluation.agreement import GradeAgreement, agreement_of_grades, quadratic_weighted_kappa
from msasss.evaluation.bootstrap import Interval, patient_bootstrap
from msasss.evaluation.totals import TotalAgreement, agreement_of_totals

__all__ = [
    "GradeAgreement",
    "Interval",
    "TotalAgreement",
    "agreement_of_grades",
    "agreement_of_totals",
    "patient_bootstrap",
    "quadratic_weighted_kappa",
]
