"""``yesman plugin …``, but for what have modules of their own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, config, grants, limits, render
from yesman.cli.group import LazyGroup, as_json, described, example
from yesman.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yesman.cli.invocation import Invocation

group = LazyGroup(
    "plugin",
    catalogue.PLUGIN,
    help=catalogue.ROOT["plugin"].help,
    epilog=example("yesman plugin install ./my-plugin", "yesman plugin list"),
)
"""``yesman plugin``."""


_command = described(catalogue.PLUGIN)


@_command("list", "", "yesman plugin list", "yesman plugin list --json")
@as_json
@click.pass_obj
def list_(invocation: Invocation, *, as_json: bool) -> None:
    """List plugins and their states."""
    plugins = invocation.call("plugin.list", "it listed the plugins")
    if as_json:
        render.show_json(plugins)
    elif not plugins:
        render.note("No plugins are installed. Install one: yesman plugin install DIR")
    else:
        keys = ("name", "version", "type", "state", "commands")
        rows = ([*(row[key] for key in keys), row["reason"] or row["description"]] for row in plugins)
        render.say(render.table([*map(str.upper, keys), ""], rows, dispensable=("TYPE", "COMMANDS")))
    if plugins and plugins[0]["degraded"]:
        render.note(plain(plugins[0]["degraded"]))


@_command("show", "", "yesman plugin show git-insight")
@click.argument("name")
@as_json
@click.pass_obj
def show(invocation: Invocation, name: str, *, as_json: bool) -> None:
    """Show everything about one plugin."""
    plugin = invocation.call("plugin.show", "it looked at the plugin", {"name": name})
    if as_json:
        render.show_json(plugin)
        return
    render.say(render.record(_about(plugin)))
    if plugin["permissions"]:
        render.say("\n" + render.table(grants.HEADS, map(grants.row, plugin["permissions"])))
    _section(("COMMAND", ""), ("name", "description"), plugin["commands"])
    settings = [{"name": key, "value": value} for key, value in config.shown(plugin).items()]
    _section(("SETTING", "VALUE"), ("name", "value"), settings)
    crashes = [_crash(crash) for crash in plugin["crashes"]]
    _section(("CRASHED", "", "DURING", "CPU", "PEAK"), ("time", "why", "during", "cpu", "peak"), crashes)
    for line in plugin["crashes"][-1]["log"] if crashes else ():
        render.say(f"  {plain(line)}")
    render.say("\n" + render.table(limits.HEADS, limits.rows(plugin["limits"])))


def _about(plugin: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("name", "version", "type", "state", "reason", "author", "description", "homepage", "license")
    more = (
        "source",
        "linked",
        "installed_at",
        "pinned",
        "previous",
        "digest",
        "hooks",
        "providers",
        "panels",
    )
    last = ("dependencies", "needs", "needed_by", "missing_config", "data_dir", "log")
    return {key.replace("_", " ").capitalize(): plugin[key] for key in keys + more + last if plugin[key]}


def _crash(crash: Mapping[str, Any]) -> dict[str, str]:
    return {
        "time": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(crash["time"])),
        "why": f"{crash['why']} ({crash['end']})" if crash["why"] else crash["end"],
        "during": crash["during"],
        "cpu": f"{crash['cpu_ms'] / 1000:.1f} s",
        "peak": f"{crash['peak_kib'] / 1024:.0f} MiB",
    }


def _section(heads: tuple[str, ...], keys: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        render.say("\n" + render.table(heads, ([row[key] for key in keys] for row in rows)))


@_command("enable", "Also lifts a quarantine.", "yesman plugin enable git-insight")
@click.argument("name")
@as_json
@click.pass_obj
def enable(invocation: Invocation, name: str, *, as_json: bool) -> None:
    """Let a plugin run again."""
    answer = invocation.call("plugin.enable", "it enabled the plugin", {"name": name})
    if as_json:
        render.show_json(answer)
    else:
        render.say(f"{plain(answer['name'])} is {plain(answer['state'])}.")


@_command("disable", "", "yesman plugin disable git-insight")
@click.argument("name")
@as_json
@click.pass_obj
def disable(invocation: Invocation, name: str, *, as_json: bool) -> None:
    """Stop a plugin and keep it installed."""
    answer = invocation.call("plugin.disable", "it disabled the plugin", {"name": name})
    if as_json:
        render.show_json(answer)
    else:
        render.say(f"{plain(answer['name'])} is disabled.")
        _tell_needed(answer)


@_command(
    "remove",
    "Its data is kept unless --purge is given.",
    "yesman plugin remove git-insight",
    "yesman plugin remove git-insight --purge --yes",
)
@click.argument("name")
@click.option("--purge", is_flag=True, help="Delete its data as well.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@click.pass_obj
def remove(invocation: Invocation, name: str, *, purge: bool, yes: bool, as_json: bool) -> None:
    """Remove a plugin."""
    if purge:
        from yesman.cli.consent import confirm  # noqa: PLC0415 - only when there is something to ask

        confirm(
            f"Delete all data of {plain(name)}?",
            yes=yes,
            refusal="Nothing was removed",
            command=("yesman", "plugin", "remove", name, "--purge", "--yes"),
        )
    params = {"name": name, "purge": purge}
    answer = invocation.call("plugin.remove", "it removed the plugin", params)
    if as_json:
        render.show_json(answer)
    else:
        kept = f" Its data is kept in {plain(answer['data_dir'])}." if answer["data_dir"] else ""
        render.say(f"{plain(answer['name'])} is removed.{kept}")
        _tell_needed(answer)


def _tell_needed(answer: Mapping[str, Any]) -> None:
    for other in answer["needed_by"]:
        render.note(f"{plain(other)} needs it and does not run without it.")


@_command("logs", "With -f it goes on until Ctrl-C.", "yesman plugin logs -f git-insight")
@click.argument("name")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written from now on.")
@click.option("-n", "--lines", type=click.IntRange(min=0), default=100, show_default=True, metavar="N")
@as_json
@click.pass_obj
def logs(invocation: Invocation, name: str, lines: int, *, follow: bool, as_json: bool) -> None:
    """Show what a plugin has logged."""
    from yesman.cli.display import Display, LineDisplay  # noqa: PLC0415 - only this command shows output

    display = LineDisplay() if as_json else Display()
    params = {"name": name, "lines": lines, "follow": follow}
    invocation.converse("plugin.logs", "it read the log", params, display)
