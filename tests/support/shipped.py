"""Where the package keeps what it ships."""

from pathlib import Path

import msasss

DEMO_FILMS = Path(msasss.__file__).parent / "pipeline" / "demo_films"
