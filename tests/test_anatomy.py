import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import (
    CORNERS,
    DISCS,
    Corner,
    Disc,
    Endplate,
    Region,
    Vertebra,
    corners_of,
    discs_of,
    vertebrae_of,
)
from msasss.errors import ReadingError

corners = st.sampled_from(CORNERS)


def test_there_are_24_corners_and_12_discs():
    assert len(set(CORNERS)) == 24
    assert len(set(DISCS)) == 12


def test_each_view_has_seven_vertebrae_six_discs_and_twelve_corners():
    for region in Region:
        assert len(vertebrae_of(region)) == 7
        assert len(discs_of(region)) == 6
        assert len(corners_of(region)) == 12


def test_corners_run_from_c2_to_t1_and_from_t12_to_s1():
    names = [str(corner) for corner in CORNERS]
    assert names[:3] == ["C2 inferior", "C3 superior", "C3 inferior"]
    assert names[11:14] == ["T1 superior", "T12 inferior", "L1 superior"]
    assert names[-1] == "S1 superior"


@pytest.mark.parametrize(
    ("vertebra", "endplate", "scored"),
    [
        (Vertebra.C2, Endplate.SUPERIOR, "inferior"),
        (Vertebra.T1, Endplate.INFERIOR, "superior"),
        (Vertebra.T12, Endplate.SUPERIOR, "inferior"),
        (Vertebra.S1, Endplate.INFERIOR, "superior"),
    ],
)
def test_a_corner_outside_the_24_is_refused_and_the_scored_one_named(vertebra, endplate, scored):
    message = f"got {vertebra.value} {endplate.value}. Only the {scored} corner of {vertebra.value} is scored"
    with pytest.raises(ReadingError, match=message):
        Corner(vertebra, endplate)


def test_every_other_vertebra_has_both_corners():
    inner = [v for region in Region for v in vertebrae_of(region)[1:-1]]
    assert {Corner(v, e) for v in inner for e in Endplate} <= set(CORNERS)


def test_t1_is_cervical_and_t12_is_lumbar():
    assert Vertebra.T1.region is Region.CERVICAL
    assert Vertebra.T12.region is Region.LUMBAR


@given(corners)
def test_opposite_is_an_involution_across_one_disc(corner):
    assert corner.opposite != corner
    assert corner.opposite.opposite == corner
    assert corner.opposite.disc == corner.disc
    assert corner in (corner.disc.above, corner.disc.below)


@given(corners)
def test_a_corner_its_disc_and_its_opposite_are_of_one_view(corner):
    assert corner.region is corner.disc.region is corner.opposite.region


def test_two_corners_face_each_disc():
    assert [sum(corner.disc == disc for corner in CORNERS) for disc in DISCS] == [2] * 12


def test_a_disc_is_named_by_its_vertebrae_and_faced_from_above_and_below():
    disc = Disc(Vertebra.C7, Vertebra.T1)
    assert str(disc) == "C7/T1"
    assert (str(disc.above), str(disc.below)) == ("C7 inferior", "T1 superior")


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (Vertebra.C4, Vertebra.C3),
        (Vertebra.C3, Vertebra.C5),
        (Vertebra.T1, Vertebra.T12),
        (Vertebra.S1, Vertebra.L5),
        (Vertebra.L2, Vertebra.L2),
    ],
)
def test_vertebrae_that_are_no_neighbours_make_no_disc(upper, lower):
    with pytest.raises(ReadingError, match=f"upper first, got {upper.value} and {lower.value}"):
        Disc(upper, lower)
