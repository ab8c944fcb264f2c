import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import CORNERS
from msasss.errors import SchemeError
from msasss.reading import Lesion
from msasss.scoring import (
    MSASSS,
    SCHEMES,
    ExcludedCorner,
    MissingKind,
    MissingPolicy,
    ScoringScheme,
    SquaringPolicy,
    scheme_from_dict,
    scheme_to_dict,
    with_squaring,
)

texts = st.text(min_size=1).filter(lambda text: bool(text.strip()))


@st.composite
def schemes(draw):
    grades = draw(st.dictionaries(st.sampled_from(Lesion), st.integers(1, 3), min_size=1))
    free = [lesion for lesion in Lesion if lesion not in grades]
    return ScoringScheme(
        name=draw(texts),
        grade_of=grades,
        squaring_sites=draw(st.frozensets(st.sampled_from(CORNERS))),
        excluding_lesions=draw(st.frozensets(st.sampled_from(free))) if free else frozenset(),
        excluded_corner=draw(st.sampled_from(ExcludedCorner)),
        missing=MissingPolicy(draw(st.sampled_from(MissingKind)), draw(st.integers(0, 11))),
        citations=tuple(draw(st.lists(texts, max_size=2))),
    )


@given(schemes())
def test_a_scheme_survives_the_way_through_json(scheme):
    assert scheme_from_dict(json.loads(json.dumps(scheme_to_dict(scheme)))) == scheme


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("policy", SquaringPolicy)
def test_every_built_in_scheme_survives_with_every_squaring(name, policy):
    scheme = with_squaring(SCHEMES[name], policy)
    assert scheme_from_dict(scheme_to_dict(scheme)) == scheme


def test_the_dictionary_is_in_the_words_of_the_glossary():
    data = scheme_to_dict(MSASSS)
    assert data["grades"] == {"erosion": 1, "sclerosis": 1, "squaring": 1, "syndesmophyte": 2, "bridge": 3}
    assert data["excluding_lesions"] == ["osteophyte", "other"]
    assert data["missing"] == {"kind": "segment-mean", "max_missing": 3}
    assert data["squaring_sites"][:2] == ["C2 inferior", "C4 superior"]


@pytest.mark.parametrize("key", scheme_to_dict(MSASSS))
def test_a_key_that_is_absent_is_named(key):
    data = scheme_to_dict(MSASSS)
    del data[key]
    with pytest.raises(SchemeError, match=f"in a scheme, got no {key}"):
        scheme_from_dict(data)


def test_an_unknown_key_is_named():
    with pytest.raises(SchemeError, match=r"in a scheme, got 'squaring'\. Remove it"):
        scheme_from_dict(scheme_to_dict(MSASSS) | {"squaring": "none"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "msasss/scheme/9"}, "Expected schema msasss/scheme/1, got 'msasss/scheme/9'"),
        ({"name": 7}, "Expected name to be a text, got 7"),
        ({"name": " "}, "got ' '"),
        ({"grades": ["bridge"]}, r"Expected grades to be a table, got \['bridge'\]"),
        ({"grades": {"spur": 1}}, "Expected grades to be one of erosion, .*, got 'spur'"),
        ({"grades": {"bridge": "3"}}, "Expected bridge to be a whole number, got '3'"),
        ({"grades": {"bridge": True}}, "Expected bridge to be a whole number, got True"),
        ({"grades": {"bridge": 5}}, "got 5 for bridge"),
        ({"squaring_sites": "all"}, "Expected squaring_sites to be a list of texts, got 'all'"),
        ({"squaring_sites": ["C2 superior"]}, "Expected squaring_sites to name corners .*, got 'C2 superior'"),
        ({"squaring_sites": [2]}, "Expected squaring_sites to be a text, got 2"),
        ({"excluding_lesions": ["spur"]}, "Expected excluding_lesions to be one of .*, got 'spur'"),
        ({"excluded_corner": "zero"}, "Expected excluded_corner to be one of not-considered, .*, got 'zero'"),
        ({"missing": {"kind": "mean", "max_missing": 3}}, "Expected kind to be one of segment-mean, .*, got 'mean'"),
        ({"missing": {"kind": "none", "max_missing": 12}}, "got 12"),
        ({"missing": {"kind": "none"}}, "in missing, got no max_missing"),
        ({"missing": {"kind": "none", "max_missing": 3, "min": 1}}, "in missing, got 'min'"),
        ({"missing": None}, "Expected missing to be a table, got None"),
        ({"citations": [None]}, "Expected citations to be a text, got None"),
    ],
)
def test_a_wrong_value_is_named(change, message):
    with pytest.raises(SchemeError, match=message):
        scheme_from_dict(scheme_to_dict(MSASSS) | change)
