"""``yesman market mirror``: a registry, or some of its plugins, in a folder that can be carried elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from yesman.cli import catalogue, render
from yesman.cli.group import as_json, described
from yesman.cli.install import dated
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.cli.invocation import Invocation

_LONGEST: Final = 16 << 20
"""Bytes of a list of plugins."""
_LEFT_OUT: Final = 4

_command = described(catalogue.MARKET)


class _Locked(msgspec.Struct):
    """What is read of a ``plugin_registry.json``."""

    version: str
    source: str


@_command(
    "mirror",
    "Everything is verified before it is written. In FOLDER there is then root.json, whose fingerprint is "
    "shown, the newest release of each plugin that can be installed here, and the wheels that these require "
    "on a machine like this one. Run it again to bring FOLDER up to date: only what is new is fetched, and "
    "until all of it is there the folder says what it said before. Name all plugins each time: what is "
    "left out then need not be whole any more.",
    "yesman market mirror --to /media/usb/plugins",
    "yesman market mirror team --to /media/usb/plugins --only git-insight --only github==1.2.0",
    "yesman market mirror team --to /media/usb/plugins --list ~/.yesman/plugin_registry.json",
)
@click.argument("registry", required=False, default="")
@click.option("--to", required=True, metavar="FOLDER", help="Where to; a mirror, or empty.")
@click.option("--only", multiple=True, metavar="NAME[==VERSION]", help="Copy this plugin; repeatable.")
@click.option(
    "--list",
    "listed",
    metavar="FILE",
    help="Copy those in FILE, one a line, or those of a plugin_registry.json.",
)
@click.option("--every-release", "every", is_flag=True, help="Copy all releases of a plugin.")
@click.option("--no-requirements", is_flag=True, help="Leave out what plugins require from package indexes.")
@as_json
@click.pass_context
def command(
    context: click.Context,
    registry: str,
    to: str,
    only: tuple[str, ...],
    listed: str | None,
    *,
    every: bool,
    no_requirements: bool,
    as_json: bool,
) -> None:
    """Copy a registry to a folder, for machines without a network."""
    invocation: Invocation = context.obj
    found = invocation.call("market.which", "it looked for the registry", {"name": registry})["name"]
    plugins = [*only, *(_listed(Path(listed), found) if listed else ())]
    if listed and not plugins:
        raise UsageError(f"{listed} names no plugin of the registry {found}", "Leave out --list to copy all")
    params = {
        "registry": found,
        "to": os.path.realpath(to),
        "plugins": list(dict.fromkeys(plugins)),
        "every": every,
        "requirements": not no_requirements,
    }
    answer = invocation.call("market.mirror", "it copied the registry", params)
    render.show_json(answer) if as_json else _tell(answer)
    context.exit(_LEFT_OUT if answer["left_out"] else 0)


def _listed(path: Path, registry: str) -> tuple[str, ...]:
    """Return the plugins that a file names: one a line, or as a lock file of ours.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST)
        if not data.lstrip().startswith(b"{"):
            lines = (line.partition("#")[0].strip() for line in data.decode().splitlines())
            return tuple(line for line in lines if line)
        records = msgspec.json.decode(data, type=dict[str, _Locked])
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no list of plugins: {error}", "Write one name a line") from error
    return tuple(f"{name}=={r.version}" for name, r in records.items() if r.source == f"{registry}:{name}")


def _tell(answer: Mapping[str, Any]) -> None:
    for name, reason in answer["left_out"].items():
        render.note(f"Left out: {plain(name)}: {plain(reason)}")
    size = f"{answer['package_bytes'] / 1_000_000:.1f} MB"
    about = {
        "Folder": answer["folder"],
        "Fingerprint": answer["fingerprint"],
        "Plugins": str(len(answer["plugins"])),
        "Packages": f"{answer['packages']} ({size}), {answer['new']} of them new",
        "Wheels": f"{answer['wheels']} ({answer['wheel_bytes'] / 1_000_000:.1f} MB)",
    }
    render.say(render.record(about))
    render.note(dated(answer["metadata"]))
    folder = plain(answer["folder"])
    render.note(f"On the other machine: yesman market add {folder} --root {folder}/root.json --max-age DAYS")
