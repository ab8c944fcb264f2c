from pathlib import Path

import pytest

from support.cohorts import write_cohort


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """The folder of a small cohort without a fault; see `support.cohorts`."""
    return write_cohort(tmp_path / "cohort")
