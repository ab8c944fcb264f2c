"""The colours of the grades on paper: light to dark, so that they keep their order in grey and for any colour vision.

The digit stands in every mark besides. On films marks are drawn over a dark ground, in the colours of `marks`.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ink:
    """How a grade is drawn: CSS colours of its ground, its digit and its outline."""

    ground: str
    digit: str
    outline: str


GRADE_INKS: Mapping[int | None, Ink] = {
    0: Ink("#ffffff", "#1d2127", "#848b94"),
    1: Ink("#fdeaae", "#1d2127", "#8a7a3c"),
    2: Ink("#ee9f3a", "#1d2127", "#8f5a10"),
    3: Ink("#8a2b0b", "#ffffff", "#5f1c05"),
    None: Ink("#ffffff", "#1d2127", "#1d2127"),
}
