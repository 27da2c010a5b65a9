"""2 x 2 designs: two main effects and their interaction, as contrasts of four groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soleus.errors import InputError

if TYPE_CHECKING:
    from soleus.observations import Observations

__all__ = ["factorial_contrasts"]


def factorial_contrasts(
    observations: Observations,
) -> list[tuple[str, tuple[str, ...], tuple[float, ...]]]:
    """Return name, groups and weights of the two main effects and the interaction.

    Parameters
    ----------
    observations
        A table with two factors of two levels, control level first, and one group for each of the
        four combinations.

    Returns
    -------
    list
        On the log scale a main effect is the mean over the other factor's levels of the log ratio
        of the second level over the first; the interaction is the ratio of the two ratios.

    Raises
    ------
    InputError
        Not two factors of two levels, or not one group for each combination.
    """
    factors = observations.factors
    if len(factors) != 2 or any(len(levels) != 2 for levels in factors.values()):
        have = ", ".join(f"{name} ({len(levels)} levels)" for name, levels in factors.items()) or "none"
        raise InputError(f"a 2 x 2 analysis needs two factors of two levels each; the table has {have}")
    (one, of_one), (two, of_two) = factors.items()
    columns = ["group", f"factor:{one}", f"factor:{two}"]
    cells: dict[tuple[str, str], str] = {}
    for group, first, second in observations.frame[columns].drop_duplicates().itertuples(index=False):
        if (first, second) in cells:
            raise InputError(
                f"groups {cells[first, second]!r} and {group!r} are both {first!r} and {second!r};"
                " join them, or analyse groups instead of factors"
            )
        cells[first, second] = str(group)
    wanted = [(a, b) for a in of_one for b in of_two]
    lacking = [pair for pair in wanted if pair not in cells]
    if lacking:
        raise InputError(
            f"no group has the levels {lacking[0][0]!r} and {lacking[0][1]!r}; 2 x 2 needs all four"
        )
    groups = tuple(cells[pair] for pair in wanted)
    return [
        (f"{one}: {of_one[1]} / {of_one[0]}", groups, (-0.5, -0.5, 0.5, 0.5)),
        (f"{two}: {of_two[1]} / {of_two[0]}", groups, (-0.5, 0.5, -0.5, 0.5)),
        (f"{one} x {two}", groups, (1.0, -1.0, -1.0, 1.0)),
    ]
