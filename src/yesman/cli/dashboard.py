"""``yesman dashboard``: sessions, plugins and their panels on one screen."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from yesman.cli import catalogue
from yesman.cli.extras import require
from yesman.cli.group import CONTEXT, example
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation


@click.command(
    "dashboard",
    help=f"{catalogue.ROOT['dashboard'].help}\n\nIn the terminal: Tab moves on, arrows choose, the last line "
    "shows the keys, Ctrl-P finds everything else.",
    context_settings=CONTEXT,
    epilog=example("yesman dashboard --tui"),
)
@click.option("--tui", is_flag=True, help="In this terminal.")
@click.pass_obj
def command(invocation: Invocation, *, tui: bool) -> None:
    """Watch sessions and plugins on one screen."""
    if not tui:
        raise UsageError(
            "The dashboard in the browser is not there yet", "In this terminal: yesman dashboard --tui"
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("The dashboard needs a terminal", "Elsewhere: yesman session ls, yesman plugin list")
    require("dashboard", "The dashboard", ["textual"])
    with closing(invocation.connect()):  # starts the server, and makes sure that it is of this version
        from yesman.dashboard.terminal.app import Dashboard  # noqa: PLC0415 - of the extra

        dashboard = Dashboard(invocation.home.socket)
        code = dashboard.run()
    sys.exit(code or dashboard.return_code or 0)
