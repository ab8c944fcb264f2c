import pickle

import numpy as np
import pytest

from msasss.errors import RadiographError
from msasss.imaging.radiograph import (
    LONGEST_SIDE_PX,
    SHORTEST_SIDE_PX,
    PixelSpacing,
    Radiograph,
    SpacingSource,
    check_size,
)


def pixels(height=80, width=70):
    return np.linspace(0, 1, height * width, dtype=np.float32).reshape(height, width)


@pytest.mark.parametrize("mm", [0.0, -0.1, float("nan"), float("inf")])
def test_a_spacing_is_a_positive_number(mm):
    with pytest.raises(RadiographError, match=f"got {mm}"):
        PixelSpacing(mm, SpacingSource.DETECTOR)


def test_a_spacing_keeps_what_it_measures():
    spacing = PixelSpacing(0.15, SpacingSource.CALIBRATED)
    assert (spacing.mm, spacing.source) == (0.15, SpacingSource.CALIBRATED)


def test_height_is_rows_and_width_is_columns():
    radiograph = Radiograph(pixels(80, 70), "film.dcm")
    assert (radiograph.height_px, radiograph.width_px) == (80, 70)


def test_pixels_are_read_only_and_the_array_they_came_from_is_not():
    array = pixels()
    radiograph = Radiograph(array, "film.dcm")
    with pytest.raises(ValueError, match="read-only"):
        radiograph.pixels[0, 0] = 0.5
    array[0, 0] = 0.5
    assert array.flags.writeable


def test_pixels_are_stored_row_by_row():
    radiograph = Radiograph(pixels()[:, ::-1], "film.dcm")
    assert radiograph.pixels.flags.c_contiguous
    np.testing.assert_array_equal(radiograph.pixels, pixels()[:, ::-1])


def test_a_file_without_uid_is_known_by_its_name():
    assert Radiograph(pixels(), "film.png").uid == "film.png"
    assert Radiograph(pixels(), "film.dcm", uid="1.2.3").uid == "1.2.3"


def test_a_radiograph_can_be_sent_to_another_process():
    radiograph = Radiograph(pixels(), "film.dcm")
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(radiograph)).pixels, radiograph.pixels)


def test_a_stack_is_no_radiograph():
    with pytest.raises(RadiographError, match=r"^film.dcm: .* got shape \(2, 80, 70\) of float32"):
        Radiograph(np.stack([pixels(), pixels()]), "film.dcm")


def test_pixels_of_another_type_are_refused():
    with pytest.raises(RadiographError, match=r"got shape \(80, 70\) of float64"):
        Radiograph(pixels().astype(np.float64), "film.dcm")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_pixel_that_is_not_finite_is_refused(bad):
    array = pixels()
    array[3, 4] = bad
    with pytest.raises(RadiographError, match=r"^film.dcm: Expected finite pixels, got NaN or infinity"):
        Radiograph(array, "film.dcm")


@pytest.mark.parametrize(("bad", "got"), [(-0.5, "-0.5 to 1"), (1.5, "0 to 1.5")])
def test_a_pixel_outside_0_to_1_is_refused(bad, got):
    array = pixels()
    array[3, 4] = bad
    with pytest.raises(RadiographError, match=f"got {got}"):
        Radiograph(array, "film.dcm")


def test_a_constant_image_is_refused():
    with pytest.raises(RadiographError, match=r"got the constant 0.25"):
        Radiograph(np.full((80, 70), 0.25, dtype=np.float32), "film.dcm")


@pytest.mark.parametrize(("height", "width"), [(1, 1), (SHORTEST_SIDE_PX - 1, 500), (64, LONGEST_SIDE_PX + 1)])
def test_an_image_of_implausible_size_is_refused(height, width):
    with pytest.raises(RadiographError, match=f"got {width} x {height}"):
        Radiograph(pixels(height, width), "film.dcm")


@pytest.mark.parametrize(("height", "width"), [(1, 1), (20_000, 20_000), (SHORTEST_SIDE_PX - 1, 500), (64, 12_001)])
def test_an_implausible_size_is_refused_before_decoding(height, width):
    with pytest.raises(RadiographError, match=f"^film.dcm: .* got {width} x {height}. Give the original"):
        check_size(height, width, "film.dcm")


@pytest.mark.parametrize("size", [(SHORTEST_SIDE_PX, LONGEST_SIDE_PX), (3000, 2400)])
def test_a_plausible_size_passes(size):
    check_size(*size, "film.dcm")
