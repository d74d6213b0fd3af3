"""The 256 colours of terminals, as a style sheet; the first sixteen are the dashboard's own. Pure."""

from __future__ import annotations

from typing import Final

_STEPS: Final = (0, 95, 135, 175, 215, 255)
_OWN: Final = 16
"""Of these, the style sheet by hand decides, for light and dark."""


def style_sheet() -> bytes:
    """Return rules for the classes ``f16`` to ``f255``, of letters, and ``b16`` to ``b255``, behind them."""
    return "".join(
        f".f{number}{{color:{colour}}}.b{number}{{background:{colour}}}\n"
        for number, colour in enumerate(_colours(), _OWN)
    ).encode()


def _colours() -> list[str]:
    cube = [f"#{r:02x}{g:02x}{b:02x}" for r in _STEPS for g in _STEPS for b in _STEPS]
    return cube + [f"#{grey:02x}{grey:02x}{grey:02x}" for grey in range(8, 248, 10)]
