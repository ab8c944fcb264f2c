"""Which films make a visit, and when."""

from hypothesis import given
from hypothesis import strategies as st

from msasss.apps.node.config import Patience
from msasss.apps.node.films import Film
from msasss.apps.node.waiting_room import call

PATIENCE = Patience(quiet_s=10, wait_s=100)


def film(number, region="cervical", *, patient="p", at=0.0, day="2024-05-31"):
    return Film(number, f"t{number}", f"1.2.{number}", "waiting", at, at + PATIENCE.wait_s, patient, region, day, 0, 0)


def called(films, now):
    return [(sorted(each.id for each in item.films), item.problem) for item in call(films, PATIENCE, now)]


def test_a_pair_of_one_day_is_called_when_no_more_films_come():
    films = [film(1), film(2, "lumbar", at=5)]
    assert called(films, now=14.9) == []
    assert called(films, now=15) == [([1, 2], None)]


def test_a_single_film_is_called_when_it_has_waited_long_enough():
    assert called([film(1)], now=99.9) == []
    assert called([film(1)], now=100) == [([1], None)]


def test_a_pair_of_different_days_waits_for_a_better_partner():
    old, new = film(1, "lumbar", day="2024-05-01"), film(2, at=1)
    assert called([old, new], now=50) == []
    assert called([old, new, film(3, "lumbar", at=60)], now=75) == [([2, 3], None)]
    assert called([old, new], now=100) == [([1, 2], None)]


def test_films_more_than_three_months_apart_are_called_alone():
    films = [film(1, "lumbar", day="2024-01-01"), film(2)]
    assert sorted(called(films, now=100)) == [([1], None), ([2], None)]


def test_a_view_taken_twice_is_a_problem_when_it_is_due():
    films = [film(1), film(2, at=1), film(3, "lumbar", at=2)]
    assert called(films, now=50) == []
    [(numbers, problem)] = called(films, now=100)
    assert numbers == [1, 2, 3]
    assert "got 2 cervical, 1 lumbar" in problem


def test_films_without_a_date_pair_within_their_group():
    assert called([film(1, day=""), film(2, "lumbar", day="")], now=10) == [([1, 2], None)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["cervical", "lumbar"]),
            st.sampled_from(["a", "b"]),
            st.sampled_from(["2024-05-31", "2024-05-20", "2023-01-01", ""]),
            st.floats(0, 50),
        ),
        max_size=8,
    )
)
def test_every_film_is_called_exactly_once_in_the_end(drawn):
    films = [
        film(number, region, patient=patient, day=day, at=at) for number, (region, patient, day, at) in enumerate(drawn)
    ]
    numbers = [number for ids, _ in called(films, now=1000) for number in ids]
    assert sorted(numbers) == list(range(len(films)))
    for ids, _ in called(films, now=1000):
        assert len({films[number].patient for number in ids}) == 1
