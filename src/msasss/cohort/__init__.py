"""Labelled visits on disk: their tables, checks, and the split of patients into train, validation and test."""

from msasss.cohort.check import CohortReport, check_cohort
from msasss.cohort.load import Cohort, load_cohort
from msasss.cohort.problems import Problem
from msasss.cohort.records import CohortVisit, Fold, ImageNote, Patient, Quality, RegionSource, Sex
from msasss.cohort.split import SplitPlan, split_patients, write_split
from msasss.cohort.traits import PatientTraits, reference_readings, traits_of

__all__ = [
    "Cohort",
    "CohortReport",
    "CohortVisit",
    "Fold",
    "ImageNote",
    "Patient",
    "PatientTraits",
    "Problem",
    "Quality",
    "RegionSource",
    "Sex",
    "SplitPlan",
    "check_cohort",
    "load_cohort",
    "reference_readings",
    "split_patients",
    "traits_of",
    "write_split",
]
