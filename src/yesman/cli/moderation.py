"""``yesman market moderate …``: what waits for a moderator, and decisions, on the machine of the server.

What always holds: the server may run meanwhile; a decision is in the signed index when the command ends. The
API has the same for those who have a token and not the machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from yesman.cli import catalogue, render
from yesman.cli.group import LazyGroup, as_json, described, example
from yesman.cli.market_folder import opened, places

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.marketplace.cases import Case
    from yesman.marketplace.orders import Action, Severity

group = LazyGroup(
    "moderate",
    catalogue.MODERATE,
    help=catalogue.MARKET["moderate"].help,
    epilog=example(
        "yesman market moderate queue ~/market",
        'yesman market moderate restore ~/market diary --reason "It reads its own key"',
    ),
)
"""``yesman market moderate``."""

_command = described(catalogue.MODERATE)
_folder = click.argument("folder", metavar="DIR")
_name = click.argument("name", metavar="NAME")
MOST: Final = 1000


@_command("queue", "Who waits longest comes first.", "yesman market moderate queue ~/market")
@_folder
@places
@as_json
def queue(folder: str, *, database: str, storage: str, as_json: bool) -> None:
    """Show which plugins wait for a moderator."""
    with opened(folder, database, storage) as market:
        from yesman.marketplace import cases  # noqa: PLC0415 - of the extra

        with market.database.reading() as connection:
            found = cases.queue(connection, limit=MOST).cases
    if as_json:
        _show_json(found)
    elif not found:
        render.note("Nobody waits for a moderator.")
    else:
        heads = ("NAME", "STATE", "SINCE", "REPORTS", "HELD", "ASKED AGAIN")
        rows = (
            (c.name, c.state, c.waiting_since, len(c.reports), len(c.held), "yes" if c.requests else "")
            for c in found
        )
        render.say(render.table(heads, rows, dispensable=("SINCE",)))


@_command("show", "", "yesman market moderate show ~/market diary")
@_folder
@_name
@places
@as_json
def show(folder: str, name: str, *, database: str, storage: str, as_json: bool) -> None:
    """Show reports, scans and decisions of one plugin."""
    with opened(folder, database, storage) as market:
        from yesman.marketplace.cases import case_of  # noqa: PLC0415 - of the extra

        with market.database.reading() as connection:
            case = case_of(connection, name)
    _show_json(case) if as_json else render.say(_told(case))


@_command(
    "log",
    "The newest come first. What everybody may see of it is at /api/events.",
    "yesman market moderate log ~/market --plugin diary",
)
@_folder
@click.option("--plugin", default="", help="Only of this one.")
@click.option("--limit", default=50, show_default=True, help="How many at most.")
@places
@as_json
def log(folder: str, *, plugin: str, limit: int, database: str, storage: str, as_json: bool) -> None:
    """Show the log of events."""
    with opened(folder, database, storage) as market:
        from yesman.marketplace.events import newest  # noqa: PLC0415 - of the extra

        with market.database.reading() as connection:
            found = newest(connection, limit=max(1, min(limit, MOST)), plugin=plugin, everything=True)
    if as_json:
        _show_json(found)
        return
    heads = ("AT", "EVENT", "PLUGIN", "VERSION", "BY", "DETAIL")
    rows = ((e.at, e.kind, e.plugin, e.version, e.publisher, e.detail) for e in found)
    render.say(render.table(heads, rows, dispensable=("VERSION", "BY")))


def _action(action: Action, more: str, *examples: str, version: str = "", soft: bool = False) -> Any:
    """Return the command that carries out ``action``; its version is "needed", "possible" or "" (none)."""

    def run(folder: str, name: str, **said: Any) -> None:
        from yesman.marketplace.orders import Order  # noqa: PLC0415 - of the extra

        severity: Severity = "soft" if said.pop("soft", False) else "hard"
        faith, wanted = said.pop("good_faith", False), said.pop("version", None) or ""
        order = Order(action, said.pop("reason"), wanted, severity, faith)
        _carry_out(folder, name, order, **said)

    options: list[Callable[[Callable[..., Any]], Callable[..., Any]]] = [_folder, _name]
    if version == "needed":
        options.append(click.argument("version", metavar="VERSION"))
    if version == "possible":
        options.append(click.option("--version", metavar="VERSION", help="Only this release of it."))
    if action in ("restore", "dismiss"):
        options.append(click.option("--good-faith", is_flag=True, help="Reporters lose no weight."))
    if soft:
        options.append(click.option("--soft", is_flag=True, help="Warn of it, and stop nothing."))
    options += [
        click.option("--reason", required=True, metavar="TEXT", help="Why; its author sees it."),
        click.option("--as", "by", default="operator", show_default=True, help="Who decides."),
        places,
        as_json,
    ]
    for option in reversed(options):
        run = option(run)
    return _command(action, more, *examples)(run)


def _carry_out(
    folder: str, name: str, order: Any, *, by: str, database: str, storage: str, as_json: bool
) -> None:
    with opened(folder, database, storage) as market:
        from yesman.marketplace.cases import case_of  # noqa: PLC0415 - of the extra
        from yesman.marketplace.deciding import Moderator  # noqa: PLC0415 - same
        from yesman.marketplace.orders import carry_out  # noqa: PLC0415 - same

        market.indexing().carry(lambda c: carry_out(c, Moderator.called(c, by), name, order))
        with market.database.reading() as connection:
            case = case_of(connection, name)
    _show_json(case) if as_json else render.say(_told(case))


def _told(case: Case) -> str:
    """Return a case as a person reads it."""
    about = {
        "Plugin": case.name, "Publisher": case.publisher, "State": case.state,
        "Waiting since": case.waiting_since or "not waiting", "Versions": list(case.versions[:20]),
    }  # fmt: skip
    about |= {f"Held {held.version}": held.reason for held in case.held}
    about |= {
        f"Revoked {entry.version or 'all'}": f"{entry.severity}: {entry.reason}" for entry in case.revoked
    }
    about |= {
        f"Asked {number}": f"about '{asked.action}' {asked.version}: {asked.text}"
        for number, asked in enumerate(case.requests, 1)
    }
    parts = [render.record(about)]
    if case.reports:
        rows = ((r.at, r.reporter, r.weight, r.kind, r.version, r.text) for r in case.reports)
        heads = ("REPORTED", "BY", "WEIGHT", "KIND", "VERSION", "TEXT")
        parts.append(render.table(heads, rows, dispensable=("VERSION", "REPORTED")))
    if case.decisions:
        decided = ((d.at, d.action, d.version, d.by or "(rules)", d.reason) for d in case.decisions)
        heads_of = ("DECIDED", "WHAT", "VERSION", "BY", "REASON")
        parts.append(render.table(heads_of, decided, dispensable=("VERSION",)))
    return "\n\n".join(parts)


def _show_json(value: object) -> None:
    import msgspec  # noqa: PLC0415 - help needs none of this

    render.show_json(msgspec.to_builtins(value))


restore = _action(
    "restore",
    "Its index is again what it was; open reports of it are dismissed, which costs their reporters weight.",
    'yesman market moderate restore ~/market diary --reason "It reads its own key"',
    'yesman market moderate restore ~/market diary --version 1.2 --reason "A false alarm"',
    version="possible",
)
dismiss = _action(
    "dismiss",
    "The plugin stays as it is. It costs their reporters weight.",
    'yesman market moderate dismiss ~/market diary --reason "Not so" --good-faith',
)
reject = _action(
    "reject",
    "It waits no longer; its author may ask once that it be looked at again.",
    'yesman market moderate reject ~/market diary --version 1.3 --reason "It reads ~/.ssh"',
    version="possible",
)
quarantine = _action(
    "quarantine",
    "Nobody finds or installs it until it is restored; who has it keeps it.",
    'yesman market moderate quarantine ~/market diary --reason "Being looked at"',
)
yank = _action(
    "yank",
    "Who has it keeps it; nobody else should install it.",
    'yesman market moderate yank ~/market diary 1.2 --reason "A hole; take 1.2.1"',
    version="needed",
)
unyank = _action(
    "unyank",
    "Also where its author has yanked it.",
    'yesman market moderate unyank ~/market diary 1.2 --reason "Mended"',
    version="needed",
)
remove = _action(
    "remove",
    "For good, with all its releases; its name is never given again. Who has it keeps it: revoke it as well.",
    "yesman market moderate remove ~/market diary --reason Malware",
)
revoke = _action(
    "revoke",
    "Every yesman that has it stops it within a minute and says why.",
    'yesman market moderate revoke ~/market diary --reason "It sends tokens away"',
    'yesman market moderate revoke ~/market diary --version 1.2 --soft --reason "It is slow"',
    version="possible",
    soft=True,
)
unrevoke = _action(
    "unrevoke",
    "With the same version as it was revoked with.",
    'yesman market moderate unrevoke ~/market diary --reason "By mistake"',
    version="possible",
)
