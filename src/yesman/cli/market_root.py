"""``yesman market keys draft``, ``sign``, ``publish``: a root whose keys several people hold, each their own.

What always holds: the draft goes from hand to hand as a file; private keys never do.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from yesman import durable
from yesman.cli import catalogue, render
from yesman.cli.group import as_json, described
from yesman.cli.market_keys import files, registry_of
from yesman.cli.terminal import plain
from yesman.model.errors import NotFoundError, VerificationError

_command = described(catalogue.MARKET_KEYS)
_file = click.argument("file", metavar="FILE")


@_command(
    "draft",
    "The same keys as the present one has, good for another year.",
    "yesman market keys draft ~/market next-root.json",
)
@files
@_file
@as_json
def draft(folder: str, file: str, *, storage: str, as_json: bool) -> None:
    """Write the next root, for several people to sign."""
    registry = registry_of(folder, storage)
    from yesman.trust.roots import draft_root, newest_root  # noqa: PLC0415 - brings cryptography

    root = newest_root(registry.objects, registry.root)
    durable.write(Path(file), draft_root(root, datetime.now(UTC), {}))
    about = {"file": file, "version": root.version + 1, "signatures": root.roles["root"].threshold}
    if as_json:
        render.show_json(about)
        return
    render.say(f"Root {root.version + 1} is in {plain(file)}; {about['signatures']} keys must sign it.")
    render.note(f"Each holder runs: yesman market keys sign {plain(file)} --keys FOLDER")


@_command(
    "sign",
    "With every root key in FOLDER. The file then goes to the next holder. Needs nothing of the server's.",
    "yesman market keys sign next-root.json --keys /media/vault/offline",
)
@_file
@click.option("--keys", required=True, metavar="FOLDER", help="Where your root keys are.")
@as_json
def sign(file: str, *, keys: str, as_json: bool) -> None:
    """Add your signatures to a drafted root."""
    from yesman.trust.keys import KeyFolder, public  # noqa: PLC0415 - brings cryptography
    from yesman.trust.roots import sign_root  # noqa: PLC0415 - same

    signers = KeyFolder(Path(keys)).signers("root")
    durable.write(Path(file), sign_root(_read(file), signers))
    ids = [key.keyid for key in public(signers)]
    render.show_json({"file": file, "keys": ids}) if as_json else render.say(f"Signed with {len(ids)} keys.")


@_command(
    "publish",
    "Clients believe it from then on.",
    "yesman market keys publish ~/market next-root.json",
)
@files
@_file
@as_json
def publish(folder: str, file: str, *, storage: str, as_json: bool) -> None:
    """Publish a root that enough have signed."""
    registry = registry_of(folder, storage)
    from yesman.trust.roots import newest_root, publish_root  # noqa: PLC0415 - brings cryptography

    publish_root(registry.objects, registry.root, _read(file))
    version = newest_root(registry.objects, registry.root).version
    render.show_json({"version": version}) if as_json else render.say(f"Root {version} is published.")


def _read(file: str) -> bytes:
    """Return a root file.

    Raises:
        NotFoundError: It cannot be read.
        VerificationError: It is too large to be one.
    """
    from yesman.trust.limits import LIMITS  # noqa: PLC0415 - only where a file is read

    try:
        with Path(file).open("rb") as source:
            content = source.read(LIMITS.root_bytes + 1)
    except OSError as error:
        raise NotFoundError(f"{plain(file)} cannot be read: {error.strerror}", "Name the draft") from error
    if len(content) > LIMITS.root_bytes:
        raise VerificationError(f"{plain(file)} is too large to be a root file", "Name the draft")
    return content
