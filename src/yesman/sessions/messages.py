"""Short messages in the terminals that show sessions.

What always holds: nothing of a message is a format to tmux, where ``#(…)`` would start a program; a message
stands on one line and goes by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.sessions.tmux import TmuxServer

MAX_MESSAGE: Final = 500
"""Characters; a terminal's line shows fewer."""
_CLIENTS: Final = "#{client_control_mode} #{client_name} #{client_session}"


async def show(tmux: TmuxServer, text: str, milliseconds: int, wanted: Callable[[str], bool]) -> int:
    """Show ``text`` in each terminal whose session is ``wanted``; return how many there were."""
    names = await _clients(tmux, wanted)
    for name in names:
        try:
            await tmux.run(("display-message", "-c", name, "-d", str(milliseconds), literal(text)))
        except YesmanError:  # it was detached meanwhile
            continue
    return len(names)


def literal(text: str) -> str:
    """Return what tmux 3.2 or later shows as ``text``, on one line.

    A format is expanded in two steps: ``strftime`` with ``%``, then ``#``; each doubled stands for itself.
    """
    line = " ".join(text.split())[:MAX_MESSAGE]
    return line.replace("%", "%%").replace("#", "##")


async def _clients(tmux: TmuxServer, wanted: Callable[[str], bool]) -> list[str]:
    try:
        told = await tmux.ask(("list-clients", "-F", _CLIENTS))
    except YesmanError:  # no server: nobody looks
        return []
    rows = (line.split(" ", 2) for line in told.splitlines())
    terminals = (row for row in rows if len(row) == 3 and row[0] == "0")  # noqa: PLR2004 - as in _CLIENTS
    return [name for _, name, session in terminals if wanted(session)]
