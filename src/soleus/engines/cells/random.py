"""Random numbers inside compiled kernels: one xoshiro256++ per animal, exponentials by ziggurat.

NumPy's generators are slow to call from compiled code, so an animal's stream seeds this generator
once and the kernel keeps its four words.

Sources: Blackman and Vigna 2021 (doi 10.1145/3460772) for the generator; Marsaglia and Tsang 2000
(doi 10.18637/jss.v005.i08) for the ziggurat.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soleus.engines.compiled import inner_kernel
from soleus.lineage.process import FloatArray

__all__ = ["Words", "exponential", "seed_words", "uniform"]

Words = NDArray[np.uint64]

_LAYERS = 256
_TAIL = 7.69711747013104972
_AREA = 0.0039496598225815571993
_TWO_53 = 2.0**53


def seed_words(rng: np.random.Generator) -> Words:
    """Return the four words of a generator, drawn from an animal's stream; not all zero."""
    words = rng.integers(0, 2**64, size=4, dtype=np.uint64)
    if not words.any():
        words[0] = np.uint64(1)
    return words


def _ziggurat() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return, per layer, the width per unit, the share that needs no further test, and the height."""
    edges = np.empty(_LAYERS)
    edges[0] = _AREA / math.exp(-_TAIL)
    edges[1] = _TAIL
    for i in range(2, _LAYERS):
        edges[i] = -math.log(_AREA / edges[i - 1] + math.exp(-edges[i - 1]))
    inner = np.append(edges[1:], 0.0)
    return edges / _TWO_53, inner / edges, np.exp(-edges)


_WIDTH, _SURE, _HEIGHT = _ziggurat()
_SURE_WORD = (_SURE * _TWO_53).astype(np.uint64)


@inner_kernel
def _next(words: Words) -> Any:
    s0, s1, s2, s3 = words[0], words[1], words[2], words[3]
    total = s0 + s3
    result = ((total << np.uint64(23)) | (total >> np.uint64(41))) + s0
    shifted = s1 << np.uint64(17)
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << np.uint64(45)) | (s3 >> np.uint64(19))
    words[0], words[1], words[2], words[3] = s0, s1, s2, s3
    return result


@inner_kernel
def uniform(words: Words) -> float:
    """Return a number in [0, 1) with 53 random bits."""
    number: float = np.int64(_next(words) >> np.uint64(11)) * 1.1102230246251565e-16
    return number


@inner_kernel
def exponential(words: Words) -> float:
    """Return an exponential number of mean 1."""
    while True:
        word = _next(words)
        layer = int(word & np.uint64(255))
        word >>= np.uint64(11)
        x: float = np.int64(word) * _WIDTH[layer]
        if word < _SURE_WORD[layer]:
            return x
        if layer == 0:
            return _TAIL - math.log(1.0 - uniform(words))
        top = _HEIGHT[layer + 1] if layer + 1 < 256 else 1.0
        if _HEIGHT[layer] + (top - _HEIGHT[layer]) * uniform(words) < math.exp(-x):
            return x
