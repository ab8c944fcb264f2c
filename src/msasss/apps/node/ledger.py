"""The node's queue on disk: an SQLite file in which every step of every film, visit and delivery is written down.

    film      received -> waiting -> paired -> done | dead          or ignored, duplicate
    visit     paired -> scored -> done | dead
    delivery  pending -> sent | dead                                one per visit, target and object

A step is on the disk before anything that follows from it is done, so that a node killed at any moment goes on where it
was. It holds no names or birth dates; patients are told apart by a keyed digest.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msasss.errors import UsageError

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE visits (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,                      -- result_key: films, weights, rules, software
    maker TEXT NOT NULL,                    -- the same without the films
    state TEXT NOT NULL,
    created_at REAL NOT NULL,
    starts INTEGER NOT NULL DEFAULT 0,
    faults INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL DEFAULT 0,
    reason TEXT
);
CREATE UNIQUE INDEX one_result ON visits (key) WHERE state != 'dead';
CREATE INDEX visits_by_state ON visits (state);
CREATE TABLE films (
    id INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,             -- names its file
    uid TEXT NOT NULL,                      -- SOP instance UID
    state TEXT NOT NULL,
    received_at REAL NOT NULL,
    due_at REAL,                            -- when it no longer waits for a partner
    patient TEXT,                           -- keyed digest
    region TEXT,
    taken_on TEXT,
    starts INTEGER NOT NULL DEFAULT 0,
    faults INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL DEFAULT 0,
    visit INTEGER REFERENCES visits (id),
    reason TEXT
);
CREATE INDEX films_by_state ON films (state);
CREATE INDEX films_by_uid ON films (uid);
CREATE INDEX films_by_visit ON films (visit);
CREATE TABLE deliveries (
    visit INTEGER NOT NULL REFERENCES visits (id),
    target TEXT NOT NULL,
    object TEXT NOT NULL,                   -- names its file
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0,
    next_at REAL NOT NULL DEFAULT 0,
    reason TEXT,
    PRIMARY KEY (visit, target, object)
);
CREATE INDEX deliveries_by_state ON deliveries (target, state);
"""


class Ledger:
    """The open queue; every thread of the node may use it.

    Raises:
        UsageError: If the file is damaged or of another version.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            msg = f"Expected the queue of a node, got {path.name}, which is damaged ({error}). Move the folder away."
            raise UsageError(msg) from error
        path.chmod(0o600)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do several changes, all or none; when the block is left, they are on the disk."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def write(self, statement: str, *values: object) -> int:
        """Do one change; when this returns, it is on the disk. Return the number of rows changed."""
        with self.transaction() as connection:
            return connection.execute(statement, values).rowcount

    def read(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Return the rows that a query finds."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many films, visits and deliveries are in each state, by table and state."""
        return {
            (table, row["state"]): row["number"]
            for table in ("films", "visits", "deliveries")
            for row in self.read(f"SELECT state, count(*) AS number FROM {table} GROUP BY state")
        }

    def _open(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
        elif version != _VERSION:
            msg = (
                f"Expected a queue of version {_VERSION}, got {version}. Run the node that wrote it until it is empty."
            )
            raise UsageError(msg)
