"""``yesman plugin sync``: exactly the plugins of another machine's ``plugin_registry.json``.

What always holds: the file is nobody's consent; everything it leads to is fetched, verified, looked at and
shown first, and then there is one question. Killed at any moment, what was done stays and the same command
goes on; done twice, it changes nothing the second time.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from yesman.cli import catalogue, consent, render, updating
from yesman.cli.failures import exit_code, told
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.install import Source, fetched
from yesman.cli.terminal import plain
from yesman.model.errors import NotFoundError, VerificationError, YesmanError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from yesman.cli.invocation import Invocation

SYNC: Final = """

FILE is the plugin_registry.json of another machine, by default the one in this folder. Afterwards the plugins
here have the same versions, contents, sources, signers, grants and pins, are enabled or disabled as there,
and what is not there is removed; its data is kept. Registries must be known here by the same names. Settings
and secrets are not in the file. What was installed from a folder has to be brought by hand.

What differs is shown, and asked about once. With --check nothing is changed; the exit code is 1 when
something differs."""


class Fetched(NamedTuple):
    """A package that is to be installed: the step, where it is, and what ``plugin.inspect`` says of it."""

    step: Mapping[str, Any]
    source: Source
    plugin: Mapping[str, Any]


@click.command(
    "sync",
    help=catalogue.PLUGIN["sync"].help + SYNC,
    epilog=example(
        "yesman plugin sync plugin_registry.json", "yesman plugin sync plugin_registry.json --check"
    ),
    context_settings=CONTEXT,
)
@click.argument("file", default="plugin_registry.json")
@click.option("--check", is_flag=True, help="Only say what differs.")
@click.option("--yes", is_flag=True, help="Do it, and grant what the file grants, without asking.")
@as_json
@click.pass_context
def command(context: click.Context, file: str, *, check: bool, yes: bool, as_json: bool) -> None:
    """Have exactly the plugins of another machine's lock file."""
    invocation: Invocation = context.obj
    params = {"file": os.path.realpath(file)}
    steps = invocation.call("plugin.differences", "it compared the plugins", params)
    if check:
        render.show_json(steps) if as_json else _tell(steps)
        context.exit(1 if steps else 0)
    failed = {step["name"]: _impossible(step) for step in steps if step["act"] == "impossible"}
    done = _brought(invocation, file, steps, failed, yes=yes)
    if as_json:
        render.show_json({"done": done, "failed": {name: told(error) for name, error in failed.items()}})
    elif not steps:
        render.say("All plugins are as the file has them.")
    codes = {exit_code(error) for error in failed.values()} or {0}
    context.exit(codes.pop() if len(codes) == 1 else 1)


def _brought(
    invocation: Invocation,
    file: str,
    steps: Sequence[Mapping[str, Any]],
    failed: dict[str, YesmanError],
    *,
    yes: bool,
) -> list[str]:
    """Look at all, ask once, do it; return what was done. Each on its own: one that fails keeps no other."""
    anew = [step for step in steps if step["act"] in {"install", "update"}]
    packages = [found for step in anew if (found := _fetched(invocation, step, failed))]
    others = [step for step in steps if step["act"] in {"change", "remove"}]
    _tell_failed(failed)
    if not packages and not others:
        return []
    _describe(packages, others)
    consent.confirm(
        "\nDo this, and grant what is named?",
        yes=yes,
        refusal="Nothing was changed",
        command=("yesman", "plugin", "sync", file, "--yes"),
    )
    by = "--yes" if yes else "terminal"
    installs = {p.step["name"]: partial(_install, invocation, p, by) for p in packages}
    removals = {s["name"]: partial(_remove, invocation, s) for s in others if s["act"] == "remove"}
    changes = {s["name"]: partial(_settle, invocation, s, by) for s in others if s["act"] == "change"}
    left: dict[str, Callable[[], None]] = {**installs, **removals, **changes}
    missed: dict[str, YesmanError] = {}
    while left:  # what needs another one comes after it, and what is in somebody's way goes
        missed = _tried(left)
        if missed.keys() == left.keys():
            break
        left = {name: left[name] for name in missed}
    _tell_failed(missed)
    failed |= missed
    return [name for name in (*installs, *removals, *changes) if name not in missed]


def _tried(work: Mapping[str, Callable[[], None]]) -> dict[str, YesmanError]:
    """Do all of it; return why something was not done, by plugin."""
    missed = {}
    for name, do in work.items():
        try:
            do()
        except YesmanError as error:
            missed[name] = error
    return missed


