"""A program that asks the OS keyring one thing and ends: the only code that imports ``keyring``.

What always holds: the question comes on standard input and the answer goes to standard output, so no
secret is on a command line or in an environment; no message of a backend is passed on, since it may
hold one, only the name of its error. It is a process of its own because keyrings wait for people, load
backends of third parties, and keep memory: whoever asks can end it.

A question is ``{"verb": "store" | "load" | "delete", "service": …, "name": …, "value": …}``, an answer
``{"outcome": "done" | "none" | "lost" | "failed", "value": …, "reason": …}``; ``none``: there is no keyring.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend


def main() -> None:
    """Answer the question on standard input."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what a backend prints is no answer
    try:
        answer = answered(json.load(sys.stdin))
    except Exception as error:  # noqa: BLE001 - a backend is anybody's code and raises anything
        answer = {"outcome": "failed", "reason": type(error).__name__}
    with open(answers, "w", encoding="ascii") as stream:  # noqa: PTH123 - a descriptor, not a path
        json.dump(answer, stream)


def answered(question: dict[str, str]) -> dict[str, str]:
    """Return the answer to ``question``; raises whatever the backend raises."""
    keyring = _keyring()
    if keyring is None:
        return {"outcome": "none"}
    where = question["service"], question["name"]
    if question["verb"] == "store":
        keyring.set_password(*where, question["value"])
        kept = keyring.get_password(*where) == question["value"]
        return {"outcome": "done"} if kept else {"outcome": "failed", "reason": "it does not give it back"}
    value = keyring.get_password(*where)
    if value is None:
        return {"outcome": "lost"}
    if question["verb"] == "load":
        return {"outcome": "done", "value": value}
    keyring.delete_password(*where)
    return {"outcome": "done"}


def _keyring() -> KeyringBackend | None:
    """Return the keyring that the user chose, else one of those that protect, or None."""
    from keyring import core  # noqa: PLC0415 - a failing import is an answer as well
    from keyring.backends import fail, null  # noqa: PLC0415

    core.init_backend(limit=core.recommended)
    found = core.get_keyring()
    return None if isinstance(found, fail.Keyring | null.Keyring) else found


if __name__ == "__main__":
    main()
