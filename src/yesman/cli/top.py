"""``yesman plugin top``: what each plugin does and uses, live.

On a terminal it is drawn anew every second until Ctrl-C. Elsewhere, or with ``--once``, it is
one table: then the processor's share is over the life of the process, not the last second.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.invocation import talk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yesman.cli.client import Connection
    from yesman.cli.invocation import Invocation

    Rows = list[dict[str, Any]]

EVERY_SECONDS: Final = 1.0
HEADS: Final = ("NAME", "STATE", "PID", "CALLS/S", "CALLS", "DENIALS", "CPU %", "RSS MIB", "PSS MIB")
REDRAW: Final = "\x1b[H\x1b[J"
"""Cursor home, clear to the end (ECMA-48)."""
CLEAR: Final = "\x1b[2J"


@click.command(
    "top",
    help=f"{catalogue.PLUGIN['top'].help}\n\nCALLS/S is over the last ten seconds: commands, events, and "
    "what the plugin asks of yesman. PSS shares out what processes have in common.",
    context_settings=CONTEXT,
    epilog=example("yesman plugin top", "yesman plugin top --once --json"),
)
@click.option("--once", is_flag=True, help="Show it once.")
@as_json
@click.pass_obj
def command(invocation: Invocation, *, once: bool, as_json: bool) -> None:
    """Show what plugins do and use, live."""
    with closing(invocation.connect()) as connection:
        rows = _ask(connection)
        if once or not sys.stdout.isatty():
            render.show_json(rows) if as_json else render.say(table(rows))
            return
        sys.stdout.write("" if as_json else CLEAR)
        while True:
            sys.stdout.write(f"{render.dump(rows)}\n" if as_json else f"{REDRAW}{table(rows)}\n")
            sys.stdout.flush()
            time.sleep(EVERY_SECONDS)
            rows = since(rows, _ask(connection))


def _ask(connection: Connection) -> Rows:
    rows: Rows = talk(connection, "plugin.top", "it looked at the plugins", {}).value
    return rows


def since(before: Sequence[Mapping[str, Any]], now: Rows) -> Rows:
    """Return ``now`` with the processor's share since ``before``, of processes that were there then."""
    known = {row["pid"]: row for row in before if row["pid"] is not None}
    for row in now:
        old = known.get(row["pid"])
        if old and row["seconds"] is not None and old["seconds"] is not None:
            passed = row["seconds"] - old["seconds"]
            used = row["cpu_seconds"] - old["cpu_seconds"]
            row["cpu_percent"] = round(100 * used / passed, 1) if passed > 0 else 0.0
    return now


def table(rows: Rows) -> str:
    """Return the rows as people read them."""
    return render.table(HEADS, map(_cells, rows)) if rows else "No plugins are installed."


def _cells(row: Mapping[str, Any]) -> list[Any]:
    sizes = [None if row[key] is None else f"{row[key] / 1024:.1f}" for key in ("rss_kib", "pss_kib")]
    keys = ("name", "state", "pid", "calls_per_second", "calls", "denials", "cpu_percent")
    return [*(row[key] for key in keys), *sizes]
