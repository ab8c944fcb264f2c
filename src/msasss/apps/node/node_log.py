"""The node's log: one JSON object per line, and nothing of a patient in it.

Films and patients appear as digests that only this node's secret salt makes: good for following one through the log,
useless for finding out whose they are. Reasons are given as classes of errors; their texts stand in the dead letters.
"""

import hashlib
import hmac
import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, TextIO

Fields = Mapping[str, str | int | float | bool]
LOGGER: Final = "msasss.node"
_DIGITS: Final = 12


class NodeLog:
    """Writes events.

    Args:
        salt: The node's secret.
        logger: Where events go; a logger of the standard library.
    """

    def __init__(self, salt: bytes, logger: logging.Logger | None = None) -> None:
        self._salt = salt
        self._logger = logger or logging.getLogger(LOGGER)

    def note(self, event: str, fields: Fields | None = None) -> None:
        """Write an event that is as it should be."""
        self._logger.info(event, extra={"fields": fields or {}})

    def warn(self, event: str, fields: Fields | None = None) -> None:
        """Write an event that somebody should look at."""
        self._logger.warning(event, extra={"fields": fields or {}})

    def pseudonym(self, name: str) -> str:
        """Return what the log calls a film, a study or a patient."""
        return keyed_digest(self._salt, name)[:_DIGITS]


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head = {"time": moment, "level": record.levelname.lower(), "event": record.getMessage()}
        return json.dumps({**head, **getattr(record, "fields", {})})


def keyed_digest(salt: bytes, name: str) -> str:
    """Return a digest of a name that nobody can make, or check, without the salt."""
    return hmac.new(salt, name.encode(), hashlib.sha256).hexdigest()


def log_to(stream: TextIO = sys.stderr) -> None:
    """Let the node's events go to a stream; for the application, not for libraries."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger(LOGGER)
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    # What libraries log may show values of films; without any handler Python would print it.
    logging.getLogger().addHandler(logging.NullHandler())
