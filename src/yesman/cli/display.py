"""Shows what a call prints while it runs: output, errors and progress, each made harmless.

What always holds: whatever is written after :meth:`Display.finish`, or as progress, starts on
a line of its own, in normal colours. So nothing a plugin printed can run into it or hide it.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Final

from yesman.cli import render
from yesman.cli.terminal import Sanitiser, sentence

if TYPE_CHECKING:
    from typing import TextIO

WIPE: Final = "\r\x1b[K"
_COLOURS_AT_END: Final = re.compile(r"(?:\x1b\[[0-9;:]*m)+\Z")


class Display:
    """Where one call's output goes.

    Args:
        out: Where stream ``out`` goes; everything else goes to ``err``.
        err: Where messages for people go.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._err = err or sys.stderr
        cursor = _Cursor()
        self._streams = {"out": _Stream(out or sys.stdout, cursor), "err": _Stream(self._err, cursor)}
        self._progress = False
        self.printed = False

    def show(self, stream: str, data: bytes) -> None:
        """Show a piece of ``out`` or ``err``, or a line of ``progress`` or ``note``, as UTF-8."""
        if stream in {"progress", "note"}:
            show = self._show_progress if stream == "progress" else self._note
            show(sentence(data.decode(errors="backslashreplace")))
            return
        self._wipe()
        self._streams["out" if stream == "out" else "err"].write(data)
        self.printed = self.printed or (stream == "out" and bool(data))

    def finish(self) -> None:
        """End the output: show what was held back, and leave the cursor on a new line."""
        self.own_line()

    def own_line(self) -> None:
        """Leave the cursor on a new line in normal colours, for something that is not the call's output."""
        self._wipe()
        for stream in self._streams.values():
            stream.break_line()

    def remark(self, text: str) -> None:
        """Say something for people to stderr, where that is a terminal."""
        if self._err.isatty():
            self._note(text)

    def _note(self, text: str) -> None:
        self.own_line()
        self._err.write(f"{text}\n")
        self._err.flush()

    def _show_progress(self, text: str) -> None:
        if not self._err.isatty() or os.environ.get("TERM") == "dumb":
            self._err.write(f"{text}\n")
        else:
            for stream in self._streams.values():
                stream.break_line()
            room = render.columns(self._err) - 1
            shown = text if render.wide(text) <= room else render.wrap(text, max(room - 1, 1))[0] + "…"
            self._err.write(WIPE + shown)
            self._progress = True
        self._err.flush()

    def _wipe(self) -> None:
        if self._progress:
            self._err.write(WIPE)
            self._err.flush()
            self._progress = False


class LineDisplay(Display):
    """Shows stream ``out`` as one JSON object a line, ``{"line": text}``."""

    def __init__(self) -> None:
        super().__init__()
        self._rest = b""

    def show(self, stream: str, data: bytes) -> None:
        """Take a piece of output; whole lines are written at once."""
        if stream != "out":
            super().show(stream, data)
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._write(lines)

    def finish(self) -> None:
        """Write the last line, if it had no end."""
        self._write([self._rest] if self._rest else [])
        self._rest = b""
        super().finish()

    def _write(self, lines: list[bytes]) -> None:
        for line in lines:
            render.say(render.dump({"line": line.decode(errors="backslashreplace")}))
        sys.stdout.flush()


class _Cursor:
    """Where the terminal's cursor stands; the two streams of a call mostly share one terminal."""

    def __init__(self) -> None:
        self.at_line_start = True

    def moved(self, text: str) -> None:
        visible = _COLOURS_AT_END.sub("", text)
        if visible:
            self.at_line_start = visible.endswith("\n")


class _Stream:
    """One stream of a call, on its way to ``target``."""

    def __init__(self, target: TextIO, cursor: _Cursor) -> None:
        self._target = target
        self._terminal = target.isatty()
        self._cursor = cursor
        self._sanitiser = Sanitiser(colour=render.colours(target), rewrite=self._terminal)

    def write(self, data: bytes) -> None:
        self._put(self._sanitiser.feed(data))

    def break_line(self) -> None:
        """Show what was held back; where a person reads along, go to a new line as well."""
        self._put(self._sanitiser.finish())
        if self._terminal and not self._cursor.at_line_start:
            self._put("\n")

    def _put(self, text: str) -> None:
        if text:
            self._target.write(text)
            self._target.flush()
            if self._terminal:
                self._cursor.moved(text)
