"""Unique identifiers of the objects we write: drawn anew, or the same again from one seed."""

import hashlib
import uuid
from typing import Final

from msasss.exam import Provenance

# Identifiers made from one seed are the same on every machine (RFC 9562, 5.5).
_NAMESPACE: Final = uuid.UUID("0f7d3c52-6f5e-5a0a-8c0e-2c8f6f0a9d41")


def new_uid(seed: str | None, *names: str) -> str:
    """Return a UID under the root 2.25 (PS3.5 B.2).

    Args:
        seed: Text that, with the names, fixes the UID; None draws a new one.
        names: What the UID is of, from the whole to the part.
    """
    identifier = uuid.uuid4() if seed is None else uuid.uuid5(_NAMESPACE, "\0".join((seed, *names)))
    return f"2.25.{identifier.int}"


def fixed_seed(seed: str | None) -> str:
    """Return the seed, or one drawn anew for objects that are made together."""
    return seed or uuid.uuid4().hex


def device_uid(provenance: Provenance) -> str:
    """Return the UID of this version of the software with these weights."""
    return new_uid(provenance.software, "device", device_serial(provenance))


def device_serial(provenance: Provenance) -> str:
    """Return what tells software with these weights from software with others: the head of a digest, or "0"."""
    if not provenance.weights:
        return "0"
    text = "\n".join(f"{name} {digest}" for name, digest in sorted(provenance.weights.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
