"""``yesman plugin info`` and ``update``: what registries have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, consent, render
from yesman.cli.failures import exit_code, told
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.install import asks_for_more, dated, fetched, inspected, install, tell
from yesman.cli.terminal import plain
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.cli.invocation import Invocation

UPDATE = """

Nothing is taken that is younger than two days, not by name either, unless --now is given or it replaces a
release that was revoked. You are shown what changes, and asked where an update wants more permissions, brings
packages that were not there, or is signed with another key; until you agree, what is installed goes on.

With --check nothing is changed; the exit code is 1 when there is an update to take, and --json
says of each what you would be asked."""


@click.command(
    "info",
    help=catalogue.PLUGIN["info"].help,
    epilog=example("yesman plugin info git-insight", "yesman plugin info git-insight --registry team"),
    context_settings=CONTEXT,
)
@click.argument("name")
@click.option("--registry", default="", metavar="NAME", help="Which registry to ask, of several.")
@as_json
@click.pass_obj
def info(invocation: Invocation, name: str, registry: str, *, as_json: bool) -> None:
    """Show what a registry has of a plugin."""
    params = {"name": name, "registry": registry}
    found = invocation.call("market.look", "it asked the registry", params)
    if as_json:
        render.show_json(found)
        return
    newest = next(row for row in found["releases"] if row["version"] == found["newest"])
    about = {
        "Plugin": found["name"],
        "Registry": found["registry"],
        "Publisher": found["publisher"],
        "Signed with": consent.fingerprint(newest["signer"]),
        "Description": newest["description"],
        "Type": newest["type"],
        "Permissions": ", ".join(newest["permissions"]) or "none",
        "Dependencies": ", ".join(newest["dependencies"]) or "none",
    }
    if found.get("metadata"):
        render.note(dated(found["metadata"]))
    render.say(render.record(about))
    rows = [_release(row) for row in reversed(found["releases"])]
    render.say("\n" + render.table(("VERSION", "PUBLISHED", "SIZE", ""), rows))


def _release(row: Mapping[str, Any]) -> tuple[str, ...]:
    if row["revoked"]:
        note = f"revoked: {row['revoked']}"
    elif row["yanked"]:
        note = f"yanked: {row['yanked']}"
    elif not row["runs_here"]:
        note = "does not work with this version of yesman"
    else:
        note = row["warning"] or ("scanned with warnings" if row["scan"] == "warned" else "")
    return row["version"], row["published"][:10], f"{row['length'] / 1000:.0f} kB", note


@click.command(
    "update",
    help=catalogue.PLUGIN["update"].help + UPDATE,
    epilog=example(
        "yesman plugin update", "yesman plugin update git-insight", "yesman plugin update --check"
    ),
    context_settings=CONTEXT,
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--check", is_flag=True, help="Only say what there is.")
@click.option("--now", is_flag=True, help="Take releases that are younger than two days as well.")
@click.option("--diff", is_flag=True, help="Show how files differ before you are asked.")
@click.option("--yes", is_flag=True, help="Agree to what is new in updates without being asked.")
@as_json
@click.pass_context
def update(
    context: click.Context,
    names: tuple[str, ...],
    *,
    check: bool,
    now: bool,
    diff: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Update plugins from their registries."""
    invocation: Invocation = context.obj
    rows = invocation.call("market.updates", "it asked the registries", {"names": names})
    due = [
        row for row in rows if row["update"] and (not row["waits"] or (now and "pinned" not in row["waits"]))
    ]
    if check:
        for row in due if as_json else ():
            row["changes"] = _changes(invocation, row)
        render.show_json(rows) if as_json else _tell_check(rows)
        context.exit(1 if due else 0)
    done, failed = _take(invocation, due, yes=yes, diff=diff)
    if as_json:
        render.show_json({"updated": done, "failed": {name: told(error) for name, error in failed.items()}})
    else:
        for row in rows:
            if row["waits"] and row not in due:
                what = f" {plain(row['update'])}" if row["update"] else ""
                render.note(f"{plain(row['name'])}{what} is not taken: {plain(row['waits'])}")
        if not due:
            render.say("Nothing to update.")
    codes = {exit_code(error) for error in failed.values()} or {0}
    context.exit(codes.pop() if len(codes) == 1 else 1)


def _take(
    invocation: Invocation, due: list[dict[str, Any]], *, yes: bool, diff: bool
) -> tuple[list[dict[str, Any]], dict[str, YesmanError]]:
    """Install what is due, each on its own: one that fails keeps no other from being updated."""
    done, failed = [], {}
    for row in due:
        try:
            source = fetched(invocation, row["name"], row["update"])
            answer = install(invocation, source, yes=yes, diff=diff)
        except YesmanError as error:
            failed[row["name"]] = error
            render.note(f"{plain(row['name'])}: {told(error)}")
        else:
            done.append(answer)
            tell(answer)
    return done, failed


def _changes(invocation: Invocation, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the user would be asked about an update, or why nobody can tell; nothing is changed."""
    try:
        found = inspected(invocation, fetched(invocation, row["name"], row["update"]))
    except YesmanError as error:
        return {"trouble": str(error)}
    asked = {key: found[key] for key in ("added_permissions", "dropped_permissions", "difference")}
    return {**asked, "scan": found["scan"]["verdict"], "asks": asks_for_more(found)}


def _tell_check(rows: list[dict[str, Any]]) -> None:
    if not rows:
        render.note("No plugin is installed from a registry.")
        return
    heads = ("NAME", "VERSION", "UPDATE", "")
    render.say(
        render.table(heads, ((r["name"], r["version"], r["update"] or "none", r["waits"]) for r in rows))
    )
