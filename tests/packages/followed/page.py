"""What a page of the documentation tells its reader to do.

The convention, which CONTRIBUTING.md states for authors of pages:

- In a block marked ``console`` a line that begins with ``$`` and a space is typed; the lines below it are
  what is shown. ``…`` stands for any text in a line, ``[…]`` on a line of its own for any lines. What stands
  behind ``[y/N]`` is what the reader answers.
- Any other block belongs into a file if the paragraph before it says so: "Write `PATH`", with the whole
  content, or "Add to `PATH`", for what comes at its end.
- Nothing else is done: neither blocks marked ``sh`` or ``text``, nor plain ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

PROMPT = "$ "
ANSWERED = re.compile(r"^(.*\[y/N\]) (\S+)$", re.MULTILINE)
INTO = re.compile(r"\b(Write|Add to) `([^`\s]+)`")
NOT_FILES = {"", "console", "sh", "text"}


@dataclass(frozen=True)
class Command:
    """A line to be typed, and what it shows."""

    line: int
    typed: str
    expected: str

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The questions it asks, with the reader's answers."""
        return ANSWERED.findall(self.expected)


@dataclass(frozen=True)
class File:
    """Text that belongs into a file."""

    line: int
    path: str
    text: str
    appended: bool


def steps(text: str) -> list[Command | File]:
    """Return what the page says, in its order."""
    tokens = MarkdownIt().parse(text)
    found: list[Command | File] = []
    for index, token in enumerate(tokens):
        if token.type != "fence":
            continue
        language, line = token.info.strip(), (token.map or [0])[0] + 1
        if language == "console":
            found += _commands(token.content, line)
        elif language not in NOT_FILES:
            found += _file(tokens[:index], token, line)
    return found


def blocks(text: str, language: str) -> list[tuple[int, str]]:
    """Return line and content of each block in ``language``."""
    tokens = MarkdownIt().parse(text)
    return [((t.map or [0])[0] + 1, t.content) for t in tokens if t.type == "fence" and t.info == language]


def _commands(content: str, line: int) -> Iterator[Command]:
    lines = content.splitlines()
    starts = [index for index, text in enumerate(lines) if text.startswith(PROMPT)]
    assert starts[:1] == [0], f"the console block in line {line} does not begin with a command"
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        expected = "\n".join(lines[start + 1 : end]).rstrip()
        yield Command(line + 1 + start, lines[start].removeprefix(PROMPT), expected)


def _file(before: Sequence[Token], fence: Token, line: int) -> Iterator[File]:
    if not before or before[-1].type != "paragraph_close":
        return
    found = INTO.search(before[-2].content)
    if found:
        yield File(line, found[2], fence.content, appended=found[1] == "Add to")
