from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msasss.cohort import Fold, PatientTraits, SplitPlan, load_cohort, split_patients, write_split
from msasss.errors import InputError, UsageError
from msasss.reading import Lesion

TRAITS = st.lists(
    st.tuples(st.integers(1, 4), st.none() | st.floats(0, 72), st.frozensets(st.sampled_from(Lesion))),
    min_size=3,
    max_size=40,
)


def patients(traits: list[tuple[int, float | None, frozenset[Lesion]]]) -> list[PatientTraits]:
    return [PatientTraits(f"p{number:03}", *it) for number, it in enumerate(traits)]


def registry() -> list[PatientTraits]:
    """300 patients: scores from 0 to 72 evenly, a bridge in the upper half, an erosion in each fifteenth."""
    return [
        PatientTraits(
            f"p{number:03}",
            1 + number % 3,
            number * 72 / 299,
            frozenset([*([Lesion.BRIDGE] if number >= 150 else []), *([Lesion.EROSION] if number % 15 == 0 else [])]),
        )
        for number in range(300)
    ]


@settings(deadline=None)
@given(TRAITS, st.integers(0, 99))
def test_every_patient_is_in_one_fold_and_no_fold_is_empty(traits: list, seed: int):
    folds = split_patients(patients(traits), SplitPlan(seed))
    assert list(folds) == sorted(it.patient for it in patients(traits))
    assert set(folds.values()) == set(Fold)


@settings(deadline=None)
@given(TRAITS.filter(lambda it: len(it) >= 20), st.integers(0, 99))
def test_the_test_holds_its_share_of_visits_up_to_one_patient_of_each_fold(traits: list, seed: int):
    people = patients(traits)
    folds = split_patients(people, SplitPlan(seed))
    visits = sum(it.visits for it in people)
    tested = sum(it.visits for it in people if folds[it.patient] is Fold.TEST)
    assert abs(tested - 0.2 * visits) <= 4 * 1.5


@settings(deadline=None)
@given(st.permutations(registry()[:40]))
def test_the_order_of_the_patients_changes_nothing(people: list[PatientTraits]):
    assert split_patients(people, SplitPlan(3)) == split_patients(registry()[:40], SplitPlan(3))


def test_a_seed_gives_one_split_and_another_seed_another():
    first, again, other = (split_patients(registry(), SplitPlan(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_scores_and_lesions_are_spread_evenly():
    people = registry()
    folds = split_patients(people, SplitPlan(0))
    visits = sum(it.visits for it in people)
    for fold, share in SplitPlan(0).shares.items():
        own = [it for it in people if folds[it.patient] is fold]
        assert sum(it.visits for it in own) == pytest.approx(share * visits, abs=3)
        assert sum(it.visits * it.score for it in own) / sum(it.visits for it in own) == pytest.approx(36, abs=3)
        for lesion in (Lesion.BRIDGE, Lesion.EROSION):
            total = sum(it.visits for it in people if lesion in it.lesions)
            held = sum(it.visits for it in own if lesion in it.lesions)
            assert held == pytest.approx(share * total, abs=4), (fold, lesion)


def test_shares_are_of_visits_and_can_be_chosen():
    folds = split_patients(registry(), SplitPlan(0, test_share=0.5, validation_share=0.5))
    visits = {fold: sum(it.visits for it in registry() if folds[it.patient] is fold) for fold in Fold}
    assert visits[Fold.TEST] == pytest.approx(300, abs=2)
    assert visits[Fold.VALIDATION] == pytest.approx(150, abs=2)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.2, float("nan")])
def test_a_share_is_a_fraction(share: float):
    with pytest.raises(UsageError, match=f"test share between 0 and 1, got {share:g}"):
        SplitPlan(0, test_share=share)
    with pytest.raises(UsageError, match=f"validation share between 0 and 1, got {share:g}"):
        SplitPlan(0, validation_share=share)


def test_two_patients_cannot_be_split():
    with pytest.raises(InputError, match="at least 3 patients, one for each fold, got 2"):
        split_patients(patients([(1, None, frozenset())] * 2), SplitPlan(0))


def test_what_is_written_is_loaded_and_never_replaced(cohort: Path):
    (cohort / "split.csv").unlink()
    folds = split_patients([PatientTraits(f"p{number}", 1) for number in (1, 2, 3)], SplitPlan(0))
    write_split(cohort, folds)
    assert load_cohort(cohort).folds == folds
    with pytest.raises(UsageError, match=r"without split\.csv, got one that was split before"):
        write_split(cohort, folds)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match=r"folder that can be written, got .*nowhere"):
        write_split(tmp_path / "nowhere", {})
