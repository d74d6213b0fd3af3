"""``yesman plugin sign``: an author vouches for a package.

What always holds: it needs no server and runs nothing of the package; only what could be installed is
signed, because it was read by the code that installs, from these very bytes; what is written was verified.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.author_keys import author_file, from_stdin, passphrase_for
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation
    from yesman.trust.statement import Facts

ENDING = ".dsse"
"""What a signature's file is called beside the package: the package's name, and this."""


@click.command(
    "sign",
    help=f"{catalogue.PLUGIN['sign'].help}\n\nThe signature is written beside the package. It says which "
    "file, content and plugin.yaml it is for, and what the plugin asks for.",
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin sign my-plugin-1.0.0.yplug",
        "pass show yesman | yesman plugin sign my-plugin-1.0.0.yplug --passphrase-stdin",
    ),
)
@click.argument("package", metavar="PACKAGE")
@from_stdin
@as_json
@click.pass_obj
def command(invocation: Invocation, package: str, *, piped: bool, as_json: bool) -> None:
    """Sign a package."""
    from yesman.package.trees import replacing  # noqa: PLC0415 - not for help
    from yesman.package.unpacking import read_package  # noqa: PLC0415 - brings the host's packages
    from yesman.trust.signed import sign, verified  # noqa: PLC0415 - brings cryptography
    from yesman.trust.statement import Facts  # noqa: PLC0415 - same

    kept = author_file(invocation).required()
    facts = Facts.of(read_package(Path(package)))
    key = kept.signing_key(passphrase_for(kept, piped=piped))
    envelope, target = sign(facts, key), Path(package + ENDING)
    verified(facts, envelope, kept.keys, key.keyid)
    with replacing(target) as draft:
        draft.write(envelope)
    if as_json:
        render.show_json(as_data(facts, key.keyid) | {"signature": str(target.absolute())})
    else:
        render.say(f"Signed {facts.name} {plain(facts.version)}: {plain(target)}")
        render.say(about(facts, key.keyid))


def as_data(facts: Facts, keyid: str) -> dict[str, Any]:
    """Return what a signature says, for programs; the same names as ``pack`` uses."""
    return {
        "name": facts.name,
        "version": facts.version,
        "permissions": list(facts.permissions),
        "sha256": facts.sha256,
        "digest": facts.content,
        "manifest": facts.manifest,
        "key": keyid,
    }


def about(facts: Facts, keyid: str) -> str:
    """Return what a signature says, for people."""
    asks = list(facts.permissions) or "none"
    said = {"Permissions": asks, "Content": facts.content, "File": f"sha256:{facts.sha256}", "Key": keyid}
    return render.record({f"  {name}": value for name, value in said.items()})
