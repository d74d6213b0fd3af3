"""``yesman plugin audit``: what plugins did and were allowed, from the ledger.

What always holds: whatever a plugin named (a path it wanted, a session) is shown escaped; a
refusal that only the plugin's own process saw is called advisory.
"""

from __future__ import annotations

import json
import re
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from yesman.cli import catalogue, render
from yesman.cli.display import Display
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain
from yesman.model.errors import PlatformError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.cli.invocation import Invocation

UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
INDENT: Final = "    "
KINDS: Final = (
    "call",
    "denial",
    "execute",
    "grant",
    "revoke",
    "consent",
    "answer",
    "answered",
    "veto",
    "bypass",
    "degraded",
    "exceeded",
    "crash",
    "quarantine",
    "end",
    "keystrokes",
    "install",
    "update",
    "rollback",
    "pin",
    "unpin",
    "registry",
    "block",
    "remove",
    "enable",
    "disable",
    "limits",
)


@click.command(
    "audit",
    help=f"{catalogue.PLUGIN['audit'].help}\n\nCalls, denials, programs started, limits exceeded, grants, "
    "crashes, keystrokes sent, prompts of agents answered and by whom, and what was installed, updated, "
    "rolled back and removed. A denial is authoritative when the kernel or yesman saw it, and advisory when "
    "only the plugin's own process did.",
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin audit git-insight --since 1h",
        "yesman plugin audit --kind denial --follow",
    ),
)
@click.argument("name", required=False)
@click.option("--kind", type=click.Choice(KINDS), help="Records of one kind.")
@click.option(
    "--since", metavar="T", help="Not older than T: 10m, 2h, 3d, or a time such as 2026-01-31T12:00."
)
@click.option("-f", "--follow", is_flag=True, help="Go on with what is recorded from now on, until Ctrl-C.")
@click.option("-n", "--lines", type=click.IntRange(0, 100_000), default=100, show_default=True, metavar="N")
@as_json
@click.pass_obj
def command(
    invocation: Invocation,
    name: str | None,
    kind: str | None,
    since: str | None,
    lines: int,
    *,
    follow: bool,
    as_json: bool,
) -> None:
    """Show what plugins did and were allowed."""
    start = moment(since, time.time()) if since else 0.0
    params = {"name": name, "kind": kind, "since": start, "lines": lines, "follow": follow}
    display = RecordDisplay(as_json=as_json)
    invocation.converse("plugin.audit", "it read the ledger", params, display)
    if not (display.shown or as_json or follow):
        render.note("There are no such records.")


def moment(text: str, now: float) -> float:
    """Return the time that ``text`` names, in Unix seconds: so long before ``now``, or an ISO 8601 time.

    Raises:
        UsageError: It names none.
    """
    ago = re.fullmatch(r"([0-9]{1,9})([smhdw])", text)
    try:
        if ago:
            return now - timedelta(**{UNITS[ago[2]]: int(ago[1])}).total_seconds()
        return datetime.fromisoformat(text).timestamp()  # without a zone it is local time
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"'{plain(text)}' is no time", "Write 10m, 2h, 3d or 2026-01-31T12:00") from None


class RecordDisplay(Display):
    """Shows stream ``out``, which holds one record a line as JSON, as it comes."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json
        self._rest = b""
        self.shown = False

    def show(self, stream: str, data: bytes) -> None:
        """Take a piece of output; whole records are written at once."""
        if stream != "out":
            super().show(stream, data)
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            record = _record(line)
            render.say(render.dump(record) if self._as_json else _wrapped(sentence(record)))
            self.shown = True
        sys.stdout.flush()


def _record(line: bytes) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise PlatformError(f"A record cannot be read: {error}") from error
    return record


def sentence(record: Mapping[str, Any]) -> str:
    """Return one record on one line: time, plugin, kind, what, and the rest of it as ``key=value``."""
    when = datetime.fromtimestamp(record["time"], UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    detail = dict(record["detail"])
    authority = detail.pop("authority", "")
    kind = f"{record['kind']} ({authority})" if authority else record["kind"]
    rest = " ".join(f"{key}={_value(value)}" for key, value in detail.items() if value not in (None, ""))
    return (
        f"{when}  {plain(record['plugin'] or '-')}  {plain(kind)}  {plain(record['what'])}  {rest}".rstrip()
    )


def _wrapped(line: str) -> str:
    """Return a line, broken where the terminal is too narrow for it; what goes into a file never is."""
    parts = render.wrap(line, max(render.columns() - len(INDENT), render.NARROWEST))
    return f"\n{INDENT}".join(part.rstrip() for part in parts)


def _value(value: Any) -> str:
    return render.dump(value) if isinstance(value, list | dict | bool) else plain(value)
