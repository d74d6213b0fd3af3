"""The program that runs, as its user types it: ``yesman``, or one that embeds it.

What always holds: advice of ours names a command that exists, for the state folder it is about.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.cli import catalogue

if TYPE_CHECKING:
    from pathlib import Path

OURS: Final = "yesman"
_COMMAND: Final = re.compile(rf"\b{OURS} (?=({'|'.join(catalogue.ROOT)})\b)")


class Program(NamedTuple):
    """The running program.

    Attributes:
        name: What its user types before a plugin's command.
        manage: Its own word for ``yesman plugin``, or "" if it has none.
        root: Where its state lies; None: where ``yesman`` itself looks.
    """

    name: str = OURS
    manage: str = "plugin"
    root: Path | None = None

    def advice(self, text: str) -> str:
        """Return ``text`` with its ``yesman …`` commands as they are typed here."""
        if self.root is None:
            return text
        elsewhere = f"YESMAN_HOME={shlex.quote(str(self.root))} {OURS} "
        if not self.manage:
            return _COMMAND.sub(lambda _: elsewhere, text)
        own = re.sub(rf"\b{OURS} plugin\b", lambda _: f"{self.name} {self.manage}", text)
        return _COMMAND.sub(lambda _: elsewhere, own)


def running() -> Program:
    """Return the program whose command runs now."""
    import click  # noqa: PLC0415 - loaded already where a command runs

    from yesman.cli.invocation import Invocation  # noqa: PLC0415 - imports this module

    context = click.get_current_context(silent=True)
    found = context.find_object(Invocation) if context else None
    return found.program if found else Program()
