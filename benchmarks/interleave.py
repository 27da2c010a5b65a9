"""Race programs in turn, round after round, so that a busy minute of the machine slows all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Protocol

from benchmarks.workers import WorkerError

__all__ = ["Contestant", "Times", "race", "ratios"]

_MOST = 20_000


class Asks(Protocol):
    """What a race needs of a context."""

    rounds: int
    budget_s: float

    def ask(self, name: str, task: str, **job: Any) -> dict[str, Any]:
        """Ask a program."""

    def tell(self, text: str) -> None:
        """Tell progress."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program with one way of doing the job.

    Parameters
    ----------
    label
        Its name in the tables.
    worker
        The program.
    count
        Name of the job's number of repeats (``mice`` or ``repeats``).
    batch
        Repeats of every round; None: as many as the round's budget allows.
    rounds
        Most rounds that it takes part in (programs that are slow a batch).
    exact
        Whether it claims to draw from the exact distribution.
    """

    label: str
    worker: str
    task: str
    job: Mapping[str, Any]
    count: str = "mice"
    batch: int | None = None
    rounds: int = 1_000
    exact: bool = True


@dataclass(slots=True)
class Times:
    """What a contestant took.

    Attributes
    ----------
    per_unit_s
        CPU seconds of one mouse (or repeat) in each round; None where it did not take part.
    last
        Its last answer without the animals.
    finals
        Every animal of every round.
    """

    label: str
    worker: str
    exact: bool
    per_unit_s: list[float | None] = field(default_factory=list)
    repeats: int = 0
    last: dict[str, Any] = field(default_factory=dict)
    finals: list[list[float]] = field(default_factory=list)
    problem: str | None = None

    @property
    def median_s(self) -> float | None:
        """Median CPU seconds of one mouse (or repeat)."""
        taken = [s for s in self.per_unit_s if s is not None]
        return median(taken) if taken else None

    def plain(self) -> dict[str, Any]:
        """Return what is kept as JSON: no animals."""
        kept = asdict(self)
        kept.pop("finals")
        kept["median_s"] = self.median_s
        return kept


def race(
    context: Asks, contestants: Sequence[Contestant], *, title: str, sample: int = 0, seed: int = 20_000
) -> dict[str, Times]:
    """Warm every contestant up, then time all of them in turn for ``context.rounds`` rounds.

    Parameters
    ----------
    sample
        Animals to have at least after the race (for the agreement tests), within 60 rounds' budget.
    seed
        Seeds of the rounds start here; every call has its own.
    """
    times = {c.label: Times(c.label, c.worker, c.exact) for c in contestants}
    seeds = iter(range(seed, seed + 1_000_000_000, 100_003))

    def once(contestant: Contestant, repeats: int) -> float | None:
        return _once(context, contestant, repeats, next(seeds), times[contestant.label])

    for contestant in contestants:
        context.tell(f"{title}: {contestant.label}, warm-up")
        _warm_up(contestant, once, times[contestant.label], context.budget_s)
    for number in range(context.rounds):
        context.tell(f"{title}: round {number + 1} of {context.rounds}")
        for contestant in contestants:
            found = times[contestant.label]
            takes_part = found.problem is None and number < contestant.rounds
            found.per_unit_s.append(once(contestant, found.repeats) if takes_part else None)
    for contestant in contestants:
        _fill(contestant, times[contestant.label], once, sample=sample, most_s=60 * context.budget_s)
    return times


def _warm_up(
    contestant: Contestant,
    once: Callable[[Contestant, int], float | None],
    found: Times,
    budget_s: float,
) -> None:
    """Prepare the model and choose the repeats of a round from the cost of a second call."""
    repeats = contestant.batch or 1
    once(contestant, repeats)
    cost = once(contestant, repeats) if contestant.batch is None else None
    if cost is not None:
        repeats = max(1, min(_MOST, round(budget_s / max(cost, 1e-7))))
    found.repeats = repeats
    found.finals.clear()


def _once(context: Asks, contestant: Contestant, repeats: int, seed: int, found: Times) -> float | None:
    if found.problem is not None:
        return None
    job = {**contestant.job, contestant.count: repeats}
    if contestant.count == "mice":
        job["seed"] = seed
    try:
        answer = context.ask(contestant.worker, contestant.task, **job)
    except WorkerError as error:
        found.problem = str(error)
        context.tell(f"  {contestant.label}: {error}")
        return None
    found.finals += answer.pop("finals", [])
    found.last = answer
    return float(answer["cpu_s"]) / repeats


def _fill(
    contestant: Contestant,
    found: Times,
    once: Callable[[Contestant, int], float | None],
    *,
    sample: int,
    most_s: float,
) -> None:
    """Draw the animals that the agreement tests still lack."""
    cost = found.median_s
    if not sample or found.problem is not None or cost is None or not found.finals:
        return
    lacking = min(sample - len(found.finals), int(most_s / max(cost, 1e-9)))
    if contestant.batch is None and lacking > 0:
        once(contestant, lacking)


def ratios(times: Mapping[str, Times], base: str) -> dict[str, float | None]:
    """Return each contestant's cost over the base's: the median of the ratios within the same round."""
    of_base = times[base].per_unit_s
    found: dict[str, float | None] = {}
    for label, other in times.items():
        pairs = [a / b for a, b in zip(other.per_unit_s, of_base, strict=False) if a is not None and b]
        found[label] = median(pairs) if pairs else None
    return found
