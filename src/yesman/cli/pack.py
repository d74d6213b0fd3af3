"""``yesman plugin pack``: a plugin's folder becomes one file that can be installed elsewhere.

What always holds: it needs no server, runs nothing of the plugin, and writes nothing but the
package and, where there is none yet, the lock of the requirements.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain
from yesman.model.errors import AuthorError

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation
    from yesman.model.manifest import Manifest
    from yesman.package.packing import Packed

_MORE = """\
Into the package go plugin.yaml, requirements.txt, src, assets, docs, and texts like README.md and LICENSE.
What the plugin requires is locked in requirements.lock, by hash; the file is made if it is
missing, and kept otherwise. The same content always gives the same bytes.
"""


@click.command(
    "pack",
    help=f"{catalogue.PLUGIN['pack'].help}\n\n{_MORE}",
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin pack ./my-plugin",
        "yesman plugin pack ./my-plugin -o dist/",
        "yesman plugin install my-plugin-1.0.0.yplug",
    ),
)
@click.argument("folder", metavar="DIR")
@click.option(
    "-o", "--output", metavar="FILE", default=".", help="Where to write it; a folder gets NAME-VERSION.yplug."
)
@as_json
@click.pass_obj
def command(invocation: Invocation, folder: str, output: str, *, as_json: bool) -> None:
    """Make a package of a plugin's folder."""
    from yesman.package.packing import pack  # noqa: PLC0415 - brings the host's packages

    source, target = Path(folder), Path(output)
    manifest = _valid(source)
    if output.endswith("/"):
        with suppress(OSError):  # writing into it says what is wrong
            target.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        target /= f"{manifest.name}-{manifest.version}.yplug"
    locked = _ensure_lock(invocation, source, manifest)
    packed = pack(source, target)
    if as_json:
        render.show_json(_as_data(target, packed, locked=locked))
    else:
        _tell(target, packed, locked=locked)


def _valid(folder: Path) -> Manifest:
    from yesman.findings.folder import structure  # noqa: PLC0415 - brings msgspec; no other command packs

    manifest, found = structure(folder)
    if found:
        more = f"See all {len(found)}: yesman plugin validate DIR"
        place = f"{found[0].place}: " if found[0].place else ""
        raise AuthorError(f"{place}{found[0].message}", found[0].fix if len(found) == 1 else more)
    if manifest is None:
        raise AuthorError("The plugin has no manifest", "See: yesman plugin validate DIR")
    return manifest


def _ensure_lock(invocation: Invocation, folder: Path, manifest: Manifest) -> bool:
    import asyncio  # noqa: PLC0415 - brings much that nothing else here needs

    from yesman.package.locking import ensure_lock  # noqa: PLC0415 - brings the host's packages
    from yesman.package.uv import Uv  # noqa: PLC0415 - brings asyncio
    from yesman.sandbox.interpreter import base_python  # noqa: PLC0415 - brings the sandbox

    return asyncio.run(ensure_lock(folder, manifest, Uv(invocation.home.cache, base_python(), os.environ)))


def _as_data(target: Path, packed: Packed, *, locked: bool) -> dict[str, Any]:
    return {
        "name": packed.package.manifest.name,
        "version": packed.package.manifest.version,
        "file": str(target.absolute()),
        "size": packed.size,
        "sha256": packed.package.sha256,
        "digest": packed.package.digest,
        "files": list(packed.files),
        "left_out": list(packed.left_out),
        "locked": locked,
    }


def _tell(target: Path, packed: Packed, *, locked: bool) -> None:
    manifest = packed.package.manifest
    if locked:
        render.note("requirements.lock was made; keep it with the source, so that others pack the same.")
    if packed.left_out:
        render.note(f"Left out: {plain(', '.join(packed.left_out))}")
    counted = f"{len(packed.files)} files, {packed.size:,} bytes"
    render.say(
        f"Packed {plain(manifest.name)} {plain(manifest.version)} into {plain(str(target))} ({counted})."
    )
    render.say(f"  Content  {packed.package.digest}")
    render.say(f"  File     sha256:{packed.package.sha256}")
