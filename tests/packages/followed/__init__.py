"""Follows a page of the documentation as a reader would: types its commands, writes its files, compares.

What always holds: a page is followed from an empty folder, with a home of its own, on a terminal of 80
columns; a command that prints anything else than the page says ends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from followed.comparing import mismatch
from followed.page import Command, File, steps

if TYPE_CHECKING:
    from pathlib import Path

    from followed.shell import Shell

__all__ = ["Command", "File", "NotAsTold", "follow", "steps"]


class NotAsTold(AssertionError):  # noqa: N818 - what happened, in the words of the pages
    """A command printed something else than the page says."""


def follow(text: str, shell: Shell) -> int:
    """Do what a page says; return how many commands were typed.

    Raises:
        NotAsTold: One printed something else.
    """
    typed = 0
    for step in steps(text):
        if isinstance(step, File):
            _write(shell.folder, step)
            continue
        shown = shell.run(step.typed, step.answers)
        told = mismatch(step.expected, shown)
        if told:
            raise NotAsTold(f"line {step.line}: $ {step.typed}\n{told}")
        typed += 1
    return typed


def _write(folder: Path, step: File) -> None:
    target = (folder / step.path).resolve()
    assert target.is_relative_to(folder.resolve()), f"{step.path} leads out of the reader's folder"
    target.parent.mkdir(parents=True, exist_ok=True)
    before = target.read_text("utf-8") if step.appended else ""
    target.write_text(before + step.text, "utf-8")
