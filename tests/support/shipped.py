"""Marks for tests of what the package ships."""

from pathlib import Path

import pytest

import msasss
from msasss.models.weights import BUNDLED, MANIFEST

DEMO_FILMS = Path(msasss.__file__).parent / "pipeline" / "demo_films"

needs_weights = pytest.mark.skipif(not (BUNDLED / MANIFEST).is_file(), reason="the package has no weights yet")
needs_demo_films = pytest.mark.skipif(not DEMO_FILMS.is_dir(), reason="the package has no example films yet")
