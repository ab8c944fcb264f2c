import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import CORNERS, Corner, Endplate, Region, Vertebra
from msasss.errors import ReadingError
from msasss.reading import CornerFinding, Lesion, ReaderKind, Reading
from msasss.scoring import (
    MSASSS,
    RASSS_STYLE,
    DisagreementReason,
    adjudicated,
    consensus_of,
    score_corner,
)

C5 = Corner(Vertebra.C5, Endplate.SUPERIOR)
L3 = Corner(Vertebra.L3, Endplate.INFERIOR)
NOT_VISIBLE = "not visible"
NORMAL: tuple[Lesion, ...] = ()
E, S, Q, SY, B, O = (  # noqa: E741
    Lesion.EROSION,
    Lesion.SCLEROSIS,
    Lesion.SQUARING,
    Lesion.SYNDESMOPHYTE,
    Lesion.BRIDGE,
    Lesion.OSTEOPHYTE,
)


@pytest.fixture(scope="module")
def consensus(reading_of):
    """The consensus of readers who differ at C5 superior alone: one entry each, lesions or NOT_VISIBLE."""

    def build(*found, **settings):
        readings = [
            reading_of({}, not_visible=[C5], reader=f"reader {n}")
            if lesions == NOT_VISIBLE
            else reading_of({C5: lesions}, reader=f"reader {n}")
            for n, lesions in enumerate(found)
        ]
        return consensus_of(readings, **settings)

    return build


@pytest.mark.parametrize(
    ("found", "agreed"),
    [
        ([NORMAL, NORMAL, [B]], NORMAL),
        ([[SY], [B], [B]], [B]),
        ([[SY, Q], [SY], [Q]], [SY, Q]),
        ([[Q], [Q, O], [O]], [Q, O]),
        ([[E], [E], NOT_VISIBLE], [E]),
        ([[E, S], [E], [E]], [E]),
        ([[SY], [SY]], [SY]),
    ],
)
def test_a_lesion_is_present_where_the_majority_names_it(consensus, found, agreed):
    reading = consensus(*found).reading
    assert reading[C5] == CornerFinding(C5, frozenset(agreed))
    assert reading.reader.kind is ReaderKind.CONSENSUS
    assert reading.reader.id == "consensus"


def test_a_corner_most_readers_cannot_see_is_not_visible(consensus):
    assert consensus(NOT_VISIBLE, NOT_VISIBLE, [B]).reading[C5].not_visible


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([NORMAL, [SY], [B]], DisagreementReason.GRADE),
        ([NORMAL, [E], [O]], DisagreementReason.GRADE),
        ([[E], [SY]], DisagreementReason.GRADE),
        ([[E], [SY], NOT_VISIBLE], DisagreementReason.GRADE),
        ([[E], NOT_VISIBLE], DisagreementReason.VISIBILITY),
        ([NORMAL, NOT_VISIBLE], DisagreementReason.VISIBILITY),
        ([NORMAL, NORMAL, NOT_VISIBLE, NOT_VISIBLE], DisagreementReason.VISIBILITY),
        ([[E], [S], NORMAL], DisagreementReason.LESION),
        ([[E], [S], [Q]], DisagreementReason.LESION),
        ([[E], [E, S]], DisagreementReason.LESION),
        ([[SY, E], [SY], NOT_VISIBLE], DisagreementReason.LESION),
    ],
)
def test_a_corner_without_a_majority_is_adjudicated_and_never_normal(consensus, found, reason):
    result = consensus(*found)
    (dispute,) = result.to_adjudicate
    assert (dispute.corner, dispute.reason) == (C5, reason)
    assert len(dispute.findings) == len(found)
    assert result.reading is None
    assert C5 not in {finding.corner for finding in result.agreed}
    assert len(result.agreed) == 23


def test_readers_are_compared_by_the_grades_of_the_scheme(consensus):
    found = ([E], [S], [SY])
    assert consensus(*found).to_adjudicate[0].reason is DisagreementReason.LESION
    assert consensus(*found, scheme=RASSS_STYLE).to_adjudicate[0].reason is DisagreementReason.GRADE


def test_the_consensus_has_the_name_it_is_given(consensus):
    assert consensus(NORMAL, NORMAL, reader_id="meeting").reading.reader.id == "meeting"


def test_a_network_beside_two_persons_leaves_no_probabilities(reading_of):
    plain = [reading_of({}, reader="A"), reading_of({}, reader="B")]
    network = reading_of({}, reader="network")
    findings = tuple(CornerFinding(corner, probabilities={B: 0.2}) for corner in CORNERS)
    network = Reading(network.reader, network.images, findings)
    assert all(finding.probabilities is None for finding in consensus_of([network, *plain]).reading)


def test_the_meeting_completes_the_reading(consensus):
    pending = consensus([E], [SY])
    reading = adjudicated(pending, [CornerFinding(C5, frozenset({SY}))])
    assert reading[C5].lesions == {SY}
    assert reading.reader == pending.reader
    assert len(reading.findings) == 24


def test_a_corner_left_undecided_is_named(consensus):
    with pytest.raises(ReadingError, match="got none for C5 superior"):
        adjudicated(consensus([E], [SY]), [])


def test_a_decision_on_an_agreed_corner_is_refused(consensus):
    with pytest.raises(ReadingError, match="got one for L3 inferior"):
        adjudicated(consensus([E], [SY]), [CornerFinding(C5), CornerFinding(L3)])


def test_a_decision_taken_twice_is_refused(consensus):
    with pytest.raises(ReadingError, match="got C5 superior twice"):
        adjudicated(consensus([E], [SY]), [CornerFinding(C5), CornerFinding(C5)])


@pytest.mark.parametrize("number", [0, 1])
def test_a_consensus_needs_two_readers(consensus, number):
    with pytest.raises(ReadingError, match=f"got {number}"):
        consensus(*[NORMAL] * number)


def test_a_reader_votes_once(reading_of):
    with pytest.raises(ReadingError, match="got A twice"):
        consensus_of([reading_of({}), reading_of({})])


def test_readings_of_other_images_are_refused(reading_of):
    with pytest.raises(ReadingError, match="got others by reader B than by A"):
        consensus_of([reading_of({}), reading_of({}, regions=[Region.LUMBAR], reader="B")])


lesion_sets = st.frozensets(st.sampled_from(Lesion), max_size=3)


@given(st.lists(st.none() | lesion_sets, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_the_readers_changes_nothing(consensus, found, random):
    found = [NOT_VISIBLE if lesions is None else lesions for lesions in found]
    shuffled = random.sample(found, len(found))
    before, after = consensus(*found), consensus(*shuffled)
    assert before.reading == after.reading
    assert [item.reason for item in before.to_adjudicate] == [item.reason for item in after.to_adjudicate]


@given(st.lists(lesion_sets, min_size=3, max_size=3))
def test_the_agreed_grade_is_one_that_two_of_three_gave(consensus, found):
    reading = consensus(*found).reading
    if reading is not None:
        given_grades = [score_corner(CornerFinding(C5, lesions), MSASSS) for lesions in found]
        assert given_grades.count(score_corner(reading[C5], MSASSS)) >= 2


@given(lesion_sets, st.integers(2, 5))
def test_readers_of_one_mind_are_the_consensus(consensus, lesions, number):
    assert consensus(*[lesions] * number).reading[C5].lesions == lesions
