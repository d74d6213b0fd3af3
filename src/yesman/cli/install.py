"""``yesman plugin install``: look, ask, install.

What always holds: nothing of the plugin runs before the user consented, and what is installed
is the content that was shown, named by its digest.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, consent, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yesman.cli.invocation import Invocation


@click.command(
    "install",
    help=catalogue.PLUGIN["install"].help,
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin install ./my-plugin",
        "yesman plugin install ./github --yes --config github_token=…",
    ),
)
@click.argument("folder", metavar="DIR")
@click.option("--yes", is_flag=True, help="Grant the permissions it declares without asking.")
@click.option(
    "--config", "settings", multiple=True, metavar="KEY=VALUE", help="Set a setting. May be repeated."
)
@click.option("--link", is_flag=True, help="Use the folder itself from now on, for development.")
@as_json
@click.pass_obj
def command(
    invocation: Invocation, folder: str, settings: tuple[str, ...], *, yes: bool, link: bool, as_json: bool
) -> None:
    """Install a plugin, or update it."""
    chosen = dict(map(_setting, settings))
    path = os.path.realpath(folder)
    source = {"path": path, "link": link}
    plugin = invocation.call("plugin.inspect", "it looked at the plugin", source)
    render.note(consent.describe(plugin))
    again = _again(folder, settings, link=link)
    refusal = f"{plain(plugin['name'])} was not installed, because"
    if plugin["replaces"]:
        render.note(consent.describe_replacement(plugin["replaces"]["source"], path))
        consent.confirm(
            "\nReplace it?", yes=yes, refusal=f"{refusal} it would replace another", command=again
        )
    if asks_for_more(plugin):
        consent.confirm(
            "\nGrant these permissions?",
            yes=yes,
            refusal=f"{refusal} its permissions were not granted",
            command=again,
        )
    params = {
        **source,
        "digest": plugin["digest"],
        "consent": [p["permission"] for p in plugin["permissions"]],
        "config": chosen,
        "name": plugin["name"],
        "replace": bool(plugin["replaces"]),
    }
    answer = invocation.call("plugin.install", "it installed the plugin", params)
    render.show_json(answer) if as_json else _tell(answer)


def asks_for_more(plugin: Mapping[str, Any]) -> bool:
    """Tell whether there is anything to consent to that was not granted before."""
    return bool(plugin["added_permissions"] if plugin["installed"] else plugin["permissions"])


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise UsageError(f"'{plain(text)}' is no setting", "Write it like --config KEY=VALUE")
    return key, value


def _again(folder: str, settings: Sequence[str], *, link: bool) -> list[str]:
    options = [part for setting in settings for part in ("--config", setting)]
    return ["yesman", "plugin", "install", folder, "--yes", *options, *(["--link"] if link else [])]


def _tell(answer: Mapping[str, Any]) -> None:
    for warning in answer["warnings"]:
        render.note(f"Warning: {plain(warning)}")
    reason = f": {plain(answer['reason'])}" if answer["reason"] else ""
    name = f"{plain(answer['name'])} {plain(answer['version'])}"
    render.say(f"Installed {name}, which is now {plain(answer['state'])}{reason}.")
    for added in answer["commands"]:
        render.say(f"  yesman {plain(added)}")
