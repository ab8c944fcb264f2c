"""Readings built from the few corners that bear something; all others bear no lesion."""

from collections.abc import Callable, Collection, Iterable, Mapping

import pytest

from msasss.anatomy import CORNERS, Corner, Region
from msasss.reading import CornerFinding, Lesion, Reader, ReaderKind, Reading

IMAGES = {Region.CERVICAL: "cervical.dcm", Region.LUMBAR: "lumbar.dcm"}


def make_reading(
    lesions: Mapping[Corner, Iterable[Lesion]],
    *,
    not_visible: Collection[Corner] = (),
    regions: Collection[Region] = tuple(Region),
    reader: str = "A",
) -> Reading:
    findings = tuple(
        CornerFinding(corner, frozenset(lesions.get(corner, ())), not_visible=corner in not_visible)
        for corner in CORNERS
        if corner.region in regions
    )
    return Reading(Reader(ReaderKind.HUMAN, reader), {region: IMAGES[region] for region in regions}, findings)


@pytest.fixture(scope="session")
def reading_of() -> Callable[..., Reading]:
    return make_reading


@pytest.fixture(scope="session")
def at() -> Callable[[str], Corner]:
    """A corner by its name, such as 'C5 inferior'."""
    corners = {str(corner): corner for corner in CORNERS}
    return lambda name: corners[name]
