"""The session that our own control client sits in, which is nobody's business but ours. No I/O.

It is told from others by its name, which :func:`yesman.sessions.model.check_name` gives to none.
"""

from __future__ import annotations

from typing import Final

PREFIX: Final = "_yesman-"
"""How its name begins."""

OTHERS: Final = f"#{{?#{{m:{PREFIX}*,#{{session_name}}}},0,1}}"
"""The tmux filter that all other sessions pass, and what is in them."""

OPTIONS: Final = (
    *(";", "set-option", "destroy-unattached", "off"),
    *(";", "set-option", "-w", "remain-on-exit", "off"),
)
"""Against the user's configuration. With the former on, tmux 3.3a may crash when the client ends."""


def program(pid: int) -> tuple[str, ...]:
    """Return what runs in it, without a shell; ends soon after process ``pid``, and the session with it."""
    return "tail", f"--pid={pid}", "-f", "/dev/null"
