"""A site's own scoring scheme in a JSON file, schema `msasss/scheme/1`."""

import json
from pathlib import Path

from msasss.errors import SchemeError
from msasss.scoring import ScoringScheme, scheme_from_dict, scheme_to_dict


def dump(scheme: ScoringScheme) -> str:
    """Return a scheme as JSON text."""
    return json.dumps(scheme_to_dict(scheme), indent=1, ensure_ascii=False) + "\n"


def load(path: Path) -> ScoringScheme:
    """Read a scheme.

    Raises:
        SchemeError: If the file cannot be read or states no well-formed scheme.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        msg = f"{path.name}: Expected a scheme as JSON in UTF-8, got none ({error}). Start from one of the shipped."
        raise SchemeError(msg) from error
    if not isinstance(record, dict):
        msg = f"{path.name}: Expected a scheme as a JSON object, got {type(record).__name__}."
        raise SchemeError(msg)
    try:
        return scheme_from_dict(record)
    except SchemeError as error:
        msg = f"{path.name}: {error}"
        raise SchemeError(msg) from error
