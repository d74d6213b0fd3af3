"""``yesman provider …``: what plugins provide, how it is, and calls of it by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import LazyGroup, as_json, described, example
from yesman.cli.terminal import plain, sentence
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yesman.cli.invocation import Invocation

group = LazyGroup(
    "provider",
    catalogue.PROVIDER,
    help=catalogue.ROOT["provider"].help,
    epilog=example("yesman provider list"),
)
"""``yesman provider``."""
HEADS = ("NAME", "INTERFACE", "PLUGIN", "STATE", "DETAIL")


_command = described(catalogue.PROVIDER)


@_command(
    "list",
    "A provider is idle until it is used for the first time, then connected. One that could not be "
    "connected is failed, and tried again at the next use; one whose plugin is disabled or lacks settings "
    "is unavailable.",
    "yesman provider list",
)
@as_json
@click.pass_obj
def list_(invocation: Invocation, *, as_json: bool) -> None:
    """List providers and how they are."""
    _tell(invocation.call("provider.list", "it listed the providers"), as_json=as_json)


@_command("show", "", "yesman provider show git")
@click.argument("name")
@as_json
@click.pass_obj
def show(invocation: Invocation, name: str, *, as_json: bool) -> None:
    """Show one provider with its methods."""
    provider = invocation.call("provider.show", "it showed the provider", {"name": name})
    if as_json:
        render.show_json(provider)
        return
    last = provider["last_error"]
    shown = {
        "Provider": provider["name"],
        "Interface": provider["interface"],
        "Plugin": provider["plugin"],
        "State": _state(provider),
        "Last error": sentence(last["message"]) if last else "none",
        "Used by": ", ".join(provider["used_by"]) or "no plugin",
    }
    render.say(render.record(shown))
    rows = [(_signature(method), method["result"]) for method in provider["methods"]]
    if rows:
        render.say("\n" + render.table(("METHOD", "RETURNS"), rows))


@_command(
    "check",
    "Starts and connects what is not yet. Ends with 1 if one of them does not work.",
    "yesman provider check",
    "yesman provider check git --json",
)
@click.argument("names", nargs=-1, metavar="[NAME]…")
@as_json
@click.pass_context
def check(context: click.Context, names: tuple[str, ...], *, as_json: bool) -> None:
    """Connect providers and say whether they work."""
    invocation: Invocation = context.obj
    providers = invocation.call("provider.check", "it checked the providers", {"names": names})
    _tell(providers, as_json=as_json)
    if any(provider["state"] != "connected" for provider in providers):
        context.exit(1)


@_command(
    "call",
    "Arguments are written NAME=VALUE; of a list, once for each item.",
    "yesman provider call git create_branch name=topic",
    "yesman provider call git commit message='Fix it' files=a.py files=b.py",
)
@click.argument("name")
@click.argument("method")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]…")
@as_json
@click.pass_obj
def call(
    invocation: Invocation, name: str, method: str, arguments: tuple[str, ...], *, as_json: bool
) -> None:
    """Call a method of a provider."""
    known = invocation.call("provider.show", "it looked at the provider", {"name": name})["methods"]
    parameters: list[dict[str, Any]] = next((m["parameters"] for m in known if m["name"] == method), [])
    params = {"name": name, "operation": method, "arguments": parsed(arguments, parameters)}
    value = invocation.call("provider.call", f"{plain(name)} did it", params)
    if as_json:
        render.show_json(value)
    elif value is not None:
        render.say(render.value_text(value))


def parsed(written: Sequence[str], parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return arguments by name; what is of no known name is passed on as text, for the server to refuse.

    Raises:
        UsageError: One is not of the form NAME=VALUE, or one that is no list is given twice.
    """
    lists = {parameter["name"] for parameter in parameters if parameter["type"].startswith("list")}
    found: dict[str, Any] = {name: [] for name in lists if any(w.startswith(f"{name}=") for w in written)}
    for text in written:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise UsageError(f"'{plain(text)}' is no argument", "Write it like name=topic")
        if name in lists:
            found[name].append(value)
        elif name in found:
            raise UsageError(f"'{plain(name)}' is given twice", "Leave one of them out")
        else:
            found[name] = value
    return found


def _tell(providers: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    if as_json:
        render.show_json(providers)
    elif not providers:
        render.note("No plugin provides anything. See what is installed: yesman plugin list")
    else:
        render.say(render.table(HEADS, map(_row, providers)))


def _row(provider: Mapping[str, Any]) -> tuple[Any, ...]:
    last = provider["last_error"]
    detail = provider["reason"] or (f"last error: {last['message']}" if last else "")
    return (*(provider[key] for key in ("name", "interface", "plugin", "state")), sentence(detail))


def _state(provider: Mapping[str, Any]) -> str:
    reason = f": {sentence(provider['reason'])}" if provider["reason"] else ""
    return f"{provider['state']}{reason}"


def _signature(method: Mapping[str, Any]) -> str:
    parts = [
        f"{p['name']}: {p['type']}" if p["required"] else f"[{p['name']}: {p['type']}]"
        for p in method["parameters"]
    ]
    return f"{method['name']}({', '.join(parts)})"
