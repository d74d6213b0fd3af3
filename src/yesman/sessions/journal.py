"""The journal that tmux itself keeps: hooks that write down what happens, and the reading of it. No I/O.

tmux tells a control client little about sessions other than its own, and nothing of what came and
went between two looks. So hooks append one line for each thing that happens to a hidden variable of
the tmux server, ids first. It survives the loss of a connection, it is bounded, and unlike an
option, a variable can be set without tmux drawing every screen anew. What is read may have been
written by anybody who can talk to that tmux server: lines that do not fit are passed over.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.sessions.control_lines import command_text
from yesman.sessions.hidden import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_KEPT: Final = 64 * 1024
"""Columns of a journal that nobody reads; beyond that its oldest lines go."""

MAX_NAME: Final = 256
"""Columns of a name; a longer one ends in ``…``, which no pattern for names holds."""

FIRST_INDEX: Final = 7300
"""Where our hooks stand among those of others; the first free place from here on is taken."""


def text(variable: str) -> str:
    """Return the tmux format of a free text, as one field of one line."""
    return f"#{{=/{MAX_NAME}/…;s/[\n\t]/?/:{variable}}}"


def path(variable: str) -> str:
    """Return the tmux format of a path, as one field of one line."""
    return f"#{{s/[\n\t]/?/:{variable}}}"


# The panes of the window that was linked, which need not be the one its session shows.
_PANES: Final = "#{W:#{?#{==:#{window_id},#{hook_window}},#{P:#{pane_id} },}}"
_DIED: Final = ("X", "#{hook_pane}", "#{pane_dead_status}", "#{pane_dead_signal}")

_HOOKS: Final[Mapping[str, tuple[str, ...]]] = {
    "session-created": ("C", "#{hook_session}", text("hook_session_name"), path("session_path")),
    "session-closed": ("K", "#{hook_session}", text("hook_session_name")),
    "session-renamed": ("N", "#{hook_session}", text("hook_session_name")),
    "window-linked": ("W", "#{hook_session}", "#{hook_window}", text("hook_window_name"), _PANES),
    "window-unlinked": ("U", "#{hook_session}", "#{hook_window}"),
    "after-split-window": ("S", "#{window_id}", "#{pane_id}"),
    "pane-exited": ("E", "#{hook_pane}"),
    "pane-died": _DIED,
    "client-session-changed": ("A", text("hook_client"), "#{session_id}"),
    "client-detached": ("D", text("hook_client")),
}

_FIELD: Final = {
    "$": re.compile(r"\$\d{1,10}"),
    "@": re.compile(r"@\d{1,10}"),
    "%": re.compile(r"%\d{1,10}"),
    "#": re.compile(r"\d{0,3}"),
    "%*": re.compile(r"(%\d{1,10} )*"),
    "?": re.compile(r".{0,8192}"),
}
_SHAPES: Final = {
    "C": ("$", "?", "?"),
    "K": ("$", "?"),
    "N": ("$", "?"),
    "W": ("$", "@", "?", "%*"),
    "U": ("$", "@"),
    "S": ("@", "%"),
    "E": ("%",),
    "X": ("%", "#", "#"),
    "A": ("?", "$"),
    "D": ("?",),
}


class Entry(NamedTuple):
    """One line: its kind and its fields, as :data:`_HOOKS` writes them."""

    kind: str
    fields: tuple[str, ...]


def variable(owner: str) -> str:
    """Return the name of the journal of one reader; several may read the same tmux server."""
    return f"YESMAN_{hashlib.sha256(owner.encode(errors='surrogateescape')).hexdigest()[:10].upper()}"


def parse(kept: str) -> tuple[Entry, ...]:
    """Return what the journal tells, oldest first; our own hidden session does not begin or end in it."""
    found = (entry for line in kept.split("\n") if (entry := _entry(line)) is not None)
    return tuple(entry for entry in found if entry.kind not in "CKN" or not _is_hidden(entry.fields[1]))


def _is_hidden(name: str) -> bool:
    return name.startswith(PREFIX)


def _entry(line: str) -> Entry | None:
    kind, *fields = line.split("\t")
    shape = _SHAPES.get(kind, ())
    if not shape or len(fields) != len(shape):
        return None
    fits = all(_FIELD[kind].fullmatch(field) for kind, field in zip(shape, fields, strict=True))
    return Entry(kind, tuple(fields)) if fits else None


def hooks(name: str, present: str) -> list[tuple[str, ...]]:
    """Return the commands that install what is missing of the hooks.

    Args:
        name: The variable.
        present: What ``show-hooks -g`` and ``show-hooks -gw`` print now.
    """
    taken = dict(_indexed(present))
    found: list[tuple[str, ...]] = []
    for hook, fields in _HOOKS.items():
        held = {index: command for (at, index), command in taken.items() if at == hook}
        if not any(f" {name} " in command for command in held.values()):
            index = next(n for n in range(FIRST_INDEX, FIRST_INDEX + len(held) + 1) if n not in held)
            found.append(("set-hook", "-g", f"{hook}[{index}]", _append(name, fields)))
    return found


def removal(name: str, present: str) -> list[tuple[str, ...]]:
    """Return the commands that leave nothing of ours behind."""
    ours = [at for at, command in _indexed(present) if f" {name} " in command]
    unset = [("set-hook", "-gu", f"{hook}[{index}]") for hook, index in ours]
    return [*unset, ("set-environment", "-gu", name), ("set-environment", "-gu", f"{name}_READ")]


def keeping_exit_code(name: str, target: str) -> list[tuple[str, ...]]:
    """Return the commands after which the end of a pane's program is written down with its exit code.

    tmux only knows that of a pane that remains. So this one does, until its own hook has written
    it down and closes it; that works whether or not we still run then.
    """
    reap = f"{_append(name, _DIED)} ; {command_text(('run-shell', '-C', 'kill-pane -t #{hook_pane}'))}"
    return [
        ("set-option", "-p", "-t", target, "remain-on-exit", "on"),
        ("set-hook", "-p", "-t", target, f"pane-died[{FIRST_INDEX}]", reap),
    ]


def drain(name: str, *, seen: bool) -> list[tuple[str, ...]]:
    """Return the commands that move what was written to where it is read, and print it.

    Args:
        name: The variable.
        seen: Whether what was printed last time has arrived and may go; else it is printed again.
    """
    read = f"{name}_READ"
    forget = [("set-environment", "-ghu", read)] if seen else []
    move = ("set-environment", "-ghF", read, f"#{{{read}}}#{{{name}}}")
    return [*forget, move, ("set-environment", "-ghu", name), ("show-environment", "-gh", read)]


def waiting(name: str) -> tuple[str, ...]:
    """Return the command that prints ``1`` if something was written, else ``0``."""
    return ("display-message", "-p", f"#{{?{name},1,0}}")


def _append(name: str, fields: Iterable[str]) -> str:
    kept = f"#{{=-{MAX_KEPT}:{name}}}\n" + "\t".join(fields)
    return command_text(("set-environment", "-ghF", name, kept))


def _indexed(present: str) -> Iterable[tuple[tuple[str, int], str]]:
    for line in present.split("\n"):
        found = re.match(r"([a-z-]+)\[(\d{1,9})\] (.*)", line)
        if found:
            yield (found[1], int(found[2])), found[3]
