from pathlib import Path

import numpy as np
from pydicom import dcmread

from msasss.dicom import read_radiograph
from support.encodings import ALL_SYNTAXES, encode
from support.films import dicom_film


def test_white_that_overshoots_in_lossy_decoding_stays_white(tmp_path: Path):
    """A codestream declared 16 bits deep can decode a 12-bit white to more than 4095, which is not black."""
    source, target = dicom_film(tmp_path / "film.dcm"), tmp_path / "lossy.dcm"
    film = dcmread(source)
    pixels = film.pixel_array.copy()
    pixels[::7, ::5] = 2**film.BitsStored - 1  # isolated white dots overshoot
    film.PixelData = pixels.tobytes()
    film.save_as(source)
    encode(source, target, ALL_SYNTAXES["HTJ2K"])
    assert int(dcmread(target).pixel_array.max()) > 2**film.BitsStored - 1
    decoded = read_radiograph(target).pixels
    assert np.median(decoded[::7, ::5]) > 0.9
    assert decoded[::7, ::5].min() > 0.5
