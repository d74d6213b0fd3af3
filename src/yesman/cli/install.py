"""``yesman plugin install``: look, ask, install.

What always holds: nothing of the plugin runs before the user consented, and what is installed
is the content that was shown, named by its digest.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from yesman.cli import catalogue, config, consent, render, updating
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.program import running
from yesman.cli.question import can_ask
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError
from yesman.model.lifecycle import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yesman.cli.invocation import Invocation


@click.command(
    "install",
    help=catalogue.PLUGIN["install"].help,
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin install git-insight",
        "yesman plugin install git-insight==1.2.0 --registry team",
        "yesman plugin install ./my-plugin",
        "yesman plugin install my-plugin-1.0.0.yplug",
        "yesman plugin install ./github --yes --config default_branch=trunk",
        "yesman plugin install ./github --grants grants.yaml",
    ),
)
@click.argument("target", metavar="NAME|DIR|FILE")
@click.option("--registry", default="", metavar="NAME", help="Which registry to take it from, of several.")
@click.option("--yes", is_flag=True, help="Grant the permissions it declares without asking.")
@click.option(
    "--config", "settings", multiple=True, metavar="KEY=VALUE", help="Set a setting. May be repeated."
)
@click.option(
    "--grants", "grants_file", metavar="FILE", help="Grant what FILE says, for machines without a terminal."
)
@click.option("--diff", is_flag=True, help="Before an update, show how its files differ.")
@click.option("--despite-scan", is_flag=True, help="Install it whatever the scan has found.")
@click.option("--link", is_flag=True, help="Use the folder itself from now on, for development.")
@as_json
@click.pass_obj
def command(
    invocation: Invocation,
    target: str,
    registry: str,
    settings: tuple[str, ...],
    grants_file: str | None,
    *,
    yes: bool,
    diff: bool,
    despite_scan: bool,
    link: bool,
    as_json: bool,
) -> None:
    """Install a plugin, or update it."""
    if yes and grants_file:
        raise UsageError("--yes and --grants exclude each other", "Leave one of them out")
    if _is_name(invocation, target, registry):
        if link:
            raise UsageError(
                f"{target} is the name of a plugin, and only a folder can be linked", "Leave out --link"
            )
        name, _, version = target.partition("==")
        source = fetched(invocation, name, version, registry)
    else:
        source = Source.at(target, link=link)
    answer = install(invocation, source, settings, grants_file, yes=yes, despite_scan=despite_scan, diff=diff)
    render.show_json(answer) if as_json else tell(answer)


NOBODY_AGREED: Final = "nobody agreed to what was found"


def _is_name(invocation: Invocation, target: str, registry: str) -> bool:
    """Tell whether ``target`` names a plugin of a registry, and no folder or file.

    Raises:
        UsageError: It might be both: a folder that lies around must not be taken for a plugin.
    """
    from yesman.model.manifest_schema import NAME  # noqa: PLC0415 - brings the schema's library

    named = re.fullmatch(rf"{NAME}(?:==[^/]+)?", target, re.ASCII) is not None
    here = os.path.lexists(target)
    if named and here and not registry and invocation.call("market.list", "it listed the registries"):
        raise UsageError(
            f"{target} may be the plugin of that name, or what is here",
            f"For what is here write ./{target}, for the plugin add --registry NAME",
        )
    return bool(registry) or (named and not here)


class Source(NamedTuple):
    """Where a plugin is installed from.

    Attributes:
        params: How the server is told.
        typed: What the user typed after ``yesman plugin install`` for it.
    """

    params: dict[str, Any]
    typed: tuple[str, ...]

    @classmethod
    def at(cls, folder: str, *, link: bool = False) -> Source:
        """Return what is at a path."""
        params = {"path": os.path.realpath(folder), "link": link}
        return cls(params, (folder, "--link") if link else (folder,))


def fetched(invocation: Invocation, name: str, version: str = "", registry: str = "") -> Source:
    """Have a package fetched from a registry and verified; say what users are warned of.

    Raises:
        YesmanError: It was not, or cannot be believed.
    """
    params = {"name": name, "version": version, "registry": registry}
    got = invocation.call("market.fetch", "it fetched the package", params)
    for warning in filter(None, (got["warning"], got["yanked"] and f"it was yanked: {got['yanked']}")):
        render.note(f"Warning: {plain(name)} {plain(got['version'])}: {plain(warning)}")
    if got["metadata"]:
        render.note(dated(got["metadata"]))
    if not got["claimed"]:
        render.note(f"Nobody but the registry's server says that the name {plain(name)} is the publisher's.")
    typed = f"{name}=={got['version']}"
    return Source({"fetched": got["fetched"]}, (typed, *(("--registry", registry) if registry else ())))


def inspected(invocation: Invocation, source: Source) -> dict[str, Any]:
    """Return what would be installed, and what the user would be asked."""
    found: dict[str, Any] = invocation.call("plugin.inspect", "it looked at the plugin", source.params)
    return found


def dated(metadata: Mapping[str, str]) -> str:
    """Return how old what a registry in a folder says is."""
    made = plain(metadata["made"])[:16].replace("T", " ")
    age, left = plain(metadata["age"]), plain(metadata["left"])
    return f"The registry's metadata is of {made} UTC, {age} ago; it is good for another {left}."


def install(
    invocation: Invocation,
    source: Source,
    settings: tuple[str, ...] = (),
    grants_file: str | None = None,
    *,
    yes: bool = False,
    despite_scan: bool = False,
    brief: bool = False,
    diff: bool = False,
) -> dict[str, Any]:
    """Look, ask, install; return the server's answer. With ``brief`` say nothing if there is nothing to ask.

    With ``diff`` the differences of an update's files are shown before the question.

    Raises:
        YesmanError: It was not installed; the message says why.
    """
    chosen = dict(map(_setting, settings))
    plugin = inspected(invocation, source)
    if asks_for_more(plugin) or not brief:
        render.note(consent.describe(plugin))
    if diff:
        lines = invocation.call("plugin.difference", "it compared the files", source.params)
        render.note("\n".join(updating.shown(lines)))
    repeatable = [text for text in settings if text.partition("=")[0] in plugin["plain_settings"]]
    again = _again(source, repeatable, grants_file)
    refusal = f"{plain(plugin['name'])} was not {'updated' if plugin['installed'] else 'installed'}, because"
    if plugin["replaces"]:
        render.note(consent.describe_replacement(plugin["replaces"]["source"], plugin["source"]))
        consent.confirm(
            "\nReplace it?", yes=yes, refusal=f"{refusal} it would replace another", command=again
        )
    despite = _overruled(plugin["scan"]["verdict"], refusal, [*again, "--despite-scan"], agreed=despite_scan)
    if grants_file:
        said = _by_file(plugin, grants_file)
    else:
        said = _asked(plugin, yes=yes, refusal=refusal, again=again)
    params = {
        **source.params,
        "digest": plugin["digest"],
        "config": chosen,
        "name": plugin["name"],
        "replace": bool(plugin["replaces"]),
        "despite": despite,
        "news": updating.news(plugin),
        **said,
    }
    answer: dict[str, Any] = invocation.call("plugin.install", "it installed the plugin", params)
    for key in chosen.keys() - set(plugin["plain_settings"]):
        render.note(config.exposed(f"yesman plugin config {plain(plugin['name'])} {plain(key)}"))
    return answer


def _overruled(verdict: str, refusal: str, again: Sequence[str], *, agreed: bool) -> str:
    """Return the verdict of a scan that the user goes on despite of; "" leaves the refusal to the server."""
    if verdict not in {"quarantined", "refused"}:
        return ""
    if not agreed and not can_ask():
        return ""
    consent.confirm(
        "\nInstall it despite what was found?",
        yes=agreed,
        refusal=f"{refusal} the scan ended with '{verdict}'",
        command=again,
    )
    return verdict


def _asked(plugin: Mapping[str, Any], *, yes: bool, refusal: str, again: Sequence[str]) -> dict[str, Any]:
    """Return the user's answer, unless it is no; only where there is something new, they are asked."""
    new, warned = asks_for_more(plugin), plugin["scan"]["verdict"] == "warned"
    if new or warned:
        question, why = "Install it with what was found?", NOBODY_AGREED
        if plugin["added_permissions"]:
            question, why = "Grant these permissions?", "its permissions were not granted"
        elif new:
            question, why = "Update it with what is new?", "nobody agreed to what is new"
        consent.confirm(f"\n{question}", yes=yes, refusal=f"{refusal} {why}", command=again)
    return {
        "consent": plugin["added_permissions"],
        "by": "--yes" if yes else "terminal" if new or warned else "command line",
    }


