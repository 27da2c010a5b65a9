"""The models of the comparison: one table of reactions, handed to every program alike.

A :class:`Network` is plain data, so that it can travel to a peer's interpreter as JSON; ours is made
from the same table by :func:`lineage_of`, so no program solves a model of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from soleus.lineage import CellType, Fate, Lineage, Phase, Transition

__all__ = [
    "BENCH",
    "BENCH_DAYS",
    "BENCH_EVENTS",
    "CYCLES",
    "MOVEMENT",
    "MOVEMENT_EVENTS",
    "Law",
    "Network",
    "Reaction",
    "cycles_lineage",
    "lineage_of",
    "with_rate",
]


@dataclass(frozen=True, slots=True)
class Law:
    """A multiplier of rates over time (days), in a form that every program can write.

    Parameters
    ----------
    kind
        ``relax``: ``a + b exp(-t / c)``; ``power``: ``a + (t / b)^c``; ``step``: a before day c, b after.
    """

    kind: str
    a: float
    b: float
    c: float


@dataclass(frozen=True, slots=True)
class Reaction:
    """One cell turns into its products (none: death), at ``rate`` per day, under the law if ``timed``."""

    name: str
    source: str
    products: tuple[str, ...]
    rate: float
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """Reactions of first order, starting numbers and the law of the timed reactions, if any."""

    name: str
    start: Mapping[str, int]
    reactions: tuple[Reaction, ...]
    law: Law | None = None
    species: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        seen = [*self.start]
        for r in self.reactions:
            seen += [r.source, *r.products]
        object.__setattr__(self, "species", tuple(dict.fromkeys(seen)))

    def plain(self) -> dict[str, object]:
        """Return the network as plain data for JSON."""
        return asdict(self)


def _reactions(timed: frozenset[str]) -> tuple[Reaction, ...]:
    rows: tuple[tuple[str, str, tuple[str, ...], float], ...] = (
        ("activate", "Q", ("A",), 0.04),
        ("rest", "A", ("Q",), 0.25),
        ("renew", "A", ("A", "A"), 0.25),
        ("commit", "A", ("T1", "T1"), 0.75),
        ("t1", "T1", ("T2", "T2"), 1.1),
        ("t2", "T2", ("T3", "T3"), 1.1),
        ("t3", "T3", ("N1", "N1"), 1.1),
        ("n1", "N1", ("N2", "N2"), 0.8),
        ("n1_dies", "N1", (), 0.2),
        ("n2_ripens", "N2", ("I",), 0.25),
        ("i_dies", "I", (), 0.03),
        ("i_matures", "I", ("M",), 0.03),
        ("q_to_p", "Q", ("P", "P"), 0.0005),
        ("p_divides", "P", ("P", "P"), 0.05),
        ("p_ripens", "P", ("L",), 0.06),
        ("l_dies", "L", (), 0.1),
        ("l_matures", "L", ("O",), 0.1),
    )
    return tuple(Reaction(*row, timed=row[0] in timed) for row in rows)


_TIMED = frozenset({"activate", "t1", "t2", "t3", "n1"})
_START = {"Q": 5000, "A": 400}

BENCH_DAYS: tuple[float, ...] = tuple(float(d) for d in range(29))
BENCH = Network("SVZ bench lineage", _START, _reactions(frozenset()))
MOVEMENT = Network("movement variant", _START, _reactions(_TIMED), Law("relax", 0.3, 0.7, 2.0))

# Expected events of one mouse over the 28 days, for every program alike; the tests recompute them.
BENCH_EVENTS = 255_512.0
MOVEMENT_EVENTS = 86_691.0

# Divisions that take an Erlang or gamma wait in the third variant; A has one clock and two fates.
CYCLES: Mapping[str, tuple[str, ...]] = {
    "A": ("renew", "commit"),
    "T1": ("t1",),
    "T2": ("t2",),
    "T3": ("t3",),
    "N1": ("n1",),
    "P": ("p_divides",),
}


def with_rate(network: Network, name: str, factor: float) -> Network:
    """Return the network with one rate times ``factor``: what a check must be able to notice."""
    if name not in {r.name for r in network.reactions}:
        raise ValueError(f"network {network.name!r} has no reaction {name!r}")
    changed = tuple(replace(r, rate=r.rate * factor) if r.name == name else r for r in network.reactions)
    return replace(network, reactions=changed)


def lineage_of(network: Network) -> Lineage:
    """Return the lineage of a network; timed reactions have roles that begin with ``timed``."""
    transitions = tuple(_transition(r) for r in network.reactions)
    return _lineage(network, transitions)


def cycles_lineage(network: Network, *, stages: int = 4, shape: float | None = None) -> Lineage:
    """Return the lineage whose cycles wait an Erlang time (or a gamma time) of the same mean.

    Parameters
    ----------
    shape
        If given, the clocks are gamma waits of this shape instead of ``stages`` microstates.
    """
    of = {r.name: r for r in network.reactions}
    clocked = {name for names in CYCLES.values() for name in names}
    rest = [_transition(r) for r in network.reactions if r.name not in clocked]
    clocks = [
        _clock(source, [of[n] for n in names], stages=stages, shape=shape) for source, names in CYCLES.items()
    ]
    return _lineage(network, (*rest, *clocks))


def _clock(source: str, reactions: list[Reaction], *, stages: int, shape: float | None) -> Transition:
    total = sum(r.rate for r in reactions)
    fates = tuple(Fate(r.name, r.rate / total, _daughters(r)) for r in reactions)
    name = f"{source}_clock"
    if shape is not None:
        return Transition(name, f"clock.{source}", source, fates, mean_days=1.0 / total, shape=shape)
    return Transition(name, f"clock.{source}", source, fates, mean_days=1.0 / total, stages=stages)


def _transition(reaction: Reaction) -> Transition:
    role = f"timed.{reaction.name}" if reaction.timed else f"plain.{reaction.name}"
    fate = Fate(reaction.name, 1.0, _daughters(reaction))
    return Transition(reaction.name, role, reaction.source, (fate,), rate_per_day=reaction.rate)


def _daughters(reaction: Reaction) -> dict[str, int]:
    return {p: reaction.products.count(p) for p in dict.fromkeys(reaction.products)}


def _lineage(network: Network, transitions: tuple[Transition, ...]) -> Lineage:
    types = tuple(CellType(s, s, (Phase("p", cycling=s in CYCLES),)) for s in network.species)
    return Lineage(network.name, types, transitions, founders=tuple(network.start))
