"""Agreement of several raters who put subjects into categories, corrected for chance in four ways.

Ratings are counted: (..., N subjects, K categories), how many raters put a subject there; a subject that fewer raters
saw has a smaller sum. Each coefficient follows from sums over subjects, which `Tallies` holds per patient, so that
patients can be resampled.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from msasss.evaluation.bootstrap import sums_by_patient
from msasss.evaluation.ratios import ratio

Array = npt.NDArray[np.float64]
NO_RATING = -1


@dataclass(frozen=True, slots=True, eq=False)
class Tallies:
    """What the coefficients are made of, per patient.

    Args:
        agreement: (P, 2): agreeing pairs of raters, and all pairs.
        by_all: (P, 2 + K): subjects rated by all raters, sum of their shares of agreeing pairs, ratings per category.
        by_some: (P, 3 + K): subjects with two or more ratings, sum of their shares of agreeing pairs, subjects with
            any rating, sum of their shares of ratings per category.
        coincidences: (P, K, K): Krippendorff's coincidences of the ratings within subjects.
        pairs: (P, R (R - 1) / 2, K, K): cross tables of each two raters.
    """

    agreement: Array
    by_all: Array
    by_some: Array
    coincidences: Array
    pairs: Array


def tallies_of(
    ratings: npt.NDArray[np.integer], patient_of: npt.NDArray[np.intp], *, patients: int, categories: int
) -> Tallies:
    """Count ratings.

    Args:
        ratings: (R raters, N subjects): category 0 to K - 1, or `NO_RATING`.
        patient_of: (N,) number of each subject's patient, 0 to P - 1.
        patients: P.
        categories: K.
    """
    counts = np.stack([(ratings == category).sum(axis=0) for category in range(categories)], axis=-1).astype(float)
    raters = counts.sum(axis=-1)
    pairs = raters * (raters - 1)
    agreeing = (counts * (counts - 1)).sum(axis=-1)
    shares = np.nan_to_num(ratio(agreeing, pairs))
    full, some = (raters == len(ratings)) & (raters > 1), raters > 1
    of_categories = np.nan_to_num(ratio(counts, raters[:, None]))
    columns = {
        "agreement": np.column_stack([agreeing, pairs]),
        "by_all": np.column_stack([full, full * shares, full[:, None] * counts]),
        "by_some": np.column_stack([some, shares, raters > 0, of_categories]),
        "coincidences": _coincidences(counts, raters),
        "pairs": _cross_tables(ratings, categories),
    }
    return Tallies(**{name: sums_by_patient(values, patient_of, patients) for name, values in columns.items()})


def percent_agreement(agreement: Array) -> Array:
    """Return agreements / (agreements + disagreements) over all pairs of raters (Chen 2024), as a share."""
    return ratio(agreement[..., 0], agreement[..., 1])


def fleiss_kappa(by_all: Array) -> Array:
    """Return Fleiss's kappa over the subjects that all raters saw (Fleiss 1971, Psychol Bull 76:378)."""
    observed = ratio(by_all[..., 1], by_all[..., 0])
    shares = ratio(by_all[..., 2:], by_all[..., 2:].sum(axis=-1, keepdims=True))
    return _corrected(observed, (shares**2).sum(axis=-1))


def gwet_ac1(by_some: Array) -> Array:
    """Return Gwet's AC1 (Gwet 2008, Br J Math Stat Psychol 61:29), which rare categories do not upset."""
    observed = ratio(by_some[..., 1], by_some[..., 0])
    shares = ratio(by_some[..., 3:], by_some[..., 2:3])
    return _corrected(observed, (shares * (1 - shares)).sum(axis=-1) / (shares.shape[-1] - 1))


def krippendorff_alpha(coincidences: Array, *, ordered: bool = False) -> Array:
    """Return Krippendorff's alpha (Krippendorff 2011, repository.upenn.edu/asc_papers/43).

    Args:
        coincidences: (..., K, K).
        ordered: Count a disagreement by the square of the distance of the categories (interval data), not alike
            (nominal data).
    """
    places = np.arange(coincidences.shape[-1])
    distance = (places[:, None] - places) ** 2 if ordered else places[:, None] != places
    of_category = coincidences.sum(axis=-1)
    observed = (coincidences * distance).sum(axis=(-2, -1))
    expected = (of_category[..., :, None] * of_category[..., None, :] * distance).sum(axis=(-2, -1))
    return np.asarray(1.0 - ratio((of_category.sum(axis=-1) - 1) * observed, expected))


def mean_cohen_kappa(pairs: Array) -> Array:
    """Return the mean of Cohen's kappas of all pairs of raters (Cohen 1960; Light 1971, Psychol Bull 76:365).

    Args:
        pairs: (..., number of pairs, K, K) cross tables.

    Returns:
        The mean over the pairs that have one; NaN where none has.
    """
    kappas = cohen_kappa(pairs)
    defined = ~np.isnan(kappas)
    return ratio(np.where(defined, kappas, 0.0).sum(axis=-1), defined.sum(axis=-1))


def cohen_kappa(table: Array) -> Array:
    """Return Cohen's kappa of cross tables (..., K, K); NaN where both raters use one and the same category only."""
    total = table.sum(axis=(-2, -1))
    observed = ratio(np.trace(table, axis1=-2, axis2=-1), total)
    expected = ratio((table.sum(axis=-1) * table.sum(axis=-2)).sum(axis=-1), total**2)
    return _corrected(observed, expected)


def _corrected(observed: Array, expected: Array) -> Array:
    return ratio(observed - expected, 1.0 - expected)


def _coincidences(counts: Array, raters: Array) -> Array:
    within = counts[:, :, None] * counts[:, None, :]
    places = np.arange(counts.shape[1])
    within[:, places, places] -= counts
    return np.nan_to_num(ratio(within, (raters - 1)[:, None, None])) * (raters > 1)[:, None, None]


def _cross_tables(ratings: npt.NDArray[np.integer], categories: int) -> Array:
    first, second = np.triu_indices(len(ratings), k=1)
    tables = np.zeros((ratings.shape[1], len(first), categories, categories))
    one, other = ratings[first].T, ratings[second].T
    subject, pair = np.nonzero((one != NO_RATING) & (other != NO_RATING))
    tables[subject, pair, one[subject, pair], other[subject, pair]] = 1.0
    return tables
