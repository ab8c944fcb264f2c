"""One table of a TOML file, read key by key; what is wrong is said with the key, the value and the cure."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NoReturn, TypeVar

from msasss.errors import UsageError

Choice = TypeVar("Choice")
_LARGEST: Final = 2**31 - 1


class TomlTable:
    """A table with its name, such as `[node]` of `node.toml`.

    Args:
        values: The table.
        file: The file it stands in; paths in it are taken from that file's folder.
        name: Its name in the file.
    """

    def __init__(self, values: Mapping[str, object], file: Path, name: str = "") -> None:
        self._values, self._file, self._name = values, file, name
        self._known: set[str] = set()

    def has(self, key: str) -> bool:
        """Say whether a key is given."""
        self._known.add(key)
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text that is not empty."""
        value = self._get(key, default)
        if not isinstance(value, str) or not value.strip():
            self.reject(key, "a text", value, "Put it in quotes")
        return value.strip()

    def title(self, key: str, default: str | None = None) -> str:
        """Return an AE title: 1 to 16 characters of ASCII without backslash (PS3.5, VR AE)."""
        value = self.text(key, default)
        if len(value) > 16 or not value.isascii() or not value.isprintable() or "\\" in value:
            self.reject(key, "an AE title of 1 to 16 ASCII characters without backslash", value, "Shorten it")
        return value

    def path(self, key: str, default: str | None = None) -> Path:
        """Return a path; a relative one starts at the file's folder."""
        return self._file.resolve().parent / self.text(key, default)

    def flag(self, key: str) -> bool:
        """Return true or false; false by default."""
        value = self._get(key, False)
        if not isinstance(value, bool):
            self.reject(key, "true or false", value, "Write it without quotes")
        return value

    def number(self, key: str, default: float | None = None, *, low: float = 0.0, high: float = _LARGEST) -> float:
        """Return a number within bounds."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.reject(key, f"a number from {low:g} to {high:g}", value, "Write it without quotes")
        return float(value)

    def integer(self, key: str, default: int | None = None, *, low: int = 1, high: int = _LARGEST) -> int:
        """Return a whole number within bounds."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.reject(key, f"a whole number from {low} to {high}", value, "Write it without quotes")
        return value

    def choice(self, key: str, choices: Mapping[str, Choice], default: str) -> Choice:
        """Return what a name stands for."""
        return self._chosen(key, choices, self.text(key, default))

    def choices(self, key: str, choices: Mapping[str, Choice]) -> tuple[Choice, ...]:
        """Return what each of several names stands for; all by default."""
        names = self._get(key, list(choices))
        if not isinstance(names, list) or not names:
            self.reject(key, f"a list of {', '.join(choices)}", names, "Put them in brackets")
        return tuple(dict.fromkeys(self._chosen(key, choices, name) for name in names))

    def table(self, key: str) -> "TomlTable":
        """Return a table in this one, empty if it is not given."""
        value = self._get(key, {})
        if not isinstance(value, dict):
            self.reject(key, f"a table [{key}]", value, f"Write [{key}]")
        return TomlTable(value, self._file, f"[{key}] ")

    def tables(self, key: str) -> Iterator["TomlTable"]:
        """Return the tables of a list, at least one."""
        values = self._get(key, [])
        if not isinstance(values, list) or not values or not all(isinstance(value, dict) for value in values):
            self.reject(key, f"at least one table [[{key}]]", values, f"Write [[{key}]]")
        for number, value in enumerate(values, start=1):
            yield TomlTable(value, self._file, f"[[{key}]] {number}, ")

    def finish(self) -> None:
        """Refuse keys that nobody asked for: they are misspelt, and would be ignored."""
        unknown = sorted(set(self._values) - self._known)
        if unknown:
            msg = (
                f"{self._file.name}: {self._name}{unknown[0]}: Expected one of {', '.join(sorted(self._known))}, "
                f"got {unknown[0]}. Correct the name or remove it."
            )
            raise UsageError(msg)

    def reject(self, key: str, expected: str, value: object, cure: str) -> NoReturn:
        """Raise the error for a value that is wrong.

        Raises:
            UsageError: In any case.
        """
        msg = f"{self._file.name}: {self._name}{key}: Expected {expected}, got {value!r}. {cure}."
        raise UsageError(msg)

    def _get(self, key: str, default: object) -> object:
        self._known.add(key)
        value = self._values.get(key, default)
        if value is None:
            msg = f"{self._file.name}: {self._name}{key}: Expected a value, got none. Add {key}."
            raise UsageError(msg)
        return value

    def _chosen(self, key: str, choices: Mapping[str, Choice], name: object) -> Choice:
        if not isinstance(name, str) or name not in choices:
            self.reject(key, f"one of {', '.join(choices)}", name, "Choose one of them")
        return choices[name]
