"""An R script that repeats an analysis: its data, its calls, and the numbers to hold them against."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from soleus.schema.analysis import AnalysisResult, Comparison, Effect, UnitValue

__all__ = ["r_script"]

_HELPERS = Path(__file__).with_name("templates") / "analysis.R"
_PLAIN = {
    "welch-log": ("welch", "log(x$value)"),
    "welch": ("welch", "x$value"),
    "growth": ("welch", "x$value"),
    "pooled-log": ("pooled", "log(x$value)"),
    "pooled": ("pooled", "x$value"),
    "empirical-logit": ("welch", "log((x$total + 0.5) / (x$size - x$total + 0.5))"),
}
_LOGS = ("linear-log", "mixed-log", "rates-robust", "shares-robust", "rates-quasi", "shares-quasi")
_NOT_REPEATED = ("nb-mixed", "beta-binomial", "mixed-counts", "mixed-shares")


def r_script(result: AnalysisResult) -> str:
    """Return the script; it loads nothing but lmerTest where a mixed model needs it.

    Parameters
    ----------
    result
        The analysis.
    """
    marks = list(dict.fromkeys(name for unit in result.animals for name in unit.marks))
    columns = {name: f"m{k}" for k, name in enumerate(marks, start=1)}
    lines = [
        f"# Repeats the analysis of {_comment(result.source.file)} (SHA-256"
        f" {result.source.sha256[:16]}) by soleus"
        f" {result.versions.get('soleus', '')}.",
        "# Each line printed is: estimate (interval), p. The comment above a call holds what soleus found.",
        "# Units as analysed: sections are summed within their animal; value is total over size.",
        *(f"# {column} is {_comment(name)}" for name, column in columns.items()),
        "",
        _HELPERS.read_text(encoding="utf-8").rstrip(),
        "",
        *_data(result.animals, columns),
        "",
    ]
    for one in result.comparisons:
        lines += [*_call(one, result, columns), ""]
    return "\n".join(lines)


def _data(units: Sequence[UnitValue], columns: dict[str, str]) -> list[str]:
    def column(name: str, entries: Sequence[object]) -> str:
        return f"  {name} = c({', '.join(map(_r, entries))})"

    fields: list[tuple[str, list[object]]] = [
        ("readout", [u.readout for u in units]),
        ("place", [_place(u) for u in units]),
        ("day", [u.day for u in units]),
        ("unit", [u.animal for u in units]),
        ("group", [u.group for u in units]),
        ("total", [u.total for u in units]),
        ("size", [u.size for u in units]),
    ]
    fields += [(short, [u.marks.get(name) for u in units]) for name, short in columns.items()]
    body = ",\n".join(column(name, entries) for name, entries in fields)
    return ["d <- data.frame(", body + ",", "  stringsAsFactors = FALSE)", "d$value <- d$total / d$size"]


def _place(unit: UnitValue | Comparison) -> str:
    return f"{unit.assay}, {unit.within}" if unit.within else unit.assay


def _call(one: Comparison, result: AnalysisResult, columns: dict[str, str]) -> list[str]:
    day = "" if one.day is None else f", day {one.day:g}"
    what = f"{one.readout}{f', {one.within}' if one.within else ''}{day}: {one.contrast}"
    if one.effect is None:
        return [f"# {_comment(what)}: {_comment(str(one.cannot))}"]
    effect = one.effect
    found = f"{effect.estimate:.6g} ({effect.low:.6g} to {effect.high:.6g}), p = {effect.p_value:.6g}"
    head = [f"# {_comment(what)}", f"# soleus: {found}; {_comment(effect.method)}"]
    here = [f"d$readout == {_r(one.readout)}", f"d$place == {_r(_place(one))}"]
    if effect.key != "group-by-day":
        here.append("is.na(d$day)" if one.day is None else f"d$day == {one.day:g}")
    script = _Script(one, effect, result, columns)
    return [*head, f"x <- d[{' & '.join(here)}, ]", *script.lines(_r(what))]


class _Script:
    """The calls of one comparison."""

    def __init__(
        self, one: Comparison, effect: Effect, result: AnalysisResult, columns: dict[str, str]
    ) -> None:
        self.one, self.effect, self.result, self.columns = one, effect, result, columns
        self.how, _, self.key = effect.key.rpartition(":")
        self.weights = ", ".join(f"{_name(g)} = {w!r}" for g, w in one.weights.items())
        self.groups = ", ".join(map(_r, one.weights))
        self.ratio = "FALSE" if effect.scale == "difference" else "TRUE"
        self.shares = "TRUE" if effect.scale == "odds ratio" else "FALSE"
        self.beside = "".join(
            f" + {self._term(name)}" for name in (*result.used_blocks, *result.used_covariates)
        )

    def _term(self, name: str) -> str:
        column = self.columns[name]
        if name in self.result.used_blocks:
            return f"factor({column})"
        numbers = [u.marks[name] for u in self.result.animals if name in u.marks]
        positive = all(isinstance(number, float) and number > 0.0 for number in numbers)
        log = self.key in (*_NOT_REPEATED, *_LOGS)
        return f"log({column})" if log and positive else column

    def lines(self, what: str) -> list[str]:
        """Return the calls."""
        how, inner = self.how, self.key
        beside = not how and self.one.low_adjusted is not None
        if inner in _NOT_REPEATED:
            return self._likelihood(what)
        if inner == "permutation":
            treated = _r(str(self.one.treated))
            pair = f"x <- x[x$group %in% c({self.groups}), ]"
            return [pair, f"none_at_all({what}, x$total, x$size, x$group == {treated}, {self.effect.level})"]
        making: dict[str, Callable[[], list[str]]] = {
            "paired": self._paired, "paired-log": self._paired,
            "linear": self._linear, "linear-log": self._linear,
            "mixed": self._mixed, "mixed-log": self._mixed, "group-by-day": self._course,
            "rates-robust": self._model, "shares-robust": self._model, "rates-quasi": self._model,
            "shares-quasi": self._model, "quasi-poisson": self._model, "quasi-binomial": self._model,
        }  # fmt: skip
        made = making[inner]() if inner in making else self._plain(inner)
        level = self.effect.level
        single = f"say({what}, one$est, one$se, one$df, {level}, {self.ratio})"
        if how.startswith("dunnett") or beside:
            against = [c for c in self.result.comparisons if self._beside_this(c)]
            shared = [f"sqrt(one_{k}$parts[[2]]) / one_{k}$se" for k in range(len(against))]
            each = [
                line.replace("one <- ", f"one_{k} <- ")
                for k, c in enumerate(against)
                if c.effect is not None
                for line in _Script(c, c.effect, self.result, self.columns)._plain(inner)
            ]
            dfs = (
                ""
                if how == "dunnett-pooled"
                else f" c({', '.join(f'one_{k}$df' for k in range(len(against)))}),"
            )
            call = "many_to_one_pooled" if how == "dunnett-pooled" else "many_to_one"
            joint = f"{call}({what}, one,{dfs} c({', '.join(shared)}), {level}, {self.ratio})"
            found = f"# Adjusted for {len(against)} comparisons:"
            return [*made, *([single, found] if beside else []), *each, joint]
        if how == "games-howell":
            groups = {g for c in self.result.comparisons if self._beside_this(c) for g in c.weights}
            return [*made, f"all_pairs({what}, one, {len(groups)}, {level}, {self.ratio})"]
        return [*made, single]

    def _beside_this(self, other: Comparison) -> bool:
        mine = self.one
        same = (other.readout, other.day, other.within, other.assay) == (
            mine.readout, mine.day, mine.within, mine.assay,
        )  # fmt: skip
        return same and other.effect is not None and other.effect.key == self.effect.key

    def _plain(self, key: str) -> list[str]:
        w = f"c({self.weights})"
        if key == "robust":
            return [f"one <- totals(x$total, x$size, x$group, {w}, {self.shares})"]
        function, y = _PLAIN[key]
        everyone = ""
        if self.effect.key.startswith("dunnett-pooled"):
            groups = dict.fromkeys(
                g for c in self.result.comparisons if self._beside_this(c) for g in c.weights
            )
            everyone = f", c({', '.join(map(_r, groups))})"
        return [f"one <- {function}({y}, x$group, {w}{everyone})"]

    def _paired(self) -> list[str]:
        y = "log(x$value)" if self.effect.key == "paired-log" else "x$value"
        one, other = _r(str(self.one.treated)), _r(str(self.one.control))
        return [
            f"a <- x[x$group == {one}, ]; b <- x[x$group == {other}, ]; both <- intersect(a$unit, b$unit)",
            f"y <- setNames({y}, paste(x$group, x$unit))",
            f"e <- y[paste({one}, both)] - y[paste({other}, both)]",
            "one <- list(est = mean(e), se = sd(e) / sqrt(length(e)), df = length(e) - 1)",
        ]

    def _linear(self) -> list[str]:
        y = "log(value)" if self.effect.key == "linear-log" else "value"
        return [f"one <- pick(lm({y} ~ 0 + group{self.beside}, x), c({self.weights}))"]

    def _model(self) -> list[str]:
        y = "cbind(total, size - total)" if self.effect.scale == "odds ratio" else "total"
        formula = f"{y} ~ 0 + group{self.beside}"
        if self.effect.key.endswith("-robust"):
            return [f"one <- robust_model({formula}, x, c({self.weights}), {self.shares})"]
        keep = "" if self.beside else f"x <- x[x$group %in% c({self.groups}), ]"
        call = f"one <- quasi({formula}, x, c({self.weights}), {self.shares})"
        return [line for line in (keep, call) if line]

    def _mixed(self) -> list[str]:
        y = "log(value)" if self.effect.key == "mixed-log" else "value"
        cluster = self.columns[str(self.result.used_cluster)]
        ddf = ', ddf = "Kenward-Roger"' if "Kenward-Roger" in self.effect.method else ""
        return [f"one <- mixed({y} ~ 0 + group{self.beside} + (1 | {cluster}), x, c({self.weights}){ddf})"]

    def _course(self) -> list[str]:
        y = "log(value)" if self.effect.scale == "ratio" else "value"
        weights = ", ".join(f"{_name(g + ':day')} = {w!r}" for g, w in self.one.weights.items())
        return [
            "x$day <- x$day - mean(x$day)",
            f"one <- mixed({y} ~ 0 + group + group:day + (1 + day | unit), x, c({weights}))",
        ]

    def _likelihood(self, what: str) -> list[str]:
        """Return the call of glmmTMB; p value and interval of soleus are simulated."""
        note = "# The p value and interval of soleus come from simulated data sets; the estimate is repeated."
        if self.key == "nb-mixed":
            return ["# Sections within animals; the rows of sections are in observations.csv.", note]
        shares = self.effect.scale == "odds ratio"
        y = "cbind(total, size - total)" if shares else "total"
        family = "glmmTMB::betabinomial()" if shares else "glmmTMB::nbinom2()"
        offset = "" if shares else " + offset(log(size))"
        column = self.result.used_cluster
        cluster = "" if column is None else f" + (1 | {self.columns[column]})"
        alone = not (cluster or self.beside)
        return [
            note,
            *([f"x <- x[x$group %in% c({self.groups}), ]"] if alone else []),
            f"m <- glmmTMB::glmmTMB({y} ~ 0 + group{self.beside}{cluster}{offset}, x, family = {family})",
            f"w <- c({self.weights}); b <- glmmTMB::fixef(m)$cond[paste0('group', names(w))]",
            f"cat({what}, exp(sum(w * b)), '\\n')",
        ]


def _r(value: object) -> str:
    """Return a value as R writes it."""
    if value is None:
        return "NA"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\u2028", " ").replace("\u2029", " ")
    return repr(value)


def _name(text: str) -> str:
    return "`" + text.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _comment(text: str) -> str:
    return re.sub(r"\s+", " ", text)
