"""The scoring scheme that an option names."""

from pathlib import Path

from msasss.errors import UsageError
from msasss.formats import scheme_json
from msasss.scoring import SCHEMES, ScoringScheme, SquaringPolicy, with_squaring


def choose_scheme(name: str, squaring: str | None) -> ScoringScheme:
    """Return the scheme of that name, or the one in a JSON file, with squaring counted where asked.

    Raises:
        UsageError: If there is no such scheme.
        SchemeError: If the file states none.
    """
    if name in SCHEMES:
        scheme = SCHEMES[name]
    elif name.endswith(".json") or Path(name).is_file():
        scheme = scheme_json.load(Path(name))
    else:
        msg = f"Expected a scheme among {', '.join(SCHEMES)} or a JSON file, got {name!r}. Correct --scheme."
        raise UsageError(msg)
    return scheme if squaring is None else with_squaring(scheme, SquaringPolicy(squaring))
