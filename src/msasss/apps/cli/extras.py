"""Verbs that need more than the base install say so."""

from collections.abc import Iterator
from contextlib import contextmanager

from msasss.errors import UsageError


@contextmanager
def needs_extra(name: str) -> Iterator[None]:
    """Turn a missing distribution into the name of the extra that brings it.

    Raises:
        UsageError: If an import in the block fails.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("msasss"):
            raise
        msg = f"Expected the extra '{name}', but {error.name} is not installed. Run 'pip install \"msasss[{name}]\"'."
        raise UsageError(msg) from error
