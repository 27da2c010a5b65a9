"""Labels and colours of a study's groups, the same in every picture and table."""

from __future__ import annotations

from soleus.answers.run.values import DesignInfo
from soleus.report.theme import CONTROL, GROUP_COLOURS, LOSS

__all__ = ["contrast_colour", "group_colours", "group_labels"]


def group_labels(design: DesignInfo) -> dict[str, str]:
    """Label of each group by name; the name is added where two groups share a label."""
    labels = [group.label for group in design.groups]
    return {
        group.name: group.label if labels.count(group.label) == 1 else f"{group.label} ({group.name})"
        for group in design.groups
    }


def group_colours(design: DesignInfo) -> dict[str, str]:
    """Colour of each group by name."""
    others = [group.name for group in design.groups if not group.control]
    colours = {name: GROUP_COLOURS[k % len(GROUP_COLOURS)] for k, name in enumerate(others)}
    return {group.name: colours.get(group.name, CONTROL) for group in design.groups}


def contrast_colour(design: DesignInfo, contrast: str) -> str:
    """Colour of a contrast such as ``unloaded / control``: that of its first group."""
    first = contrast.split(" / ")[0].strip()
    colours = group_colours(design)
    by_label = {label: colours[name] for name, label in group_labels(design).items()}
    return colours.get(first) or by_label.get(first) or LOSS
