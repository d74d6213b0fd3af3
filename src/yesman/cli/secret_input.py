"""Values that do not belong on a command line: asked for on the terminal, or read from a pipe.

What always holds: what is typed is not shown, and what was typed before the question does not answer it.
"""

from __future__ import annotations

import getpass
import sys
from typing import Final

from yesman.model.errors import UsageError

MOST: Final = 1 << 20
"""Characters; a longer one fits no setting."""


def ask(question: str) -> str:
    """Ask on the terminal and return what was typed, unseen.

    Raises:
        UsageError: Nothing was typed.
        KeyboardInterrupt: Ctrl-C instead of an answer.
    """
    sys.stdout.flush()
    try:
        value = getpass.getpass(question, sys.stderr)
    except EOFError:
        sys.stderr.write("\n")
        value = ""
    if not value:
        raise UsageError("No value was given, and nothing was changed")
    return value


def read() -> str:
    """Return what standard input holds, without the end of its last line.

    Raises:
        UsageError: There is nothing, or too much, or it is no text.
    """
    try:
        value = sys.stdin.read(MOST + 1)
    except UnicodeDecodeError:
        raise UsageError("What standard input holds is not UTF-8 text") from None
    if not value or len(value) > MOST:
        problem = "nothing" if not value else "more than a setting can be"
        raise UsageError(f"Standard input holds {problem}, and nothing was changed")
    return value.removesuffix("\n").removesuffix("\r")
