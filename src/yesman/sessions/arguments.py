"""What is handed to tmux for a folder, a command and typed text, checked first.

tmux expands formats in folders and gives single-word commands to a shell; these functions
return what it takes literally, or refuse.
"""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING, Final

from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MAX_TEXT: Final = 64 * 1024
"""Bytes typed by one call."""

_CHUNK: Final = 8 * 1024
"""Bytes in one tmux command, which holds at most 16 KiB."""


def folder_format(cwd: Path) -> str:
    """Return the folder as tmux's ``-c`` wants it: a format, in which ``#`` begins an expansion."""
    text = str(cwd)
    if not text.isprintable():
        raise UsageError(f"The folder {text!r} has characters that cannot be shown", "Rename it")
    if not cwd.is_absolute() or not cwd.is_dir():
        raise UsageError(
            f"The folder {text!r} does not exist", "Give the absolute path of an existing folder"
        )
    # Before '[' tmux leaves '#' as it is (it might begin a style); elsewhere '##' stands for one.
    return re.sub(r"#+(?![#\[])", lambda run: run[0] * 2, text)


def direct_command(command: Sequence[str], cwd: Path, search_path: str) -> list[str]:
    """Return the command so that tmux gives it to no shell."""
    if not command or not command[0]:
        raise UsageError("The command is empty", "Leave it out to get a shell")
    if any("\0" in arg for arg in command):
        raise UsageError("The command holds a zero character", "Remove it")
    program = os.path.join(cwd, command[0]) if "/" in command[0] else command[0]  # noqa: PTH118 - keeps './'
    if shutil.which(program, path=search_path) is None:
        raise UsageError(
            f"The program {command[0]!r} does not exist", "Check its name, or give its absolute path"
        )
    # tmux hands a single word to a shell to read; this shell only replaces itself by that word.
    return ["--", *command] if len(command) > 1 else ["--", "/bin/sh", "-c", 'exec "$0"', command[0]]


def typed_parts(text: str) -> Iterator[str]:
    """Cut text into pieces that fit a tmux command.

    Raises:
        UsageError: The text cannot be typed.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise UsageError("The text to type is not valid Unicode", "Send text that can be shown") from None
    if size > MAX_TEXT or "\0" in text:
        what = f"is longer than {MAX_TEXT} bytes" if size > MAX_TEXT else "holds a zero character"
        raise UsageError(f"The text to type {what}", "Send it in parts, or put it into a file")
    step = _CHUNK // 4  # a character takes at most four bytes
    return (text[start : start + step] for start in range(0, len(text), step))
