"""The methods by name: what they suit, what they assume, and the words for them."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.analysis.answers import Scale, plural
from soleus.analysis.nesting import Carrier, Sample

__all__ = ["ASSUMPTIONS", "LIKELIHOODS", "LOGS", "METHODS", "SIMULATED", "WORDS", "lacking", "scale_of"]

METHODS: dict[Carrier, tuple[str, ...]] = {
    "rate": ("welch-log", "robust", "pooled-log", "quasi-poisson", "nb-mixed"),
    "proportion": ("robust", "quasi-binomial", "beta-binomial", "empirical-logit", "welch-log"),
    "mean": ("welch-log", "welch", "pooled-log", "pooled", "robust"),
}
"""The methods for each kind of number, the default first (see :func:`soleus.analysis.compare.compare`)."""

WORDS = {
    "welch-log": "Welch t test on log {unit} values",
    "welch": "Welch t test on {unit} values",
    "pooled-log": "t test on log {unit} values, one spread for all groups",
    "pooled": "t test on {unit} values, one spread for all groups",
    "robust": "{unit} totals, variance of each group by itself (HC2), t with Satterthwaite df",
    "quasi-poisson": "quasi-Poisson on {unit} totals, offset log exposure, t(N - groups)",
    "quasi-binomial": "quasi-binomial on {unit} totals, logit link, t(N - groups)",
    "empirical-logit": "Welch t test on empirical logits of {unit} totals",
    "nb-mixed": (
        "negative-binomial mixed model, {design}, random {unit}, offset log exposure, parametric bootstrap"
    ),
    "beta-binomial": "beta-binomial on {unit} totals, {design}, logit link, parametric bootstrap",
    "permutation": "exact permutation test of {unit}s; upper bound by its inversion",
    "paired-log": "paired t test on log {unit} values, one difference a {unit}",
    "paired": "paired t test on {unit} values, one difference a {unit}",
    "linear-log": "least squares on log {unit} values, {design}, t on residual df",
    "linear": "least squares on {unit} values, {design}, t on residual df",
    "rates-robust": "log-linear model of {unit} totals, {design}, robust (HC2), t with Satterthwaite df",
    "shares-robust": "logistic model of {unit} totals, {design}, robust (HC2), t with Satterthwaite df",
    "rates-quasi": "quasi-Poisson on {unit} totals, {design}, offset log exposure, t on residual df",
    "shares-quasi": "quasi-binomial on {unit} totals, {design}, t on residual df",
    "mixed-log": "mixed model on log {unit} values, {design}, random {cluster}, REML, {df}",
    "mixed": "mixed model on {unit} values, {design}, random {cluster}, REML, {df}",
    "mixed-counts": (
        "negative-binomial mixed model of {unit} totals, {design}, random {cluster}, parametric bootstrap"
    ),
    "mixed-shares": (
        "beta-binomial mixed model of {unit} totals, {design}, random {cluster}, parametric bootstrap"
    ),
    "growth": "slope of the log value by {by} in each {unit}; Welch t test on slopes",
    "group-by-day": "mixed model on {what}, group x day, random {unit} with slope, REML, Satterthwaite df",
}
_INDEPENDENT = "{unit}s are independent of each other"
_SPREAD = "logs of {unit} values are roughly symmetric; spreads may differ"
_BETWEEN = "{unit}s are independent of each other within their {cluster}, which may differ by any amount"
_ONE_SPREAD = "spread about the model alike in all groups"
ASSUMPTIONS = {
    "welch-log": (_INDEPENDENT, _SPREAD),
    "welch": (_INDEPENDENT, "{unit} values are roughly symmetric; spreads may differ"),
    "pooled-log": (_INDEPENDENT, "logs of {unit} values spread alike in all groups"),
    "pooled": (_INDEPENDENT, "{unit} values spread alike in all groups"),
    "robust": (_INDEPENDENT, "{unit}s of a group weigh by what was looked at in them; spreads may differ"),
    "quasi-poisson": (_INDEPENDENT, "variance proportional to the mean, by one factor in all groups"),
    "quasi-binomial": (_INDEPENDENT, "variance proportional to the binomial's, by one factor in all groups"),
    "empirical-logit": (_INDEPENDENT, "{unit}s weigh alike, however few cells were looked at"),
    "nb-mixed": (
        _INDEPENDENT,
        "log rates of {unit}s normal, sections negative binomial around them, alike in all groups",
    ),
    "beta-binomial": (_INDEPENDENT, "shares of {unit}s follow a beta distribution, alike in all groups"),
    "permutation": (
        _INDEPENDENT,
        "without an effect {unit}s could change groups",
    ),
    "paired-log": (_INDEPENDENT, "changes of logs within {unit}s are roughly symmetric"),
    "paired": (_INDEPENDENT, "changes within {unit}s are roughly symmetric"),
    "linear-log": (_INDEPENDENT, _ONE_SPREAD, "blocks and covariates shift logs alike in all groups"),
    "linear": (_INDEPENDENT, _ONE_SPREAD, "blocks and covariates shift values alike in all groups"),
    "rates-robust": (_INDEPENDENT, "blocks and covariates multiply rates alike in all groups"),
    "shares-robust": (_INDEPENDENT, "blocks and covariates multiply odds alike in all groups"),
    "rates-quasi": (_INDEPENDENT, "variance proportional to the mean, by one factor in all groups"),
    "shares-quasi": (_INDEPENDENT, "variance proportional to the binomial's, by one factor in all groups"),
    "mixed-log": (_BETWEEN, "logs normal about the model, with one spread"),
    "mixed": (_BETWEEN, "values normal about the model, with one spread"),
    "mixed-counts": (_BETWEEN, "counts negative binomial about their {cluster}'s rate"),
    "mixed-shares": (_BETWEEN, "shares beta about their {cluster}'s share"),
    "growth": (_INDEPENDENT, "the logs of values change in a straight line over the times given"),
    "group-by-day": (_INDEPENDENT, "each {unit} has a straight course of its own"),
}
SIMULATED = ("nb-mixed", "beta-binomial")
LIKELIHOODS = (*SIMULATED, "mixed-counts", "mixed-shares")
LOGS = ("welch-log", "pooled-log")
_DIFFERENCES = ("welch", "pooled", "paired", "linear", "mixed")
_ODDS = (
    "quasi-binomial",
    "beta-binomial",
    "empirical-logit",
    "shares-robust",
    "shares-quasi",
    "mixed-shares",
)


def scale_of(method: str, what: Carrier) -> Scale:
    """Return what an effect of a method is."""
    if method in _DIFFERENCES:
        return "difference"
    if method in _ODDS or (what == "proportion" and method in ("robust", "permutation")):
        return "odds ratio"
    return "ratio"


def lacking(groups: Sequence[Sample], what: Carrier, method: str, unit: str) -> str | None:
    """Say what the data lack for a method; None where they lack nothing."""
    for sample in groups:
        whole = f"all {plural(len(sample), unit)} of group {sample.group!r}"
        if scale_of(method, what) != "difference" and not sample.total.any():
            return f"{whole} have the value 0"
        if what == "proportion" and method not in LOGS and (sample.total == sample.size).all():
            return f"{whole} have the share 1"
    unit_name = f"an {unit}" if unit[0] in "aeiou" else f"a {unit}"
    if method in LOGS and not all((sample.total > 0).all() for sample in groups):
        mends = {
            "rate": "leave the method to the default",
            "proportion": "leave the method to the default",
            "mean": "declare the method 'welch', or give counts and their exposures instead",
        }
        return f"{unit_name} has a value of 0 or less, which has no log; {mends[what]}"
    return None
