from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msasss.anatomy import CORNERS, Corner, Endplate, Region, Vertebra, corners_of
from msasss.errors import ReadingError
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading

C5_SUPERIOR = Corner(Vertebra.C5, Endplate.SUPERIOR)
READER = Reader(ReaderKind.HUMAN, "A")
BOTH = {Region.CERVICAL: "c.dcm", Region.LUMBAR: "l.dcm"}


def normal(corners=CORNERS):
    return tuple(CornerFinding(corner) for corner in corners)


def test_a_corner_that_is_not_visible_bears_no_lesion():
    with pytest.raises(ReadingError, match="got erosion, squaring at C5 superior"):
        CornerFinding(C5_SUPERIOR, frozenset({Lesion.SQUARING, Lesion.EROSION}), not_visible=True)


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_a_probability_outside_0_to_1_is_refused(value):
    with pytest.raises(ReadingError, match=rf"got {value} at C5 superior"):
        CornerFinding(C5_SUPERIOR, probabilities={Lesion.BRIDGE: value})
    with pytest.raises(ReadingError, match=rf"got {value} at C5 superior"):
        CornerFinding(C5_SUPERIOR, not_visible_probability=value)


def test_probabilities_of_0_and_1_are_kept():
    finding = CornerFinding(C5_SUPERIOR, probabilities={Lesion.BRIDGE: 0.0}, not_visible_probability=1.0)
    assert finding.probabilities == {Lesion.BRIDGE: 0.0}
    assert finding.not_visible_probability == 1.0


def test_no_lesion_is_not_the_same_as_not_visible():
    assert CornerFinding(C5_SUPERIOR) != CornerFinding(C5_SUPERIOR, not_visible=True)


@pytest.mark.parametrize("name", ["", "  "])
def test_a_reader_has_a_name(name):
    with pytest.raises(ReadingError, match=f"got '{name}'"):
        Reader(ReaderKind.HUMAN, name)


def test_a_reading_has_a_region():
    with pytest.raises(ReadingError, match="at least one region read, got none"):
        Reading(READER, {}, ())


@pytest.mark.parametrize("read_at", [datetime(2024, 5, 1), datetime(2024, 5, 1, tzinfo=timezone(timedelta(hours=8)))])
def test_the_time_of_reading_is_in_utc(read_at):
    with pytest.raises(ReadingError, match=read_at.isoformat().replace("+", r"\+")):
        Reading(READER, BOTH, normal(), read_at)


def test_a_time_in_utc_is_kept():
    read_at = datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert Reading(READER, BOTH, normal(), read_at).read_at == read_at


def test_a_missing_corner_is_named():
    findings = normal(corner for corner in CORNERS if corner != C5_SUPERIOR)
    with pytest.raises(ReadingError, match=r"Expected 24 corners by reader A, got 23 \(missing C5 superior\)"):
        Reading(READER, BOTH, findings)


def test_a_repeated_corner_is_named():
    with pytest.raises(ReadingError, match="got C5 superior twice by reader A"):
        Reading(READER, BOTH, (*normal(), CornerFinding(C5_SUPERIOR)))


def test_a_corner_of_a_view_that_was_not_read_is_refused():
    findings = (*normal(corners_of(Region.LUMBAR)), CornerFinding(C5_SUPERIOR))
    with pytest.raises(ReadingError, match="regions read only, got C5 superior"):
        Reading(READER, {Region.LUMBAR: "l.dcm"}, findings)


def test_one_view_alone_can_be_read():
    reading = Reading(READER, {Region.LUMBAR: "l.dcm"}, normal(corners_of(Region.LUMBAR)))
    assert reading.regions == (Region.LUMBAR,)
    assert len(list(reading)) == 12


def test_regions_are_cervical_first_whatever_the_order_of_the_images():
    reading = Reading(READER, {Region.LUMBAR: "l.dcm", Region.CERVICAL: "c.dcm"}, normal())
    assert reading.regions == (Region.CERVICAL, Region.LUMBAR)


@given(st.permutations(CORNERS))
def test_findings_are_kept_cranio_caudally(corners):
    reading = Reading(READER, BOTH, normal(corners))
    assert [finding.corner for finding in reading] == list(CORNERS)
    assert reading == Reading(READER, BOTH, normal())


@given(st.sampled_from(CORNERS))
def test_a_finding_is_found_by_its_corner(corner):
    assert Reading(READER, BOTH, normal())[corner] == CornerFinding(corner)
