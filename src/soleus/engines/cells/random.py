"""Random numbers inside compiled kernels: one xoshiro256++ per animal, ziggurats on top.

NumPy's generators are slow to call from compiled code, so an animal's stream seeds this generator
once and the kernel keeps its four words. Whole arrays are filled at once where a kernel can use
them: the generator then stays in registers, which halves the cost of a number.

Sources: Blackman and Vigna 2021 (doi 10.1145/3460772) for the generator; Marsaglia and Tsang 2000
(doi 10.18637/jss.v005.i08) for the ziggurat, and the same authors 2000 (doi 10.1145/358407.358414)
for gamma numbers; Hoermann 1993 (doi 10.1016/0167-6687(93)90997-4), PTRS, for Poisson numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soleus.engines.compiled import inner_kernel
from soleus.lineage.process import FloatArray

__all__ = [
    "Words",
    "exponential",
    "fill_exponential",
    "fill_gamma",
    "fill_uniform",
    "gamma",
    "normal",
    "poisson",
    "seed_words",
    "uniform",
]

Words = NDArray[np.uint64]

_LAYERS = 256
_TAIL = 7.69711747013104972
_AREA = 0.0039496598225815571
_TWO_53 = 2.0**53


def seed_words(rng: np.random.Generator) -> Words:
    """Return the four words of a generator, drawn from an animal's stream; not all zero."""
    words = rng.integers(0, 2**64, size=4, dtype=np.uint64)
    if not words.any():
        words[0] = np.uint64(1)
    return words


# The same two numbers for the half normal density exp(-x * x / 2).
_NORMAL_TAIL = 3.6541528853610088
_NORMAL_AREA = 0.004928673233974658

_Density = Callable[[float], float]


def _ziggurat(
    tail: float, area: float, density: _Density, inverse: _Density
) -> tuple[FloatArray, NDArray[np.uint64], FloatArray]:
    """Return, per layer, the width per unit, the words that need no further test, and the height.

    The heights have one more entry, the top of the density.
    """
    edges = np.empty(_LAYERS)
    edges[0] = area / density(tail)
    edges[1] = tail
    for i in range(2, _LAYERS):
        edges[i] = inverse(area / edges[i - 1] + density(edges[i - 1]))
    inner = np.append(edges[1:], 0.0)
    heights = np.array([*map(density, edges), 1.0])
    return edges / _TWO_53, (inner / edges * _TWO_53).astype(np.uint64), heights


_WIDTH, _SURE_WORD, _HEIGHT = _ziggurat(_TAIL, _AREA, lambda x: math.exp(-x), lambda y: -math.log(y))
_NORMAL_WIDTH, _NORMAL_SURE, _NORMAL_HEIGHT = _ziggurat(
    _NORMAL_TAIL,
    _NORMAL_AREA,
    lambda x: math.exp(-0.5 * x * x),
    lambda y: math.sqrt(-2.0 * math.log(y)),
)


@inner_kernel
def _advance(s0: Any, s1: Any, s2: Any, s3: Any) -> Any:
    """Return the next 64 random bits and the four words after them."""
    total = s0 + s3
    word = ((total << np.uint64(23)) | (total >> np.uint64(41))) + s0
    shifted = s1 << np.uint64(17)
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << np.uint64(45)) | (s3 >> np.uint64(19))
    return word, s0, s1, s2, s3


@inner_kernel
def _next(words: Words) -> Any:
    word, words[0], words[1], words[2], words[3] = _advance(words[0], words[1], words[2], words[3])
    return word


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
        if _under(words, _HEIGHT[layer], _HEIGHT[layer + 1], math.exp(-x)):
            return x


@inner_kernel
def _under(words: Words, low: float, high: float, density: float) -> bool:
    """Whether a point drawn between two heights lies under the density."""
    return low + (high - low) * uniform(words) < density


@inner_kernel
def normal(words: Words) -> float:
    """Return a standard normal number."""
    while True:
        word = _next(words)
        layer = int(word & np.uint64(255))
        sign = 1.0 if word & np.uint64(256) else -1.0
        word >>= np.uint64(11)
        x: float = np.int64(word) * _NORMAL_WIDTH[layer]
        if word < _NORMAL_SURE[layer]:
            return sign * x
        if layer == 0:
            # Beyond the last layer: Marsaglia's tail, exact.
            while True:
                x = -math.log(1.0 - uniform(words)) / _NORMAL_TAIL
                y = -math.log(1.0 - uniform(words))
                if 2.0 * y > x * x:
                    return sign * (_NORMAL_TAIL + x)
        if _under(words, _NORMAL_HEIGHT[layer], _NORMAL_HEIGHT[layer + 1], math.exp(-0.5 * x * x)):
            return sign * x


