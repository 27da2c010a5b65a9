"""At most five plain sentences that open the page of a run."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.answers.run.names import Names
from soleus.answers.run.spread import Spread, readout_spreads
from soleus.answers.run.values import Headline, RunResult
from soleus.report.numbers import change, change_between, is_point
from soleus.schema.claim_rows import ClaimRow
from soleus.schema.values import Interval

__all__ = ["in_short"]

_TELLING_FOLD = 1.5
_NAMED = 2
_PUT_IN = {
    "prior": "The size of the effect was drawn from what could be expected before any data",
    "calibrated": "The size of the effect was drawn from what published data leave open",
    "off": "No effect was put in, so every difference in these animals is chance",
}
_STEM = ("stem_cells", "active_stem_cells")


def in_short(result: RunResult) -> list[tuple[str, str]]:
    """Return (what it is about, sentence) pairs; only those that the result can fill."""
    names = Names.of(result)
    spreads = readout_spreads(result)
    pairs = [
        ("Put in", _put_in(result)),
        ("What follows", _follows(result, spreads, names)),
        ("Not known", _not_known(result)),
        ("Told otherwise", _told_otherwise(result.claims)),
        ("What to measure", _to_measure(result, spreads, names)),
    ]
    return [(about, sentence) for about, sentence in pairs if sentence]


def _put_in(result: RunResult) -> str:
    if result.effect.mode != "reported":
        return f"{_PUT_IN[result.effect.mode]}."
    set_to = next((row for row in result.headline if row.face_value and is_point(row.face_value)), None)
    if set_to is None or set_to.face_value is None:
        return "The reported size was put in; it was not found here."
    by, of = change(set_to.face_value.value), _plainly(set_to.label)
    put = f"A change of {of} by {by} on day {set_to.day:g} was put in"
    press = _press(result)
    if not press:
        return f"{put}; it was reported, and not found here."
    meant = of.partition(",")[0].replace(" (Ki67+)", "")
    return f"{put}: the press release says {press}; that {meant} were meant is our guess."


def _press(result: RunResult) -> str | None:
    """Return what the press release says of the statement that the article is about."""
    main = None if result.account is None else result.account.main
    row = next((row for row in result.claims if row.id == main), None)
    return None if row is None or row.told_by is None else row.told_by.press


def _plainly(label: str) -> str:
    """Say what Ki67 marks, for who does not know it."""
    return label.replace("Ki67+ cells", "dividing (Ki67+) cells")


def _follows(result: RunResult, spreads: Sequence[Spread], names: Names) -> str:
    known = {one.readout: one for one in spreads}
    # The stem cells, which such reports are about; else what depends most on the cause.
    wanted = next((known[name] for name in _STEM if name in known), next(iter(spreads), None))
    if wanted is None:
        return ""
    last = max(row.day for row in result.translation)
    between = change_between(Interval(value=wanted.low, low=wanted.low, high=wanted.high))
    given = (
        "If that is true"
        if result.translation_of == "reported"
        else "At the middle of what could be expected"
    )
    what = names.readout(wanted.readout)
    return f"{given}, {what} change by {between} until day {last:g}, depending on the cause."


def _not_known(result: RunResult) -> str:
    lead: Headline | None = result.headline[0] if result.headline else None
    if lead is None:
        return ""
    return (
        f"Before any data, {_plainly(lead.label)} could have changed by anything from "
        f"{change_between(lead.prior)} on day {lead.day:g}."
    )


def _told_otherwise(claims: Sequence[ClaimRow]) -> str:
    parts = [
        f"the paper says {row.told_by.paper} where the article says {row.told_by.article}"
        for row in claims
        if row.situation == "otherwise-said" and row.told_by is not None
    ]
    against = list(dict.fromkeys(_named(row) for row in claims if row.situation == "against"))
    if against:
        shown, more = against[:_NAMED], len(against) - _NAMED
        listed = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
        parts.append(f"measurements point against {listed}")
    return f"{'; '.join(parts)[:1].upper()}{'; '.join(parts)[1:]}." if parts else ""


def _named(row: ClaimRow) -> str:
    """Name a statement: in quotation marks only where those are words of the article."""
    return row.label if row.part else f"“{row.quote}”"


def _to_measure(result: RunResult, spreads: Sequence[Spread], names: Names) -> str:
    counted = {one.readout for one in result.readouts}
    telling = [one for one in spreads if one.readout in counted and one.fold >= _TELLING_FOLD][:_NAMED]
    if not telling:
        return ""
    listed = " and ".join(
        f"{names.readout(one.readout)} ({change(one.low)} under one, {change(one.high)} under another)"
        for one in telling
    )
    return f"Counting {listed} would tell the possible causes apart."
