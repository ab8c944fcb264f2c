"""Films become visits by patient, date and the region in their pixels."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import Region
from msasss.errors import PairingError
from msasss.exam import LONGEST_GAP_DAYS
from msasss.pipeline.pairing import Located, Pairing, Visit, pair_exams
from support.exams import column, film

MAY = date(2024, 5, 1)
FILM = film()
NECK, BACK = Region.CERVICAL, Region.LUMBAR


def located(source: str, region: Region, *, patient: str | None = "p1", day: date | None = MAY) -> Located:
    return Located(replace(FILM, source=source, uid=source, patient_key=patient, acquired_on=day), column(region))


def names(visit: Visit) -> tuple[str | None, str | None]:
    return (
        visit.cervical.radiograph.source if visit.cervical else None,
        visit.lumbar.radiograph.source if visit.lumbar else None,
    )


def visits(pairing: Pairing) -> list[tuple[str | None, str | None]]:
    return [names(visit) for visit in pairing.visits]


def test_two_films_of_a_day_are_one_visit():
    pairing = pair_exams([located("l", BACK), located("c", NECK)])
    assert visits(pairing) == [("c", "l")]
    assert pairing.failures == ()


@pytest.mark.parametrize(("gap", "expected"), [(92, [("c", "l")]), (93, [("c", None), (None, "l")])])
def test_films_up_to_three_months_apart_are_one_visit(gap: int, expected: list[tuple[str | None, str | None]]):
    pairing = pair_exams([located("c", NECK), located("l", BACK, day=MAY + timedelta(days=gap))])
    assert visits(pairing) == expected


def test_region_alone_is_a_visit_without_the_other():
    (visit,) = pair_exams([located("l", BACK)]).visits
    assert visit.cervical is None
    assert visit.lumbar is not None


def test_visit_has_the_date_of_its_later_film():
    later = MAY + timedelta(days=20)
    (visit,) = pair_exams([located("c", NECK, day=later), located("l", BACK)]).visits
    assert (visit.visit_date, visit.gap_days, visit.patient_key) == (later, 20, "p1")


def test_nearest_dates_are_paired_first():
    pairing = pair_exams(
        [
            located("c1", NECK),
            located("c2", NECK, day=MAY + timedelta(days=40)),
            located("l2", BACK, day=MAY + timedelta(days=50)),
        ]
    )
    assert visits(pairing) == [("c1", None), ("c2", "l2")]


def test_visits_of_two_years_are_two():
    year = timedelta(days=730)
    pairing = pair_exams(
        [
            located("c0", NECK),
            located("c1", NECK, day=MAY + year),
            located("l0", BACK),
            located("l1", BACK, day=MAY + year),
        ]
    )
    assert visits(pairing) == [("c0", "l0"), ("c1", "l1")]


def test_mixed_patients_are_never_paired():
    pairing = pair_exams([located("c", NECK, patient="p1"), located("l", BACK, patient="p2")])
    assert visits(pairing) == [("c", None), (None, "l")]


def test_two_cervical_views_and_no_lumbar_are_a_failure_that_names_them():
    (failure,) = pair_exams([located("c1", NECK), located("c2", NECK)]).failures
    assert failure.source == "c1, c2"
    assert failure.message == (
        "c1, c2: Expected one film of each region at a visit, got two cervical views and no lumbar views. "
        "Name the one to score with --cervical FILE."
    )


def test_the_cure_names_the_regions_that_there_are():
    both = pair_exams([located("c1", NECK), located("c2", NECK), located("l", BACK)])
    assert both.failures[0].message.endswith(" Name the two films: --cervical FILE --lumbar FILE.")
    alone = pair_exams([located("l", BACK, patient=None)])
    assert alone.failures[0].message.endswith(" Name it with --lumbar FILE.")


def test_repeated_film_takes_its_partner_along_but_no_other_visit():
    year = MAY + timedelta(days=365)
    pairing = pair_exams(
        [
            located("c1", NECK),
            located("c2", NECK),
            located("l", BACK),
            located("c3", NECK, day=year),
            located("c4", NECK, patient="p2"),
        ]
    )
    assert visits(pairing) == [("c3", None), ("c4", None)]
    (failure,) = pairing.failures
    assert "c1, c2, l: " in failure.message
    assert "two cervical views and one lumbar view" in failure.message


def test_region_is_taken_from_the_pixels():
    claimed = film("c", patient_key="p1", acquired_on=MAY)
    shown = Located(claimed, column(BACK))
    assert visits(pair_exams([shown])) == [(None, "c")]


def test_one_unnamed_film_of_each_region_is_a_visit():
    pairing = pair_exams(
        [located("c.png", NECK, patient=None, day=None), located("l.png", BACK, patient=None, day=None)]
    )
    assert visits(pairing) == [("c.png", "l.png")]
    (visit,) = pairing.visits
    assert (visit.visit_date, visit.patient_key, visit.gap_days) == (None, None, None)


@pytest.mark.parametrize(
    ("regions", "counted"),
    [
        ([NECK], "one cervical view and no lumbar views"),
        ([NECK, NECK], "two cervical views and no lumbar views"),
        ([NECK, BACK, BACK], "one cervical view and two lumbar views"),
    ],
)
def test_other_numbers_of_unnamed_films_are_a_failure_with_the_cure(regions: list[Region], counted: str):
    films = [located(f"{place}.png", region, patient=None, day=None) for place, region in enumerate(regions)]
    pairing = pair_exams(films)
    assert pairing.visits == ()
    (failure,) = pairing.failures
    assert counted in failure.message
    views = [f"--{region.value} FILE" for region in Region if region in regions]
    assert failure.message.endswith(f" {' '.join(views)}.")


def test_unnamed_films_among_others_are_a_failure_and_the_others_are_paired():
    unnamed = [located("c.png", NECK, patient=None, day=None), located("l.png", BACK, patient=None, day=None)]
    pairing = pair_exams([*unnamed, located("c", NECK)])
    assert visits(pairing) == [("c", None)]
    assert "without them among other films" in pairing.failures[0].message


def test_undated_films_of_two_patients_are_not_paired():
    pairing = pair_exams([located("c", NECK, day=None), located("l", BACK, patient="p2", day=None)])
    assert pairing.visits == ()


def test_undated_films_of_one_patient_are_paired():
    assert visits(pair_exams([located("c", NECK, day=None), located("l", BACK, day=None)])) == [("c", "l")]


def test_unnamed_films_far_apart_in_time_are_not_paired():
    later = MAY + timedelta(days=LONGEST_GAP_DAYS + 1)
    pairing = pair_exams([located("c", NECK, patient=None), located("l", BACK, patient=None, day=later)])
    assert pairing.visits == ()


def test_nothing_gives_nothing():
    assert pair_exams([]) == Pairing((), ())


def test_visit_without_films_is_refused():
    with pytest.raises(PairingError, match="at least one film of a visit, got none"):
        Visit()


def test_visit_with_the_wrong_region_is_refused():
    with pytest.raises(PairingError, match="b: Expected a cervical view, but the pixels show the lumbar spine"):
        Visit(cervical=located("b", BACK))


def test_visit_of_two_patients_is_refused_without_naming_them():
    with pytest.raises(PairingError, match="c, l: Expected films of one patient, got two") as raised:
        Visit(located("c", NECK, patient="secret-1"), located("l", BACK, patient="secret-2"))
    assert "secret" not in str(raised.value)


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Region)), st.sampled_from(["p1", "p2", None]), st.integers(0, 300)), max_size=6
    ),
    st.randoms(use_true_random=False),
)
def test_every_film_ends_in_one_visit_or_failure_whatever_the_order(drawn, random):
    films = [
        located(f"f{place}", region, patient=patient, day=MAY + timedelta(days=days))
        for place, (region, patient, days) in enumerate(drawn)
    ]
    pairing = pair_exams(films)
    used = [item.radiograph.source for visit in pairing.visits for item in visit.films]
    used += [name for failure in pairing.failures for name in failure.source.split(", ")]
    assert sorted(used) == sorted(item.radiograph.source for item in films)
    shuffled = list(films)
    random.shuffle(shuffled)
    assert set(visits(pair_exams(shuffled))) == set(visits(pairing))
