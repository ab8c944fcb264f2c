"""Small films on disk for tests of reading: a phantom like a lateral spine, as DICOM with any header change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
from pydicom import Dataset, config, dcmread

from msasss.anatomy import Region
from msasss.dicom import write_radiograph

HEIGHT_PX, WIDTH_PX = 320, 240


def phantom(seed: int = 0) -> np.ndarray:
    """(H, W) in [0, 1]: a column of bright blocks on a soft gradient, with grain and a dark collimated edge."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:HEIGHT_PX, :WIDTH_PX].astype(np.float32)
    pixels = 0.15 + 0.25 * x / WIDTH_PX
    bodies = (np.abs(x - 120 - 15 * np.sin(y / 60)) < 30) & (y % 45 < 34)
    pixels += 0.4 * bodies + 0.05 * np.sin(x / 3) * bodies
    pixels += rng.normal(0, 0.004, pixels.shape)
    pixels[:12] = 0.0
    return np.clip(pixels, 0, 1).astype(np.float32)


def dicom_film(
    path: Path,
    change: Callable[[Dataset], None] | None = None,
    *,
    seed: int = 0,
    region: Region = Region.CERVICAL,
    patient_id: str = "SIM-1",
    study_date: date = date(2024, 5, 1),
    **options: object,
) -> Path:
    """Write the phantom as a DX object, let `change` alter its header, and return the path."""
    write_radiograph(
        path,
        phantom(seed),
        spacing_mm=0.15,
        patient_id=patient_id,
        study_date=study_date,
        region=region,
        **options,
    )
    if change is not None:
        with unchecked():
            film = dcmread(path)
            change(film)
            film.save_as(path)
    return path


@contextmanager
def unchecked() -> Iterator[None]:
    """Let pydicom accept values against the standard: the faults under test are what it would refuse."""
    modes = config.settings.reading_validation_mode, config.settings.writing_validation_mode
    config.settings.reading_validation_mode = config.settings.writing_validation_mode = config.IGNORE
    try:
        yield
    finally:
        config.settings.reading_validation_mode, config.settings.writing_validation_mode = modes
