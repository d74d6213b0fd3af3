"""``yesman doctor``: what this machine's kernel enforces, each layer proved by an attempt."""

from __future__ import annotations

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example


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
    missing = [layer for layer in layers if not layer.enforced]
    if as_json:
        rows = [
            {key: getattr(layer, key) for key in ("name", "enforced", "detail", "next_step")}
            for layer in layers
        ]
        render.show_json({"enforced": not missing, "layers": rows})
    else:
        table = [(layer.name, "enforced" if layer.enforced else "MISSING", layer.detail) for layer in layers]
        render.say(render.table(("LAYER", "", ""), table))
        for layer in missing:
            render.note(f"{layer.name}: {layer.next_step}")
    ctx.exit(1 if missing else 0)
