"""The node's folder: films as they arrived, results until they are delivered, and dead letters with their reasons."""

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from msasss.errors import UsageError

REASON = "reason.json"
_SCRATCH = ".scratch"


class Spool:
    """The folder of one node, private to its user, and locked for as long as the node runs.

    A file is written beside its place, forced to the disk and then moved there: what is in its place is whole, also
    after a power cut.

    Raises:
        UsageError: If the folder cannot be used, or another node uses it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.films, self.results, self.dead = folder / "films", folder / "results", folder / "dead"
        self._scratch = folder / _SCRATCH
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _locked(folder / "node.lock")
            shutil.rmtree(self._scratch, ignore_errors=True)
            for each in (self.films, self.results, self.dead, self._scratch):
                each.mkdir(exist_ok=True, mode=0o700)
            self.salt = self._salt()
        except OSError as error:
            msg = f"Expected a folder for the node, got {folder} ({error.strerror}). Choose another in [node]."
            raise UsageError(msg) from error

    def close(self) -> None:
        """Let another node use the folder."""
        self._lock.close()

    def free_bytes(self) -> int:
        """Return the room left on the disk."""
        return shutil.disk_usage(self.folder).free

    def add_film(self, content: bytes) -> str:
        """Keep a film; when this returns, it is on the disk.

        Returns:
            Its token, which names it from now on.
        """
        token = secrets.token_hex(16)
        self._write(self.film(token), content)
        return token

    def film(self, token: str) -> Path:
        """Return where a film lies."""
        return self.films / f"{token}.dcm"

    def tokens(self) -> tuple[str, ...]:
        """Return the tokens of all films kept."""
        return tuple(sorted(path.stem for path in self.films.glob("*.dcm")))

    def drop_films(self, tokens: Sequence[str]) -> None:
        """Delete films that are no longer needed."""
        for token in tokens:
            self.film(token).unlink(missing_ok=True)

    def write_results(self, visit: int, files: Mapping[str, bytes]) -> None:
        """Keep the objects of a visit, all or none, in place of any that are there."""
        scratch = self._scratch / secrets.token_hex(8)
        scratch.mkdir()
        try:
            for name, content in files.items():
                _write_synced(scratch / name, content)
            shutil.rmtree(self.result_folder(visit), ignore_errors=True)
            scratch.rename(self.result_folder(visit))
            _sync_folder(self.results)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def result_folder(self, visit: int) -> Path:
        """Return where the objects of a visit lie."""
        return self.results / f"{visit:06d}"

    def drop_results(self, visit: int) -> None:
        """Delete the objects of a visit."""
        shutil.rmtree(self.result_folder(visit), ignore_errors=True)

    def bury(self, name: str, reason: str, *, tokens: Sequence[str] = (), visit: int | None = None) -> Path:
        """Move films, and the objects of a visit, to the dead letters, with the reason; what has moved already stays.

        Args:
            name: Name of the dead letter.
            reason: Why.
            tokens: Films to move.
            visit: Visit whose objects to move.
        """
        grave = self.dead / name
        grave.mkdir(exist_ok=True, mode=0o700)
        note = {"reason": reason, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        self._write(grave / REASON, (json.dumps(note, ensure_ascii=False) + "\n").encode())
        for token in tokens:
            if self.film(token).exists():
                self.film(token).replace(grave / f"{token}.dcm")
        if visit is not None and self.result_folder(visit).exists():
            shutil.rmtree(grave / "results", ignore_errors=True)
            self.result_folder(visit).rename(grave / "results")
        return grave

    def unbury(self, name: str, visit: int | None = None) -> tuple[str, ...]:
        """Move films and objects of a dead letter back to their places and return the films' tokens."""
        grave = self.dead / name
        films = sorted(grave.glob("*.dcm"))
        for path in films:
            path.replace(self.film(path.stem))
        if visit is not None and (grave / "results").exists():
            (grave / "results").replace(self.result_folder(visit))
        shutil.rmtree(grave, ignore_errors=True)
        return tuple(path.stem for path in films)

    def drop_dead(self, older_than_s: float) -> int:
        """Delete dead letters older than that and return their number."""
        old = [grave for grave in self.dead.iterdir() if time.time() - grave.stat().st_mtime > older_than_s]
        for grave in old:
            shutil.rmtree(grave, ignore_errors=True)
        return len(old)

    def _salt(self) -> bytes:
        """Return the secret of this node, with which names in its log are made; it is made once."""
        path = self.folder / "salt"
        if not path.exists():
            self._write(path, secrets.token_bytes(32))
        return path.read_bytes()

    def _write(self, path: Path, content: bytes) -> None:
        scratch = self._scratch / secrets.token_hex(8)
        try:
            _write_synced(scratch, content)
            scratch.replace(path)
            _sync_folder(path.parent)
        finally:
            scratch.unlink(missing_ok=True)


def reasons(dead: Path) -> Iterator[tuple[str, str]]:
    """Yield name and reason of each dead letter in a folder of them."""
    for path in sorted(dead.glob(f"*/{REASON}")):
        yield path.parent.name, str(json.loads(path.read_text(encoding="utf-8"))["reason"])


def _locked(path: Path) -> IO[bytes]:
    lock = path.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        msg = f"Expected a folder of its own for the node, but {path.parent} is in use. Stop the other node."
        raise UsageError(msg) from error
    return lock


def _write_synced(path: Path, content: bytes) -> None:
    with open(path, "xb", opener=_private) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