@inner_kernel
def gamma(words: Words, shape: float) -> float:
    """Return a gamma number of the given shape (above 0) and scale 1."""
    boost = 1.0
    if shape < 1.0:
        boost = (1.0 - uniform(words)) ** (1.0 / shape)
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal(words)
        v = 1.0 + c * x
        if v <= 0.0:
            continue
        v *= v * v
        u = 1.0 - uniform(words)
        if u < 1.0 - 0.0331 * x * x * x * x:
            return boost * d * v
        if math.log(u) < 0.5 * x * x + d * (1.0 - v + math.log(v)):
            return boost * d * v


@inner_kernel
def poisson(words: Words, mean: float) -> int:
    """Return a Poisson number."""
    if mean < 10.0:
        floor, product, number = math.exp(-mean), uniform(words), 0
        while product > floor:
            product *= uniform(words)
            number += 1
        return number
    log_mean = math.log(mean)
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    sure = 0.9277 - 3.6224 / (b - 2.0)
    while True:
        u, v = uniform(words) - 0.5, 1.0 - uniform(words)
        us = 0.5 - abs(u)
        number = math.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= sure:
            return number
        if number < 0 or (us < 0.013 and v > us):
            continue
        allowed = number * log_mean - mean - math.lgamma(number + 1.0)
        if math.log(v * inverse_alpha / (a / (us * us) + b)) <= allowed:
            return number


@inner_kernel
def fill_uniform(words: Words, out: FloatArray, number: int) -> None:
    """Fill the first places of ``out`` with numbers in [0, 1)."""
    s0, s1, s2, s3 = words[0], words[1], words[2], words[3]
    for k in range(number):
        word, s0, s1, s2, s3 = _advance(s0, s1, s2, s3)
        out[k] = np.int64(word >> np.uint64(11)) * 1.1102230246251565e-16
    words[0], words[1], words[2], words[3] = s0, s1, s2, s3


@inner_kernel
def fill_exponential(words: Words, out: FloatArray, number: int) -> None:
    """Fill the first places of ``out`` with exponential numbers of mean 1."""
    s0, s1, s2, s3 = words[0], words[1], words[2], words[3]
    for k in range(number):
        word, s0, s1, s2, s3 = _advance(s0, s1, s2, s3)
        layer = np.int64(word & np.uint64(255))
        word >>= np.uint64(11)
        out[k] = np.int64(word) * _WIDTH[layer]
        if word >= _SURE_WORD[layer]:
            # One in a hundred: leave the registers for the slow, careful path.
            words[0], words[1], words[2], words[3] = s0, s1, s2, s3
            if layer == 0:
                out[k] = _TAIL - math.log(1.0 - uniform(words))
            elif not _under(words, _HEIGHT[layer], _HEIGHT[layer + 1], math.exp(-out[k])):
                out[k] = exponential(words)
            s0, s1, s2, s3 = words[0], words[1], words[2], words[3]
    words[0], words[1], words[2], words[3] = s0, s1, s2, s3


@inner_kernel
def _fill_normal(words: Words, out: FloatArray, number: int) -> None:
    s0, s1, s2, s3 = words[0], words[1], words[2], words[3]
    for k in range(number):
        word, t0, t1, t2, t3 = _advance(s0, s1, s2, s3)
        layer = np.int64(word & np.uint64(255))
        sign = 1.0 if word & np.uint64(256) else -1.0
        word >>= np.uint64(11)
        out[k] = sign * (np.int64(word) * _NORMAL_WIDTH[layer])
        if word >= _NORMAL_SURE[layer]:
            # As above; the careful path begins with the same word.
            words[0], words[1], words[2], words[3] = s0, s1, s2, s3
            out[k] = normal(words)
            t0, t1, t2, t3 = words[0], words[1], words[2], words[3]
        s0, s1, s2, s3 = t0, t1, t2, t3
    words[0], words[1], words[2], words[3] = s0, s1, s2, s3


@inner_kernel
def fill_gamma(words: Words, out: FloatArray, number: int, shape: float, draw: FloatArray) -> None:
    """Fill the first places of ``out`` with gamma numbers of scale 1; ``draw`` is room to work in."""
    if shape < 1.0:
        for k in range(number):
            out[k] = gamma(words, shape)
        return
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    _fill_normal(words, out, number)
    fill_uniform(words, draw, number)
    for k in range(number):
        x = out[k]
        v = 1.0 + c * x
        v *= v * v
        out[k] = d * v
        # The sure test fails for a few in a hundred; those are drawn anew after the full test.
        if draw[k] >= 1.0 - 0.0331 * x * x * x * x and not _accepted(draw[k], x, v, d):
            out[k] = gamma(words, shape)


@inner_kernel
def _accepted(u: float, x: float, v: float, d: float) -> bool:
    return v > 0.0 and math.log(u) < 0.5 * x * x + d * (1.0 - v + math.log(v))
