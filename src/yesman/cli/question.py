"""A question that yesman itself puts to the user in the middle of a plugin's command.

What always holds of it: it stands on a line of its own in normal colours, all foreign text in it
escaped; only what is typed after a person could have read it answers it; it is read by this
process, never handed to the plugin; and what was half typed when it ends is thrown away.
"""

from __future__ import annotations

import os
import sys
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from yesman.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.cli.display import Display

STDIN: Final = 0
READABLE_SECONDS: Final = 0.75
"""What is typed sooner was meant for something else: nobody reads and answers that fast."""
LONGEST_LINE: Final = 4096
DEEDS: Final = {
    "enable": "let plugin {target} run again",
    "disable": "disable plugin {target}",
    "restart": "restart plugin {target}",
    "remove": "remove plugin {target}",
    "revoke": "take the permission '{permission}' from plugin {target}",
}


def can_ask() -> bool:
    """Tell whether there is a terminal to show a question on and to read its answer from."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    try:
        return os.tcgetpgrp(STDIN) == os.getpgrp()  # in the background, reading would stop us
    except OSError:  # not the terminal of our session: there is no background on it
        return True


def wording(params: Mapping[str, Any]) -> str:
    """Return the question, on several lines."""
    field = {key: plain(params.get(key, "")) for key in ("plugin", "target", "version", "permission")}
    target = f"'{field['target']}' {field['version']}".rstrip()
    deed = DEEDS.get(str(params.get("operation")), "do something unknown to plugin {target}")
    wanted = deed.format(target=target, permission=field["permission"])
    return f"yesman asks: plugin '{field['plugin']}' wants to {wanted}.\n{plain(params.get('effect', ''))}.\n"


class Question:
    """One open question.

    Args:
        ident: The server's id for it.
        params: What it is about (:class:`yesman.host.confirmation.Question`).
        display: Holds what the plugin prints; nothing of that is shown before the question is over.
        readable: Seconds that it takes a person to read it.
    """

    def __init__(
        self, ident: int, params: Mapping[str, Any], display: Display, readable: float = READABLE_SECONDS
    ) -> None:
        self.ident = ident
        self._typed = b""
        self._readable = time.monotonic() + readable
        display.own_line()
        self._pose(wording(params))
        drop_typed()

    def _pose(self, text: str) -> None:
        sys.stdout.flush()
        sys.stderr.write(f"{text}Allow it this once? [y/N] ")
        sys.stderr.flush()

    def read(self) -> str | None:
        """Read what was typed; return ``yes`` or ``no``, or None while there is no answer."""
        try:
            data = os.read(STDIN, LONGEST_LINE)
        except OSError:  # the terminal is not ours any more
            data = b""
        self._typed += data
        if data and not data.endswith((b"\n", b"\r")):
            return None
        line, self._typed = self._typed, b""
        if data and time.monotonic() < self._readable:
            self._pose("That was typed too soon to be an answer.\n")
            return None
        if not data:
            sys.stderr.write("\n")
        return "yes" if line.strip().lower() in {b"y", b"yes"} else "no"

    def withdraw(self) -> None:
        """End it unanswered."""
        sys.stderr.write("\n(No answer is needed any more.)\n")
        sys.stderr.flush()
        drop_typed()


def drop_typed() -> None:
    """Throw away what was typed so far."""
    with suppress(termios.error, ValueError):  # the terminal has gone
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
