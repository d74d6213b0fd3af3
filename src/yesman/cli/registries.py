"""``yesman market add``, ``list``, ``remove`` and ``refresh``: registries that plugins are installed from."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click

from yesman.cli import catalogue, render
from yesman.cli.consent import confirm
from yesman.cli.group import as_json, described
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError, VerificationError

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation


_command = described(catalogue.MARKET)


@_command(
    "add",
    "Trust starts from a root file that you got from the registry's operator by a way that you trust; its "
    "fingerprint is shown, for you to compare with what they publish elsewhere. Whoever runs the server "
    "afterwards cannot change what the root says. URL may also be a folder with a registry's files; one that "
    "is brought by hand is good for a day, unless --max-age says otherwise.",
    "yesman market add https://plugins.example.com --root root.json",
    "yesman market add /mnt/plugins --root /mnt/plugins/root.json --name offline --max-age 30",
)
@click.argument("url")
@click.option("--root", required=True, metavar="FILE", help="The registry's root file.")
@click.option("--name", metavar="NAME", help="How to call it. [default: from URL]")
@click.option(
    "--max-age",
    "longest_age",
    type=click.IntRange(1),
    default=None,
    metavar="DAYS",
    help="Of a folder: how old its metadata may be. Up to then nothing tells you of what was revoked.",
)
@click.option("--fingerprint", metavar="HEX", help="What its fingerprint must be, instead of a question.")
@as_json
@click.pass_obj
def add(
    invocation: Invocation,
    url: str,
    root: str,
    name: str | None,
    fingerprint: str | None,
    *,
    longest_age: int | None,
    as_json: bool,
) -> None:
    """Trust a registry."""
    url = url if re.match(r"https?://", url) else os.path.realpath(url)
    name = name or _name_of(url)
    root = os.path.realpath(root)
    aged = ("--max-age", str(longest_age)) if longest_age else ()
    found = invocation.call("market.recognise", "it read the root file", {"root": root})["fingerprint"]
    if fingerprint is not None:
        if "".join(fingerprint.lower().split()) != "".join(found.split()):
            raise VerificationError(f"{root} has another fingerprint: {found}", "Get the right root file")
    else:
        render.note(render.record({"Registry": name, "Address": url, "Fingerprint": found}))
        confirm(
            "\nIs that the fingerprint that the registry's operator publishes?",
            yes=False,
            refusal="The registry was not added",
            command=(
                "yesman",
                "market",
                "add",
                url,
                "--root",
                root,
                "--name",
                name,
                *aged,
                "--fingerprint",
                "HEX",
            ),
        )
    params = {"name": name, "url": url, "root": root, "fingerprint": found, "longest_age": longest_age or 0}
    answer = invocation.call("market.add", "it added the registry", params)
    if as_json:
        render.show_json(answer)
    else:
        render.say(f"Added the registry {plain(name)}. Install from it: yesman plugin install NAME")


def _name_of(url: str) -> str:
    """Return a name for what is at ``url``: its host's most telling label, or the folder's name."""
    host = re.sub(r"^https?://([^/:]+).*$", r"\1", url)
    label = os.path.basename(url) if host == url else max(host.split(".")[:-1] or [host], key=len)  # noqa: PTH119 - text
    name = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:32]
    if not name[:1].isalpha():
        raise UsageError(f"{url} suggests no name for the registry", "Give one: --name NAME")
    return name


@_command("list", "", "yesman market list", "yesman market list --json")
@as_json
@click.pass_obj
def list_(invocation: Invocation, *, as_json: bool) -> None:
    """List the registries that you trust."""
    registries = invocation.call("market.list", "it listed the registries")
    if as_json:
        render.show_json(registries)
    elif not registries:
        render.note("No registry is trusted. Add one: yesman market add URL --root FILE")
    else:
        heads = ("NAME", "ADDRESS", "PLUGINS", "FINGERPRINT", "")
        rows = (
            (r["name"], r["url"], str(len(r["plugins"])), r["fingerprint"][:19] + " …", r["trouble"])
            for r in registries
        )
        render.say(render.table(heads, rows, dispensable=("FINGERPRINT",)))


def address(invocation: Invocation, registry: str = "") -> str:
    """Return where a registry is: the one that is named, or the only one.

    Raises:
        NotFoundError: There is none of that name.
        UsageError: There is none, or there are several.
    """
    found = invocation.call("market.which", "it looked for the registry", {"name": registry})
    return str(found["url"])


@_command("remove", "What was installed from it stays.", "yesman market remove example")
@click.argument("name")
@as_json
@click.pass_obj
def remove(invocation: Invocation, name: str, *, as_json: bool) -> None:
    """Trust a registry no longer."""
    answer = invocation.call("market.remove", "it removed the registry", {"name": name})
    if as_json:
        render.show_json(answer)
        return
    render.say(f"The registry {plain(name)} is trusted no longer.")
    if answer["plugins"]:
        names = ", ".join(map(plain, answer["plugins"]))
        render.note(f"Installed from it, and neither updated nor blocked any more: {names}")


@_command(
    "refresh",
    "The server asks by itself, once a minute; this asks now.",
    "yesman market refresh",
)
@as_json
@click.pass_obj
def refresh(invocation: Invocation, *, as_json: bool) -> None:
    """Ask registries now what they have revoked."""
    answer = invocation.call("market.refresh", "it asked the registries")
    if as_json:
        render.show_json(answer)
        return
    for registry, trouble in answer["trouble"].items():
        render.note(f"Warning: registry {plain(registry)}: {plain(trouble)}")
    names = ", ".join(map(plain, answer["blocked"]))
    render.say(f"Blocked: {names}." if names else "Nothing that is installed is revoked.")
