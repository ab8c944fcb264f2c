"""What the pipeline asks of a localiser and of a lesion classifier, whoever provides them."""

from collections.abc import Sequence
from typing import Protocol

from msasss.imaging import DiscPatch, Landmarks, Radiograph
from msasss.reading import CornerFinding


class Localiser(Protocol):
    """Finds the vertebrae on a radiograph."""

    def locate(self, radiograph: Radiograph) -> Landmarks:
        """Return what is found in the pixels; region and facing are not taken from the header.

        Raises:
            RadiographError: If fewer than three consecutive vertebrae are found.
        """
        ...


class LesionClassifier(Protocol):
    """Says which lesions the two corners of each disc space bear.

    Attributes:
        patch_side: Side of the patches it was trained on, in mean heights of the two vertebrae.
        patch_side_px: The same in pixels of the patch.
    """

    patch_side: float
    patch_side_px: int

    def classify(self, patches: Sequence[DiscPatch]) -> tuple[CornerFinding, ...]:
        """Return two findings per patch, above and below its disc space, in the order of the patches."""
        ...
