"""Named random streams: one independent generator for each seed, name and animal.

A stream is reached in O(1) from its key, so that animal ``k`` draws the same numbers whatever
the number of workers, the chunking or the order. Groups of one study never share a stream,
because animal ids are study-wide; sharing is asked for by name (``coupled`` twins) and only
there.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.errors import InputError

__all__ = ["Streams", "draw_seed"]

_SEED_BITS = 63
# Units whose words are drawn together, and how far apart they may lie for that to pay.
_AT_ONCE, _SPARSE = 4096, 64


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

    def words(self, name: str, indices: Sequence[int]) -> NDArray[np.uint64]:
        """Return four words for each unit, shape (N, 4), to seed the generator of a compiled kernel.

        Notes
        -----
        Block ``index`` of a Philox counter generator whose key comes from the seed and the name: reached
        in O(1) like :meth:`generator`, and many at once where the units lie close together.
        """
        key = np.random.SeedSequence(self.seed, spawn_key=(zlib.crc32(name.encode()),)).generate_state(
            2, np.uint64
        )
        units = np.asarray(indices, dtype=np.int64)
        found = np.empty((len(units), 4), dtype=np.uint64)
        order = np.argsort(units, kind="stable")
        for first in range(0, len(units), _AT_ONCE):
            part = order[first : first + _AT_ONCE]
            low, high = int(units[part[0]]), int(units[part[-1]])
            if high - low > _SPARSE * len(part):
                for place in part:
                    found[place] = np.random.Philox(key=key, counter=int(units[place])).random_raw(4)
                continue
            raw = np.random.Philox(key=key, counter=low).random_raw(4 * (high - low + 1))
            found[part] = raw.reshape(-1, 4)[units[part] - low]
        return found