def _fetched(
    invocation: Invocation, step: Mapping[str, Any], failed: dict[str, YesmanError]
) -> Fetched | None:
    """Return the package that a step is about, if it is the one that the file means."""
    try:
        source = fetched(invocation, step["name"], step["version"], step["registry"])
        plugin = invocation.call("plugin.inspect", "it looked at the plugin", source.params)
        for field, what in (("digest", "content"), ("key", "signer")):
            if plugin[field] != step[field]:
                raise VerificationError(
                    f"in the registry {step['name']} {step['version']} has another {what} ({plugin[field]}) "
                    f"than in the file ({step[field]})",
                    "Find out which of them is right; it was not installed",
                )
    except YesmanError as error:
        failed[step["name"]] = error
        return None
    return Fetched(step, source, plugin)


def _describe(packages: Iterable[Fetched], others: Iterable[Mapping[str, Any]]) -> None:
    """Say what is about to be done."""
    for step, _, plugin in packages:
        render.note(consent.describe(plugin))
        if plugin["replaces"]:
            render.note(consent.describe_replacement(plugin["replaces"]["source"], plugin["source"]))
        render.note(f"\nOf what it asks for, the file grants: {_listed(step['grants'])}\n")
    rows = [step for step in others if step["act"] != "impossible"]
    if rows:
        _tell(rows, note=True)


def _tell(steps: Sequence[Mapping[str, Any]], *, note: bool = False) -> None:
    if not steps:
        render.say("All plugins are as the file has them.")
        return
    rows = ((s["name"], s["act"], s["before"] or "none", s["version"] or "none", _detail(s)) for s in steps)
    table = render.table(("NAME", "", "HERE", "IN THE FILE", "DIFFERS"), rows)
    render.note(table) if note else render.say(table)


def _detail(step: Mapping[str, Any]) -> str:
    if step["why"]:
        return str(step["why"])
    more = [text for text in step["grants"] if text not in step["held"]]
    less = [text for text in step["held"] if text not in step["grants"]]
    signs = [*(f"+{text}" for text in more), *(f"-{text}" for text in less)]
    return ", ".join((*(field for field in step["differs"] if field not in {"grants", "installed"}), *signs))


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(plain, texts)) or "nothing"


def _impossible(step: Mapping[str, Any]) -> YesmanError:
    why = f"{step['name']} {step['version']} cannot be got: {step['why']}"
    return NotFoundError(why, "Install it by hand, or publish it to a registry")


def _tell_failed(failed: Mapping[str, YesmanError]) -> None:
    for name, error in failed.items():
        render.note(f"{plain(name)}: {told(error)}")


def _install(invocation: Invocation, found: Fetched, by: str) -> None:
    step = found.step
    params = {
        **found.source.params,
        "digest": step["digest"],
        "name": step["name"],
        "replace": bool(found.plugin["replaces"]),
        "grants": step["grants"],
        "news": updating.news(found.plugin),
        "by": by,
    }
    answer = invocation.call("plugin.install", "it installed the plugin", params)
    for warning in answer["warnings"]:
        render.note(f"Warning: {plain(step['name'])}: {plain(warning)}")
    _settle(invocation, {**step, "held": step["grants"], "differs": ("pinned", "enabled")}, by)
    render.note(f"{plain(step['name'])} is {plain(step['version'])} now.")


def _remove(invocation: Invocation, step: Mapping[str, Any]) -> None:
    invocation.call("plugin.remove", "it removed the plugin", {"name": step["name"]})
    render.note(f"{plain(step['name'])} is removed.")


def _settle(invocation: Invocation, step: Mapping[str, Any], by: str) -> None:
    """Have grants, pin and being enabled as in the file; nothing is granted that was not asked for before."""
    name, differs = step["name"], step["differs"]
    less = [text for text in step["held"] if text not in step["grants"]]
    more = [text for text in step["grants"] if text not in step["held"]]
    for method, texts in (("plugin.revoke", less), ("plugin.grant", more)):
        if texts:
            params = {"name": name, "permissions": texts, "by": by}
            invocation.call(method, "it changed the grants", params)
    if "pinned" in differs:
        invocation.call("plugin.pin", "it changed that", {"name": name, "pinned": step["pinned"]})
    if "enabled" in differs:
        enabled = step["enabled"]
        method = "plugin.enable" if enabled else "plugin.disable"
        invocation.call(method, "it changed that", {"name": name})
