"""Films and exams that the tests of written objects share."""

from collections.abc import Mapping

import pytest
from pydicom import Dataset

from msasss.exam import Exam
from support.dicom_exams import exam_of, film_headers, model_reading


@pytest.fixture(scope="module")
def headers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Dataset]:
    """Headers of one patient's cervical and lumbar film, 400 x 600 px, MONOCHROME2, of one study."""
    return film_headers(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def exam(headers: Mapping[str, Dataset]) -> Exam:
    """A network's exam of these films: bridge, syndesmophyte and osteophyte, one corner of each film not found."""
    return exam_of(model_reading(headers))
