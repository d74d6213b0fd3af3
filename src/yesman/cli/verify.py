"""``yesman plugin verify``: is a package what its author signed?

What always holds: it needs no server and no network, runs nothing of the package, and ends with 0 only where
``plugin install`` would accept the signature too: it is the same decision.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yesman.cli import catalogue, render
from yesman.cli.author_keys import author_file
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.sign import ENDING, about, as_data
from yesman.cli.terminal import plain
from yesman.model.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation
    from yesman.trust.index import PublisherKey

_MORE = """\
The signature is the file beside the package whose name ends in .dsse. KEYS is what the author exported;
without it your own keys are meant. Who gave you the package may have given you wrong keys, too: --pin
names the fingerprint that you know by another way, of the key that signed or of one before it."""


@click.command(
    "verify",
    help=f"{catalogue.PLUGIN['verify'].help}\n\n{_MORE}",
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin verify my-plugin-1.0.0.yplug",
        "yesman plugin verify hello-1.0.0.yplug --keys ada.keys --pin 3b1f…",
    ),
)
@click.argument("package", metavar="PACKAGE")
@click.option("--keys", "file", metavar="KEYS", help="The author's public keys.")
@click.option("--pin", metavar="FINGERPRINT", default="", help="A key of theirs that you know: 64 digits.")
@as_json
@click.pass_obj
def command(invocation: Invocation, package: str, file: str | None, pin: str, *, as_json: bool) -> None:
    """Check who signed a package."""
    from yesman.package.reading import read_optional  # noqa: PLC0415 - brings the host's packages
    from yesman.package.unpacking import read_package  # noqa: PLC0415 - same
    from yesman.trust.dsse import MOST_BYTES  # noqa: PLC0415 - brings cryptography
    from yesman.trust.signed import verified  # noqa: PLC0415 - same
    from yesman.trust.statement import Facts  # noqa: PLC0415 - same

    if pin and not re.fullmatch("[0-9a-f]{64}", pin):
        raise UsageError(f"{plain(pin)} is no fingerprint", "It has 64 digits, 0-9 and a-f, and no others")
    keys = _keys(invocation, file)
    facts = Facts.of(read_package(Path(package)))
    envelope = read_optional(Path(package + ENDING), most=MOST_BYTES)
    signed = verified(facts, envelope, keys, pin)
    if as_json:
        render.show_json(as_data(facts, signed.signer))
    else:
        render.say(f"{facts.name} {plain(facts.version)} is signed.")
        render.say(about(facts, signed.signer))


def _keys(invocation: Invocation, file: str | None) -> tuple[PublisherKey, ...]:
    from yesman.package.reading import read_optional  # noqa: PLC0415 - see above
    from yesman.trust.author_keys import MOST_BYTES, imported  # noqa: PLC0415 - see above

    if file is None:
        kept = author_file(invocation).read()
        if kept is None:
            raise UsageError("It is not said whose signature it should be", "Name their keys: --keys FILE")
        return kept.keys
    data = read_optional(Path(file), most=MOST_BYTES)
    if data is None:
        raise NotFoundError(f"There is no file {plain(file)}", "Check the path")
    return imported(data)
