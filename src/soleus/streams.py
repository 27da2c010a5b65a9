"""Named random streams: one independent generator for each seed, name and animal.

A stream is reached in O(1) from its key, so that animal ``k`` draws the same numbers whatever
the number of workers, the chunking or the order. Groups of one study never share a stream,
because animal ids are study-wide; sharing is asked for by name (``coupled`` twins) and only
there.
"""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass

import numpy as np

from soleus.errors import InputError

__all__ = ["Streams", "draw_seed"]

_SEED_BITS = 63


def draw_seed() -> int:
    """Draw a fresh seed from the operating system; the caller records it."""
    return secrets.randbits(_SEED_BITS)


@dataclass(frozen=True, slots=True)
class Streams:
    """All random streams of one run.

    Parameters
    ----------
    seed
        Non-negative integer below 2**63.
    """

    seed: int

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**_SEED_BITS:
            raise InputError(
                f"seed must be an integer from 0 to 2**63 - 1, got {self.seed}; leave it out to draw one"
            )

    def generator(self, name: str, index: int = 0) -> np.random.Generator:
        """Return the stream of one decision (``name``) for one unit (``index``, e.g. animal).

        Notes
        -----
        ``SeedSequence(entropy=seed, spawn_key=(crc32(name), index))``: keys, never sums, so that
        no two (name, index) pairs can collide by arithmetic.
        """
        key = (zlib.crc32(name.encode()), index)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key)))
