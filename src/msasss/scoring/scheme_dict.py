"""A scoring scheme as a dictionary of strings, numbers and lists, for a site's own schemes in JSON files."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from msasss.anatomy import CORNERS, Corner
from msasss.errors import SchemeError
from msasss.reading import Lesion
from msasss.scoring.missing import MissingKind, MissingPolicy
from msasss.scoring.scheme import ExcludedCorner, ScoringScheme

SCHEMA = "msasss/scheme/1"

_KEYS = (
    "schema",
    "name",
    "grades",
    "squaring_sites",
    "excluding_lesions",
    "excluded_corner",
    "missing",
    "citations",
)
_MISSING_KEYS = ("kind", "max_missing")
_CORNER_BY_NAME = {str(corner): corner for corner in CORNERS}

Named = TypeVar("Named", bound=Enum)


def scheme_to_dict(scheme: ScoringScheme) -> dict[str, object]:
    """Return the scheme in plain types; `scheme_from_dict` gives back an equal one."""
    return {
        "schema": SCHEMA,
        "name": scheme.name,
        "grades": {lesion.value: scheme.grade_of[lesion] for lesion in Lesion if lesion in scheme.grade_of},
        "squaring_sites": [str(corner) for corner in CORNERS if corner in scheme.squaring_sites],
        "excluding_lesions": [lesion.value for lesion in Lesion if lesion in scheme.excluding_lesions],
        "excluded_corner": scheme.excluded_corner.value,
        "missing": {"kind": scheme.missing.kind.value, "max_missing": scheme.missing.max_missing},
        "citations": list(scheme.citations),
    }


def scheme_from_dict(data: Mapping[str, object]) -> ScoringScheme:
    """Read a scheme from plain types.

    Args:
        data: What `scheme_to_dict` writes; every key is needed, so that nothing is scored by a default unseen.

    Raises:
        SchemeError: If a key is missing or unknown, a value is of the wrong type or names nothing, or the scheme
            contradicts itself.
    """
    _check_keys(data, _KEYS, "a scheme")
    if data["schema"] != SCHEMA:
        msg = f"Expected schema {SCHEMA}, got {data['schema']!r}. Write the scheme with this version's format."
        raise SchemeError(msg)
    return ScoringScheme(
        name=_text(data["name"], "name"),
        grade_of=_grades(data["grades"]),
        squaring_sites=frozenset(_corner(name) for name in _texts(data["squaring_sites"], "squaring_sites")),
        excluding_lesions=frozenset(
            _named(Lesion, name, "excluding_lesions") for name in _texts(data["excluding_lesions"], "excluding_lesions")
        ),
        excluded_corner=_named(ExcludedCorner, data["excluded_corner"], "excluded_corner"),
        missing=_missing(data["missing"]),
        citations=tuple(_texts(data["citations"], "citations")),
    )


def _check_keys(data: Mapping[str, object], keys: tuple[str, ...], where: str) -> None:
    absent = [key for key in keys if key not in data]
    unknown = [str(key) for key in data if key not in keys]
    if absent:
        msg = f"Expected {', '.join(keys)} in {where}, got no {absent[0]}. Add it."
        raise SchemeError(msg)
    if unknown:
        msg = f"Expected only {', '.join(keys)} in {where}, got {unknown[0]!r}. Remove it or correct its spelling."
        raise SchemeError(msg)


def _grades(value: object) -> dict[Lesion, int]:
    return {_named(Lesion, key, "grades"): _number(number, key) for key, number in _table(value, "grades").items()}


def _missing(value: object) -> MissingPolicy:
    table = _table(value, "missing")
    _check_keys(table, _MISSING_KEYS, "missing")
    kind = _named(MissingKind, table["kind"], "kind")
    return MissingPolicy(kind=kind, max_missing=_number(table["max_missing"], "max_missing"))


def _corner(name: str) -> Corner:
    if name not in _CORNER_BY_NAME:
        msg = f"Expected squaring_sites to name corners such as 'C5 superior', got {name!r}."
        raise SchemeError(msg)
    return _CORNER_BY_NAME[name]


def _named(kind: type[Named], value: object, key: str) -> Named:
    for member in kind:
        if member.value == value:
            return member
    msg = f"Expected {key} to be one of {', '.join(member.value for member in kind)}, got {value!r}."
    raise SchemeError(msg)


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        msg = f"Expected {key} to be a text, got {value!r}."
        raise SchemeError(msg)
    return value


def _texts(value: object, key: str) -> list[str]:
    if not isinstance(value, list):
        msg = f"Expected {key} to be a list of texts, got {value!r}."
        raise SchemeError(msg)
    return [_text(item, key) for item in value]


def _number(value: object, key: str) -> int:
    # JSON's true is an int to Python.
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"Expected {key} to be a whole number, got {value!r}."
        raise SchemeError(msg)
    return value


def _table(value: object, key: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        msg = f"Expected {key} to be a table, got {value!r}."
        raise SchemeError(msg)
    return value
