"""``yesman plugin install``: look, ask, install.

What always holds: nothing of the plugin runs before the user consented, and what is installed
is the content that was shown, named by its digest.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, config, consent, render
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
        "yesman plugin install my-plugin-1.0.0.yplug",
        "yesman plugin install ./github --yes --config default_branch=trunk",
        "yesman plugin install ./github --grants grants.yaml",
    ),
)
@click.argument("folder", metavar="DIR|FILE")
@click.option("--yes", is_flag=True, help="Grant the permissions it declares without asking.")
@click.option(
    "--config", "settings", multiple=True, metavar="KEY=VALUE", help="Set a setting. May be repeated."
)
@click.option(
    "--grants", "grants_file", metavar="FILE", help="Grant what FILE says, for machines without a terminal."
)
@click.option("--link", is_flag=True, help="Use the folder itself from now on, for development.")
@as_json
@click.pass_obj
def command(
    invocation: Invocation,
    folder: str,
    settings: tuple[str, ...],
    grants_file: str | None,
    *,
    yes: bool,
    link: bool,
    as_json: bool,
) -> None:
    """Install a plugin, or update it."""
    if yes and grants_file:
        raise UsageError("--yes and --grants exclude each other", "Leave one of them out")
    chosen = dict(map(_setting, settings))
    path = os.path.realpath(folder)
    source = {"path": path, "link": link}
    plugin = invocation.call("plugin.inspect", "it looked at the plugin", source)
    render.note(consent.describe(plugin))
    repeatable = [text for text in settings if text.partition("=")[0] in plugin["plain_settings"]]
    again = _again(folder, repeatable, grants_file, link=link)
    refusal = f"{plain(plugin['name'])} was not {'updated' if plugin['installed'] else 'installed'}, because"
    if plugin["replaces"]:
        render.note(consent.describe_replacement(plugin["replaces"]["source"], path))
        consent.confirm(
            "\nReplace it?", yes=yes, refusal=f"{refusal} it would replace another", command=again
        )
    if grants_file:
        said = _by_file(plugin, grants_file)
    else:
        said = _asked(plugin, yes=yes, refusal=refusal, again=again)
    params = {
        **source,
        "digest": plugin["digest"],
        "config": chosen,
        "name": plugin["name"],
        "replace": bool(plugin["replaces"]),
        **said,
    }
    answer = invocation.call("plugin.install", "it installed the plugin", params)
    for key in chosen.keys() - set(plugin["plain_settings"]):
        render.note(config.exposed(f"yesman plugin config {plain(plugin['name'])} {plain(key)}"))
    render.show_json(answer) if as_json else _tell(answer)


def _asked(plugin: Mapping[str, Any], *, yes: bool, refusal: str, again: Sequence[str]) -> dict[str, Any]:
    """Return the user's answer, unless it is no; only where there is something new, they are asked."""
    new = asks_for_more(plugin)
    if new:
        consent.confirm(
            "\nGrant these permissions?",
            yes=yes,
            refusal=f"{refusal} its permissions were not granted",
            command=again,
        )
    return {
        "consent": plugin["added_permissions"],
        "by": "--yes" if yes else "terminal" if new else "command line",
    }


def _by_file(plugin: Mapping[str, Any], path: str) -> dict[str, Any]:
    from yesman.cli.grants_file import GrantsFile  # noqa: PLC0415 - brings the YAML parser

    grants = GrantsFile.read(Path(path)).of(plugin["name"], plugin["digest"]) if plugin["permissions"] else ()
    return {"grants": list(grants), "by": "grants file"}


def asks_for_more(plugin: Mapping[str, Any]) -> bool:
    """Tell whether there is anything to consent to that was not granted before."""
    return bool(plugin["added_permissions"])


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise UsageError("What follows --config is no setting", "Write it like --config KEY=VALUE")
    return key, value


def _again(folder: str, settings: Sequence[str], grants_file: str | None, *, link: bool) -> list[str]:
    options = [part for setting in settings for part in ("--config", setting)]
    consenting = ["--grants", grants_file] if grants_file else ["--yes"]
    return ["yesman", "plugin", "install", folder, *consenting, *options, *(["--link"] if link else [])]


def _tell(answer: Mapping[str, Any]) -> None:
    for warning in answer["warnings"]:
        render.note(f"Warning: {plain(warning)}")
    reason = f": {plain(answer['reason'])}" if answer["reason"] else ""
    name = f"{plain(answer['name'])} {plain(answer['version'])}"
    render.say(f"Installed {name}, which is now {plain(answer['state'])}{reason}.")
    for added in answer["commands"]:
        render.say(f"  yesman {plain(added)}")
