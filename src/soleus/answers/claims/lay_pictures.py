"""The two pictures of the page for a lay reader, as SVG: a free and a lifted mouse, and a hundred cells."""

from __future__ import annotations

from soleus.report.theme import CONTROL, INK, LOSS, MUTED, RULE

__all__ = ["dots_picture", "mice_picture"]

_FUR, _FUR_LINE, _BRAIN = "#c8d3dd", CONTROL, "#f4e3d7"
# Not the colour of the zone: these are cells in it.
_STEM = "#0b5a3f"

_SEEN = (
    "Two mice from the side. One stands free on all feet; the other hangs by its tail from the lid of its"
    " cage, hind legs off the floor. A spot in the brain of each is the zone."
)

# A mouse from the side, its nose at the right: body and head in one line, then what lies on it.
_BODY = (
    "M 34 78 C 30 52 56 36 88 39 C 104 40 114 42 124 44 C 140 47 156 60 163 70"
    " C 166 75 162 79 156 80 C 146 82 136 82 126 84 C 100 90 44 92 34 78 Z"
)
_EAR = (
    '<ellipse cx="121" cy="42" rx="9.5" ry="11" transform="rotate(-14 121 42)" fill="{fur}" stroke="{line}"/>'
)
_FACE = (
    '<circle cx="146" cy="62" r="2.1" fill="{ink}"/>'
    '<circle cx="163.5" cy="72.5" r="2.2" fill="{ink}"/>'
    '<path d="M155 75 l14 4 M155 76.500 l12 8" stroke="{muted}" stroke-width="0.7" fill="none"/>'
)
_ZONE = (
    '<path d="M113 63 C112 54 122 50 131 53 C138 55 140 61 137 66 C132 71 115 71 113 63 Z" fill="{brain}"'
    ' stroke="{line}" stroke-width="0.8"/><circle cx="128" cy="61" r="3.4" fill="{loss}"/>'
)


def mice_picture() -> str:
    """Return a free mouse and a lifted one, with the zone in the brain of each."""
    free = (
        f'<g transform="translate(0 18)"><path d="M36 78 C 18 84 10 74 4 62" {_line(2.6)}/>'
        f"{_leg('M58 80 C 52 88 50 93 58 95 L 72 95')}{_leg('M116 80 C 114 88 113 92 117 95 L 126 95')}"
        f"{_mouse()}</g>"
    )
    lifted = (
        # The string from the lid to the tail, then the mouse with its hind part up.
        f'<path d="M47 6 V 29" stroke="{MUTED}" stroke-width="1" fill="none"/>'
        f'<path d="M50 54 C 42 47 41 38 47 29" {_line(2.6)}/>'
        f'<g transform="translate(2 11) rotate(24 122 84)">{_leg("M60 82 C 58 92 62 99 70 101")}'
        f"{_mouse()}</g>"
        f"{_leg('M124 92 C 121 102 119 108 123 113 L 132 113')}"
    )
    return (
        f'<svg viewBox="0 0 400 130" role="img" aria-label="{_SEEN}">{_cage(0)}{free}'
        f'<g transform="translate(212 0)">{_cage(0, lid=True)}{lifted}</g>'
        f"{_name(88, 'free')}{_name(300, 'lifted')}</svg>"
    )


def _mouse() -> str:
    colours = {
        "fur": _FUR, "line": _FUR_LINE, "ink": INK, "muted": MUTED, "brain": _BRAIN, "loss": LOSS,
    }  # fmt: skip
    return f'<path d="{_BODY}" fill="{_FUR}" stroke="{_FUR_LINE}"/>' + (_ZONE + _EAR + _FACE).format(
        **colours
    )


def _line(width: float) -> str:
    return f'fill="none" stroke="{_FUR_LINE}" stroke-width="{width}" stroke-linecap="round"'


def _leg(path: str) -> str:
    return f'<path d="{path}" {_line(4)}/>'


def _cage(left: float, *, lid: bool = False) -> str:
    rule = f'stroke="{RULE}" stroke-width="1.6"'
    top = f'<path d="M{left} 6 H{left + 178}" {rule}/>' if lid else ""
    return f'{top}<path d="M{left} 115.5 H{left + 178}" {rule}/>'


def _name(x: float, text: str) -> str:
    return f'<text x="{x}" y="128" text-anchor="middle" font-size="11" fill="{INK}">{text}</text>'


def dots_picture(share: float) -> str:
    """Return a hundred dots for dividing cells; as many as the share says are stem cells.

    Parameters
    ----------
    share
        Between 0 and 1.
    """
    stem = round(100 * share)
    dots = "".join(
        f'<circle cx="{5 + 10 * (k % 10)}" cy="{5 + 10 * (k // 10)}" r="3.9"'
        f' fill="{_STEM if k < stem else _FUR}"/>'
        for k in range(100)
    )
    return (
        f'<svg viewBox="0 0 100 100" role="img" aria-label="A hundred dots, {stem} of them coloured.">'
        f"{dots}</svg>"
    )
