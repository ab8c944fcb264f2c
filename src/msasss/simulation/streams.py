"""Random streams named by what they draw, so that a change in one part of the anatomy leaves every other as it was."""

import zlib

import numpy as np


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the random stream of one part of one film.

    Args:
        seed: Seed of the film, not negative.
        names: What is drawn, from the general to the particular: ("body", "L3").
    """
    keys = [zlib.crc32(name.encode()) for name in names]
    return np.random.default_rng(np.random.SeedSequence([seed, *keys]))
