"""``yesman --help``: built-in and plugin commands, from tables alone.

What always holds: it needs neither Click nor the server, and costs two lines of text a
command, because Click's own list takes 32 ms for 1 000 of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yesman.cli import catalogue
from yesman.cli.terminal import plain
from yesman.host.index import CommandIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yesman.model.home import Home

USAGE: Final = "Usage: yesman [OPTIONS] COMMAND [ARGS]..."
ABOUT: Final = "Coding-agent sessions in tmux, extended by plugins that the kernel confines."
EXAMPLE: Final = "yesman plugin install ./my-plugin"
LONGEST_NAME: Final = 28
"""Columns for names; the help of a longer one follows it on the same line."""


def overview(home: Home, width: int) -> str:
    """Return the whole help text, with the commands of ``home``'s plugins, cut to ``width`` columns."""
    rows = CommandIndex.read(home.index).rows.values()
    builtin = ((name, entry.help) for name, entry in catalogue.ROOT.items())
    lines = [USAGE, "", f"  {ABOUT}", ""]
    lines += ["Options:", *_listed(catalogue.OPTIONS.items(), width), ""]
    lines += ["Commands:", *_listed(builtin, width), ""]
    if rows:
        lines += [
            "Plugin commands:",
            *_listed(((plain(row.name), plain(row.help)) for row in rows), width),
            "",
        ]
    lines += ["Example:", f"  {EXAMPLE}", "", "See 'yesman COMMAND --help' for each command."]
    return "\n".join(lines)


def _listed(pairs: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    rows = list(pairs)
    margin = min(max(len(name) for name, _ in rows), LONGEST_NAME)
    for name, text in rows:
        line = f"  {name:<{margin}}  {text}"
        yield line if len(line) <= width else f"{line[: width - 1]}…"
