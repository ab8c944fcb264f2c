from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from msasss.anatomy import Region
from msasss.dicom.secondary_capture import Picture, secondary_captures
from msasss.errors import RadiographError
from msasss.exam import Exam
from msasss.imaging import Facing
from support.dicom_exams import exam_of, model_reading, saved, uid_of, validator_says


@pytest.fixture
def picture() -> Picture:
    return np.random.default_rng(0).integers(0, 255, (45, 31, 3), dtype=np.uint8)


@pytest.mark.parametrize("region", Region)
def test_validator_finds_no_error(
    exam: Exam, headers: Mapping[str, Dataset], picture: Picture, tmp_path: Path, region: Region
) -> None:
    errors, warnings = validator_says(secondary_captures(exam, {region: picture}, headers)[0], tmp_path)
    assert errors == []
    assert all("Laterality" in line for line in warnings)


def test_validator_finds_no_error_without_landmarks(
    headers: Mapping[str, Dataset], picture: Picture, tmp_path: Path
) -> None:
    exam = exam_of(model_reading(headers), landmarks={}, weights={})
    assert validator_says(secondary_captures(exam, {Region.LUMBAR: picture}, headers)[0], tmp_path)[0] == []


def test_picture_is_kept(exam: Exam, headers: Mapping[str, Dataset], picture: Picture, tmp_path: Path) -> None:
    image = saved(secondary_captures(exam, {Region.CERVICAL: picture}, headers)[0], tmp_path)
    assert np.array_equal(image.pixel_array, picture)
    assert "PixelSpacing" not in image


def test_film_is_its_source(exam: Exam, headers: Mapping[str, Dataset], picture: Picture) -> None:
    image = secondary_captures(exam, {Region.LUMBAR: picture}, headers)[0]
    film = headers[uid_of(headers, Region.LUMBAR)]
    assert image.SourceImageSequence[0].ReferencedSOPInstanceUID == film.SOPInstanceUID
    assert image.StudyInstanceUID == film.StudyInstanceUID
    assert image.PatientName == film.PatientName


def test_weights_are_named(exam: Exam, headers: Mapping[str, Dataset], picture: Picture) -> None:
    equipment = secondary_captures(exam, {Region.LUMBAR: picture}, headers)[0].ContributingEquipmentSequence[-1]
    assert equipment.SoftwareVersions == "msasss 0.1.0"
    assert f"lesions sha256:{'b' * 64}" in equipment.ContributionDescription


@pytest.mark.parametrize(("facing", "rows"), [(Facing.LEFT, "P"), (Facing.RIGHT, "A")])
def test_rows_run_where_the_film_does(
    headers: Mapping[str, Dataset], picture: Picture, facing: Facing, rows: str
) -> None:
    exam = exam_of(model_reading(headers), facing=facing)
    assert list(secondary_captures(exam, {Region.CERVICAL: picture}, headers)[0].PatientOrientation) == [rows, "F"]


def test_burned_in_text_and_loss_are_inherited(exam: Exam, headers: Mapping[str, Dataset], picture: Picture) -> None:
    worn = {uid: deepcopy(header) for uid, header in headers.items()}
    for header in worn.values():
        header.BurnedInAnnotation, header.LossyImageCompression, header.LossyImageCompressionRatio = "YES", "01", 12
    image = secondary_captures(exam, {Region.CERVICAL: picture}, worn)[0]
    assert (image.BurnedInAnnotation, image.LossyImageCompression, image.LossyImageCompressionRatio) == (
        "YES",
        "01",
        12,
    )


def test_one_seed_makes_one_object(exam: Exam, headers: Mapping[str, Dataset], picture: Picture) -> None:
    first, second = (secondary_captures(exam, {Region.LUMBAR: picture}, headers, uid_seed="a")[0] for _ in range(2))
    assert first == second


def test_grey_picture_is_refused(exam: Exam, headers: Mapping[str, Dataset], picture: Picture) -> None:
    with pytest.raises(RadiographError, match=r"Expected an RGB picture of 8 bits, got shape \(45, 31\) of uint8"):
        secondary_captures(exam, {Region.LUMBAR: picture[:, :, 0]}, headers)[0]


def test_region_that_was_not_read_is_refused(exam: Exam, headers: Mapping[str, Dataset], picture: Picture) -> None:
    cervical = exam_of(model_reading(headers, [Region.CERVICAL]))
    with pytest.raises(RadiographError, match=r"Expected a lumbar film in the exam, got none"):
        secondary_captures(cervical, {Region.LUMBAR: picture}, headers)


def test_pictures_of_one_exam_are_one_series(exam: Exam, headers: Mapping[str, Dataset], picture: Picture) -> None:
    images = secondary_captures(exam, {Region.LUMBAR: picture, Region.CERVICAL: picture}, headers)
    assert [image.InstanceNumber for image in images] == [1, 2]
    assert len({image.SeriesInstanceUID for image in images}) == 1
    assert len({image.SOPInstanceUID for image in images}) == 2


def test_series_are_of_their_study(exam: Exam, headers: Mapping[str, Dataset], picture: Picture) -> None:
    apart = {uid: deepcopy(header) for uid, header in headers.items()}
    apart[uid_of(headers, Region.LUMBAR)].StudyInstanceUID = "1.2.3.4"
    images = secondary_captures(exam, dict.fromkeys(Region, picture), apart)
    assert len({image.SeriesInstanceUID for image in images}) == len({image.StudyInstanceUID for image in images}) == 2