def _by_file(plugin: Mapping[str, Any], path: str) -> dict[str, Any]:
    from yesman.cli.grants_file import GrantsFile  # noqa: PLC0415 - brings the YAML parser

    grants = GrantsFile.read(Path(path)).of(plugin["name"], plugin["digest"]) if plugin["permissions"] else ()
    return {"grants": list(grants), "by": "grants file"}


def asks_for_more(plugin: Mapping[str, Any]) -> bool:
    """Tell whether there is anything to consent to that was not granted before."""
    return bool(plugin["added_permissions"] or updating.news(plugin))


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise UsageError("What follows --config is no setting", "Write it like --config KEY=VALUE")
    return key, value


def _again(source: Source, settings: Sequence[str], grants_file: str | None) -> list[str]:
    options = [part for setting in settings for part in ("--config", setting)]
    consenting = ["--grants", grants_file] if grants_file else ["--yes"]
    return ["yesman", "plugin", "install", source.typed[0], *consenting, *options, *source.typed[1:]]


def tell(answer: Mapping[str, Any]) -> None:
    """Say what was installed, and what to do next."""
    for warning in answer["warnings"]:
        render.note(f"Warning: {plain(warning)}")
    name, reason = f"{plain(answer['name'])} {plain(answer['version'])}", plain(answer["reason"])
    if answer["state"] == State.NEEDS_CONFIG.value:
        render.say(f"Installed {name}, which {reason} before it can run.")
        render.say(f"  yesman plugin config {plain(answer['name'])}")
    else:
        why = f": {reason}" if reason else ""
        render.say(f"Installed {name}, which is now {plain(answer['state'])}{why}.")
    for added in answer["commands"]:
        render.say(f"  {running().name} {plain(added)}")
