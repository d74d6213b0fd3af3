"""Shows what a plugin does, one line for each thing: as people read it, or as JSON lines.

What always holds: whatever a plugin or its code wrote stands on its line escaped.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from yesman.cli import render
from yesman.cli.display import Display
from yesman.cli.reload import told
from yesman.cli.terminal import plain
from yesman.model.plain_text import argument

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RED: Final = "31"
YELLOW: Final = "33"
GREEN: Final = "32"
DIM: Final = "2"
KIND: Final = 9
"""Columns of what a line is about."""


class JsonLines(Display):
    """Shows each thing as the server tells it: one JSON object a line."""

    def show(self, stream: str, data: bytes) -> None:
        """Take a piece of output, which is whole lines."""
        if stream != "out":
            super().show(stream, data)
            return
        for line in data.splitlines():  # again, in ASCII: a terminal may take more for controls of its own
            render.say(json.dumps(json.loads(line)))
        sys.stdout.flush()


class ActivityDisplay(Display):
    """Shows each thing as a person reads it."""

    def show(self, stream: str, data: bytes) -> None:
        """Take a piece of output, which is whole lines."""
        if stream != "out":
            super().show(stream, data)
            return
        for line in data.splitlines():
            for text in lines(json.loads(line)):
                render.say(text)
        sys.stdout.flush()


def lines(note: Mapping[str, Any]) -> list[str]:
    """Return one thing that happened (a note of ``plugin.develop``) as lines for people."""
    kind, text, colour = _FORMS.get(note["kind"], _other)(note)
    moment = time.strftime("%H:%M:%S", time.localtime(note["time"])) + f".{int(note['time'] % 1 * 1000):03d}"
    first, *more = text.split("\n")
    head = render.styled(moment, DIM, sys.stdout)
    styled = render.styled(f"{plain(kind):{KIND}}", colour, sys.stdout) if colour else f"{plain(kind):{KIND}}"
    indent = " " * (len(moment) + KIND + 2)
    return [f"{head} {styled} {plain(first)}".rstrip(), *(f"{indent}{plain(line)}" for line in more)]


def _call(note: Mapping[str, Any]) -> tuple[str, str, str]:
    ok = note["outcome"] == "ok"
    ending = "" if ok else f"  {note['outcome']}"
    return note["form"], f"{note['what']}  {note['ms']:.1f} ms{ending}", "" if ok else RED


def _denial(note: Mapping[str, Any]) -> tuple[str, str, str]:
    times = f" ({note['count']} times)" if note["count"] > 1 else ""
    if note["grant"]:
        hint = f"\nit can be granted: {argument(note['grant'])}"
    elif ":" in note["what"] or "." in note["what"]:
        hint = "\nplugin.yaml does not ask for it"
    else:
        hint = ""
    return "refused", f"{note['what']}{times}{hint}", YELLOW


def _log(note: Mapping[str, Any]) -> tuple[str, str, str]:
    level = note["level"]
    colour = RED if level >= logging.ERROR else YELLOW if level >= logging.WARNING else ""
    return logging.getLevelName(level).lower()[:KIND], note["what"].rstrip(), colour


def _failed(note: Mapping[str, Any]) -> tuple[str, str, str]:
    trace = f"\n{note['traceback'].rstrip()}" if note["traceback"] else ""
    return "not taken", f"{note['what']}; the code before goes on{trace}", RED


def _reloaded(note: Mapping[str, Any]) -> tuple[str, str, str]:
    return "reloaded", told(note), GREEN


def _missed(note: Mapping[str, Any]) -> tuple[str, str, str]:
    return "missed", f"{note['what']} lines came too fast to be shown", YELLOW


def _ended(note: Mapping[str, Any]) -> tuple[str, str, str]:
    return note["kind"], f"{note['what']}: {note['why']}", RED if note["kind"] == "crash" else DIM


def _other(note: Mapping[str, Any]) -> tuple[str, str, str]:
    return note["kind"], note["what"], ""


_FORMS: Final[dict[str, Callable[[Mapping[str, Any]], tuple[str, str, str]]]] = {
    "call": _call,
    "denial": _denial,
    "log": _log,
    "failed": _failed,
    "reloaded": _reloaded,
    "missed": _missed,
    "end": _ended,
    "crash": _ended,
}
