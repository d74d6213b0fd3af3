"""``yesman plugin config``: what a plugin is set to, and changing it.

What always holds: of a secret it shows whether it is set, to people and to programs alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.question import can_ask
from yesman.cli.terminal import plain
from yesman.model.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.cli.invocation import Invocation


@click.command(
    "config",
    help=f"{catalogue.PLUGIN['config'].help}\n\nWithout KEY all settings are shown, without VALUE this one; "
    "else it is changed. Of a secret it is shown whether it is set; without VALUE you are asked for it.",
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin config github-integration default_branch trunk",
        "yesman plugin config github-integration github_token",
        "gh auth token | yesman plugin config github-integration github_token --stdin",
        "yesman plugin config github-integration --unset default_branch",
    ),
)
@click.argument("name")
@click.argument("key", required=False)
@click.argument("value", required=False)
@click.option("--stdin", "piped", is_flag=True, help="Read VALUE from standard input.")
@click.option("--unset", multiple=True, metavar="KEY", help="Go back to the default. May be repeated.")
@as_json
@click.pass_obj
def command(
    invocation: Invocation,
    name: str,
    key: str | None,
    value: str | None,
    unset: tuple[str, ...],
    *,
    piped: bool,
    as_json: bool,
) -> None:
    """Show or change a plugin's settings."""
    if unset and key:
        raise UsageError("A setting is either given a value or unset", "Leave out KEY, or --unset")
    if piped and (key is None or value is not None):
        raise UsageError("--stdin gives a value to one setting", "Write KEY and no VALUE")
    if key is None:
        _show_all(_configured(invocation, name, unset=unset), as_json=as_json)
        return
    given = value if value is not None else _value(invocation, name, key, piped=piped, as_json=as_json)
    if given is None:
        return
    answer = _configured(invocation, name, {key: given})
    if value is not None and key in answer["secrets"]:
        render.note(exposed(f"yesman plugin config {plain(name)} {plain(key)}"))
    _show_all(answer, as_json=as_json)


def shown(plugin: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings in the answer ``plugin`` as people are shown them."""
    return {**plugin["config"], **{key: _state(is_set=held) for key, held in plugin["secrets"].items()}}


def exposed(command: str) -> str:
    """Return a warning: a secret was on a command line; ``command`` asks for it."""
    return (
        "Warning: a secret on a command line is seen by whoever lists processes meanwhile, and your shell "
        f"may have noted it down. This asks for it instead, or reads it with --stdin: {command}"
    )


def _configured(
    invocation: Invocation, name: str, changes: dict[str, str] | None = None, unset: tuple[str, ...] = ()
) -> Any:
    params = {"name": name, "set": changes or {}, "unset": list(unset)}
    return invocation.call("plugin.config", "it looked at the settings", params)


def _value(invocation: Invocation, name: str, key: str, *, piped: bool, as_json: bool) -> str | None:
    """Return a value that is not on the command line; None where the setting is only to be shown."""
    from yesman.cli import secret_input  # noqa: PLC0415 - only where something is asked or read

    if piped:
        return secret_input.read()
    answer = _configured(invocation, name)
    if key in answer["secrets"] and can_ask() and not as_json:
        return secret_input.ask(f"{plain(key)} of {plain(name)} (it is not shown): ")
    _show_one(answer, key, as_json=as_json)
    return None


def _show_one(answer: Mapping[str, Any], key: str, *, as_json: bool) -> None:
    if key in answer["secrets"]:
        held = answer["secrets"][key]
        render.show_json({"set": held}) if as_json else render.say(_state(is_set=held))
        return
    if key not in answer["config"]:
        raise NotFoundError(
            f"The setting '{plain(key)}' has no value", f"See: yesman plugin config {answer['name']}"
        )
    value = answer["config"][key]
    render.show_json(value) if as_json else render.say(render.value_text(value))


def _show_all(answer: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        render.show_json(answer)
        return
    settings = shown(answer)
    if settings:
        render.say(render.record(settings))
    elif not answer["missing"]:
        render.note(f"{plain(answer['name'])} has no settings.")
    for key in answer["missing"]:
        render.note(to_set(answer["name"], key, secret=key in answer["secrets"]))


def to_set(plugin: str, key: str, *, secret: bool) -> str:
    """Return a line that says how a required setting is set; of a secret the value is asked for."""
    return f"Not set yet: yesman plugin config {plain(plugin)} {plain(key)}{'' if secret else ' VALUE'}"


def _state(*, is_set: bool) -> str:
    return "set" if is_set else "not set"
