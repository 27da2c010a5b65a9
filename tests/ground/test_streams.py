"""Words of random streams: the same however they are asked for, different for every seed, name and unit."""

from __future__ import annotations

import numpy as np

from soleus.streams import Streams


def test_a_units_words_do_not_depend_on_who_is_asked_for_beside_it():
    streams = Streams(7)
    together = streams.words("cells", range(5000))
    assert together.shape == (5000, 4)
    for k in (0, 1, 4095, 4096, 4999):
        np.testing.assert_array_equal(streams.words("cells", [k])[0], together[k])
    mixed = [4999, 3, 3, 4500, 0]
    np.testing.assert_array_equal(streams.words("cells", mixed), together[mixed])
    # Units that lie far apart are reached one by one.
    far = [10**9, 5, 10**12]
    np.testing.assert_array_equal(streams.words("cells", far)[1], together[5])
    near = streams.words("cells", range(10**9 - 3, 10**9 + 3))
    np.testing.assert_array_equal(streams.words("cells", far)[0], near[3])


def test_no_two_units_share_words():
    found = np.concatenate(
        [Streams(seed).words(name, range(2000)) for seed in (0, 1, 2**62) for name in ("cells", "rates")]
    )
    assert len(np.unique(found.ravel())) == found.size


def test_the_words_are_random_bits():
    bits = np.unpackbits(Streams(3).words("cells", range(20_000)).view(np.uint8))
    sd = np.sqrt(0.25 / bits.size)
    assert abs(bits.mean() - 0.5) < 4.5 * sd
    each = bits.reshape(-1, 256)
    assert np.abs(each.mean(axis=0) - 0.5).max() < 4.5 * np.sqrt(0.25 / len(each))
    # Neighbours in the counter must not resemble each other.
    same = (each[1:] == each[:-1]).mean()
    assert abs(same - 0.5) < 4.5 * sd


def test_nobody_needs_no_words():
    assert Streams(1).words("cells", []).shape == (0, 4)
