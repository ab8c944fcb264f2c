from pathlib import Path

import pytest

from msasss.dicom import read_radiograph
from msasss.errors import InputError, UsageError
from msasss.pipeline import demo
from msasss.pipeline.demo import write_demo_films


def test_a_package_without_example_films_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(demo, "FILMS", ("absent.dcm", "other.dcm"))
    with pytest.raises(InputError, match=r"example films absent\.dcm and other\.dcm in the package, got none"):
        write_demo_films(tmp_path / "films")
    assert not (tmp_path / "films").exists()


def test_two_films_are_written(tmp_path: Path):
    paths = write_demo_films(tmp_path / "new" / "films")
    assert [path.name for path in paths] == ["cervical.dcm", "lumbar.dcm"]
    assert all(read_radiograph(path).acquired_on is not None for path in paths)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "films").write_text("a file")
    with pytest.raises(UsageError, match="Expected a folder that can be written"):
        write_demo_films(tmp_path / "films")
