"""Spacing and what it measures (DICOM PS3.3, 10.7.1.3)."""

import pytest
from pydicom import Dataset

from msasss.dicom.spacing import pixel_spacing
from msasss.errors import RadiographError
from msasss.imaging.radiograph import SpacingSource
from support.films import unchecked


def header(**values: object) -> Dataset:
    made = Dataset()
    with unchecked():
        for keyword, value in values.items():
            setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("values", "mm", "source"),
    [
        ({"ImagerPixelSpacing": [0.15, 0.15]}, 0.15, SpacingSource.DETECTOR),
        ({"ImagerPixelSpacing": [0.15, 0.15], "PixelSpacing": [0.15, 0.15]}, 0.15, SpacingSource.DETECTOR),
        ({"ImagerPixelSpacing": [0.15, 0.15], "PixelSpacing": [0.13, 0.13]}, 0.13, SpacingSource.CALIBRATED),
        (
            {"PixelSpacing": [0.13, 0.13], "PixelSpacingCalibrationType": "FIDUCIAL"},
            0.13,
            SpacingSource.CALIBRATED,
        ),
        ({"PixelSpacing": [0.2, 0.2]}, 0.2, SpacingSource.UNKNOWN),
        ({"NominalScannedPixelSpacing": [0.1, 0.1]}, 0.1, SpacingSource.UNKNOWN),
        ({"PixelSpacing": [0.2, 0.201]}, 0.2005, SpacingSource.UNKNOWN),
    ],
)
def test_spacing_says_what_it_measures(values: dict[str, object], mm: float, source: SpacingSource):
    spacing = pixel_spacing(header(**values), "film.dcm")
    assert spacing is not None
    assert spacing.mm == pytest.approx(mm)
    assert spacing.source is source


@pytest.mark.parametrize("values", [{}, {"PixelSpacing": None}, {"PixelAspectRatio": ["1", "1"]}])
def test_file_without_spacing_has_none(values: dict[str, object]):
    assert pixel_spacing(header(**values), "film.dcm") is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"PixelSpacing": ["NaN", "NaN"]}, "positive PixelSpacing in mm, got nan and nan"),
        ({"PixelSpacing": [0, 0]}, "positive PixelSpacing in mm, got 0.0 and 0.0"),
        ({"ImagerPixelSpacing": [-0.1, 0.1]}, "positive ImagerPixelSpacing in mm, got -0.1 and 0.1"),
        ({"ImagerPixelSpacing": ["inf", "inf"]}, "got inf and inf"),
        ({"PixelSpacing": [0.1, 0.102]}, "square pixels, got PixelSpacing 0.1 and 0.102 mm"),
        ({"PixelAspectRatio": ["4", "3"]}, "square pixels, got PixelAspectRatio 4 to 3"),
        ({"PixelSpacing": 0.15}, "PixelSpacing of two values, got 1"),
    ],
)
def test_impossible_spacing_is_refused_with_its_value(values: dict[str, object], reason: str):
    with pytest.raises(RadiographError, match=rf"film\.dcm: .*{reason}"):
        pixel_spacing(header(**values), "film.dcm")
