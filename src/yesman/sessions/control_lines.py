"""What is said on a control connection to tmux: commands as lines, answers out of lines. No I/O.

Each question is followed by a second one that prints a random word. Everything up to that word
is the answer, so nothing a pane shows or a program calls itself can end an answer early: tmux's
own ``%begin`` and ``%end`` count upwards and could be guessed. What stands outside of answers is a
notification, and only says that it is worth looking.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.model.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_ANSWER: Final = 16 << 20
"""Bytes of one answer, and of one line."""

_GUARD: Final = re.compile(rb"%(begin|end|error) \d+ \d+ \d+")
_ESCAPED: Final = re.compile(r'[\x00-\x1f\x7f"\\$]')
# Names of windows follow the programs in them, and nothing here is told of names of windows.
_NO_NEWS: Final = (b"%window-renamed ", b"%unlinked-window-renamed ", b"%output ", b"%session-changed ")


class ControlError(PlatformError):
    """What came over the connection is not what tmux sends; the connection is of no use any more."""


class Answer(NamedTuple):
    """What tmux said to one question: the text, or why it refused."""

    accepted: bool
    text: str


class Nudge(NamedTuple):
    """Something may have changed."""


def quoted(argument: str) -> str:
    """Return the argument so that tmux reads back exactly that (``tmux(1)``, "Parsing syntax")."""
    return '"' + _ESCAPED.sub(lambda found: _escape(found[0]), argument) + '"'


def _escape(character: str) -> str:
    return f"\\{character}" if character in '"\\$' else f"\\{ord(character):03o}"


def command_text(*commands: Sequence[str]) -> str:
    """Return commands as one line that tmux carries out as far as the first that fails."""
    return " ; ".join(" ".join(map(quoted, command)) for command in commands)


def question(word: str, *commands: Sequence[str]) -> bytes:
    """Return what to send; ``word`` is a random one that :meth:`Reader.expect` is told as well."""
    return f"{command_text(*commands)}\ndisplay-message -p {word}\n".encode()


class Reader:
    """Takes what tmux sends, in pieces of any size."""

    def __init__(self) -> None:
        self._rest = b""
        self._held: list[bytes] = []
        self._size = 0
        self._words: deque[tuple[bytes, int]] = deque()

    def expect(self, word: str, *, commands: int) -> None:
        """Await the answer to a question, after those awaited already.

        Args:
            word: The random word of the question.
            commands: How many commands the question has. Their answers are joined; that of the last may
                hold any line, those before it none that begins like tmux's own.
        """
        self._words.append((word.encode(), commands))

    def feed(self, data: bytes) -> Iterator[Answer | Nudge]:
        """Return what the next bytes complete.

        Raises:
            ControlError: They are not what tmux sends, or too many.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_ANSWER:
            raise _too_long()
        for line in lines:
            yield from self._line(line)

    def _line(self, line: bytes) -> Iterator[Answer | Nudge]:
        if not self._words:
            if _is_news(line):
                yield Nudge()
            return
        word, commands = self._words[0]
        if line != word:
            self._held.append(line)
            self._size += len(line) + 1
            if self._size > MAX_ANSWER:
                raise _too_long()
            return
        self._words.popleft()
        held, self._held, self._size = self._held, [], 0
        answer, nudged = _answer(held, commands)
        yield answer
        if nudged:
            yield Nudge()


def _is_news(line: bytes) -> bool:
    return line.startswith(b"%") and not _GUARD.fullmatch(line) and not line.startswith(_NO_NEWS)


def _too_long() -> ControlError:
    return ControlError(f"tmux answered with more than {MAX_ANSWER} bytes", "Close some sessions")


def _answer(lines: list[bytes], commands: int) -> tuple[Answer, bool]:
    """Return the answer in the lines up to the word, and whether there were notifications among them."""
    # The last line opens the answer to the word; before it stand notifications, and then the true end.
    last = next((n for n in range(len(lines) - 2, -1, -1) if _GUARD.fullmatch(lines[n])), None)
    begins = [n for n, line in enumerate(lines[:last]) if line.startswith(b"%begin ")]
    if not begins or last is None or lines[last].startswith(b"%begin "):
        raise ControlError(
            "tmux answered in a way that cannot be read", "Check that 'tmux -V' says 3.2 or later"
        )
    # Each command's answer has a frame of its own; where the last one begins, any line may follow.
    final = begins[:commands][-1]
    before = lines[:final]
    nudged = any(map(_is_news, before + lines[last:]))
    inside = [line for line in before[begins[0] :] if not line.startswith(b"%")] + lines[final + 1 : last]
    accepted = lines[last].startswith(b"%end ")
    body = inside if accepted else inside[-1:]
    return Answer(accepted, b"".join(line + b"\n" for line in body).decode(errors="replace")), nudged
