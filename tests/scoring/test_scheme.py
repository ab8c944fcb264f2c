from dataclasses import replace

import pytest

from msasss.anatomy import CORNERS, Region, Vertebra
from msasss.errors import SchemeError
from msasss.reading import Lesion
from msasss.scoring import MSASSS, RASSS_STYLE, SCHEMES, SquaringPolicy, with_squaring


def squared_vertebrae(scheme):
    return {corner.vertebra.value for corner in scheme.squaring_sites}


def test_schemes_are_found_by_lower_case_name():
    assert SCHEMES == {"msasss": MSASSS, "rasss-style": RASSS_STYLE}


def test_every_built_in_scheme_is_cited():
    assert all(scheme.citations for scheme in SCHEMES.values())


def test_a_scheme_can_be_a_key():
    assert {MSASSS: 1}[replace(MSASSS)] == 1


def test_msasss_counts_squaring_everywhere_but_at_c3():
    assert set(CORNERS) - MSASSS.squaring_sites == {corner for corner in CORNERS if corner.vertebra is Vertebra.C3}


def test_squaring_can_be_counted_at_c5_and_c6_alone_of_the_cervical_vertebrae():
    scheme = with_squaring(MSASSS, SquaringPolicy.C5_C6)
    assert squared_vertebrae(scheme) == {"C5", "C6", "T12", "L1", "L2", "L3", "L4", "L5", "S1"}
    assert scheme.name == "mSASSS (squaring c5-c6)"
    assert scheme.citations == (*MSASSS.citations, "Kim 2008, J Rheumatol 35:477")


def test_squaring_can_be_left_out_of_the_cervical_view():
    scheme = with_squaring(MSASSS, SquaringPolicy.NO_CERVICAL)
    assert {corner.region for corner in scheme.squaring_sites} == {Region.LUMBAR}
    assert len(scheme.squaring_sites) == 12


def test_a_scheme_that_counts_squaring_there_already_is_left_alone():
    assert with_squaring(MSASSS, SquaringPolicy.ALL_BUT_C3) is MSASSS


def test_a_variant_of_a_variant_is_named_and_cited_once():
    scheme = with_squaring(with_squaring(MSASSS, SquaringPolicy.C5_C6), SquaringPolicy.ALL_BUT_C3)
    assert scheme.name == "mSASSS (squaring all-but-c3)"
    assert len(set(scheme.citations)) == len(scheme.citations)
    assert scheme.squaring_sites == MSASSS.squaring_sites


def test_rasss_style_has_no_erosion_and_no_cervical_squaring():
    assert Lesion.EROSION not in RASSS_STYLE.grade_of
    assert {corner.region for corner in RASSS_STYLE.squaring_sites} == {Region.LUMBAR}
    assert "without thorax" in RASSS_STYLE.name


@pytest.mark.parametrize("name", ["", " "])
def test_a_scheme_has_a_name(name):
    with pytest.raises(SchemeError, match=f"got '{name}'"):
        replace(MSASSS, name=name)


def test_a_scheme_counts_something():
    with pytest.raises(SchemeError, match="counted lesion in scheme mSASSS, got none"):
        replace(MSASSS, grade_of={})


@pytest.mark.parametrize("grade", [0, 4, -1])
def test_a_counted_lesion_has_a_grade_of_1_to_3(grade):
    with pytest.raises(SchemeError, match=f"got {grade} for erosion"):
        replace(MSASSS, grade_of={Lesion.EROSION: grade})


def test_a_lesion_is_not_both_counted_and_excluding():
    with pytest.raises(SchemeError, match="Expected osteophyte in scheme mSASSS to be counted or excluding, got both"):
        replace(MSASSS, grade_of={Lesion.OSTEOPHYTE: 1})


def test_a_scheme_does_not_change_with_the_table_it_was_made_from():
    grades = {Lesion.BRIDGE: 3}
    scheme = replace(MSASSS, grade_of=grades)
    grades[Lesion.BRIDGE] = 1
    assert scheme.grade_of == {Lesion.BRIDGE: 3}
