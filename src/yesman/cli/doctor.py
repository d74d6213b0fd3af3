"""``yesman doctor``: what this machine's kernel enforces, each layer proved by an attempt."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.client import dial
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.invocation import talk
from yesman.cli.server import degradation
from yesman.cli.terminal import plain
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation


@click.command(
    "doctor",
    help=catalogue.ROOT["doctor"].help + "\n\nExits with 1 when a layer is not enforced.",
    context_settings=CONTEXT,
    epilog=example("yesman doctor", "yesman doctor --json"),
)
@as_json
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """Check what this machine's kernel enforces."""
    from yesman.sandbox.probe import report  # noqa: PLC0415 - tries each layer, which no other command needs

    layers = report()
    server = _running_server(ctx.obj)
    missing = [layer for layer in layers if not layer.enforced]
    if as_json:
        rows = [
            {key: getattr(layer, key) for key in ("name", "enforced", "detail", "next_step")}
            for layer in layers
        ]
        render.show_json({"enforced": not missing, "layers": rows, "server": server})
    else:
        table = [(layer.name, "enforced" if layer.enforced else "MISSING", layer.detail) for layer in layers]
        render.say(render.table(("LAYER", "", ""), table))
        for layer in missing:
            render.note(f"{layer.name}: {layer.next_step}")
        if server is not None and server["missing"]:
            render.note(f"The running server: {plain(degradation(server))}")
    ctx.exit(1 if missing else 0)


def _running_server(invocation: Invocation) -> dict[str, Any] | None:
    """Return what the running server says of confinement, which may differ from what this command finds."""
    try:
        connection = dial(invocation.home)
        if connection is None:
            return None
        with closing(connection):
            connection.greet()
            found: dict[str, Any] = talk(connection, "server.status", "telling its state", {}).value
    except YesmanError:  # one of another version, or on its way out
        return None
    return found["confinement"]  # type: ignore[no-any-return]  # as the server sends it
