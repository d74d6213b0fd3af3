"""``yesman plugin keys …``: the key that an author signs packages with.

What always holds: it needs no server; the private key and its passphrase are on no command line, in no
environment and in nothing that is printed.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from yesman.cli import catalogue, render
from yesman.cli.group import LazyGroup, as_json, described, example
from yesman.cli.question import can_ask
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation
    from yesman.host.author_file import AuthorFile, Kept

_NOBODY = "There is no terminal to ask for the passphrase on"

group = LazyGroup(
    "keys",
    catalogue.KEYS,
    help=catalogue.PLUGIN["keys"].help,
    epilog=example("yesman plugin keys create", "yesman plugin keys export > ada.keys"),
)
"""``yesman plugin keys``."""

from_stdin = click.option(
    "--passphrase-stdin", "piped", is_flag=True, help="Read the passphrase from standard input."
)
"""The option by which programs hand over a passphrase."""


_command = described(catalogue.KEYS)


def author_file(invocation: Invocation) -> AuthorFile:
    """Return the file of the user's own keys."""
    from yesman.host.author_file import AuthorFile  # noqa: PLC0415 - brings cryptography

    return AuthorFile(invocation.home.author_keys)


def passphrase_for(kept: Kept, *, piped: bool) -> str:
    """Return the passphrase of the user's key, asked for if need be; "" where it has none.

    Raises:
        UsageError: It is needed, and nobody can be asked.
    """
    if not kept.needs_passphrase:
        return ""
    return _read("Passphrase of your key (it is not shown): ", piped=piped)


def _read(question: str, *, piped: bool) -> str:
    from yesman.cli import secret_input  # noqa: PLC0415 - only where something is asked or read

    if piped:
        return secret_input.read()
    if not can_ask():
        raise UsageError(_NOBODY, "Give it by a pipe, with --passphrase-stdin")
    return secret_input.ask(question)


@_command(
    "create",
    "It is kept in author_keys.json below yesman's own folder: keep a copy in a safe place. Whoever has the "
    "file and the passphrase signs in your name; without it nobody can name a successor.",
    "yesman plugin keys create",
    "pass show yesman | yesman plugin keys create --passphrase-stdin",
    "yesman plugin keys create --no-passphrase",
)
@from_stdin
@click.option("--no-passphrase", "bare", is_flag=True, help="Keep it readable for all that runs as you.")
@as_json
@click.pass_obj
def create(invocation: Invocation, *, piped: bool, bare: bool, as_json: bool) -> None:
    """Make the key that packages are signed with."""
    if piped and bare:
        raise UsageError("--passphrase-stdin and --no-passphrase exclude each other", "Give one of them")
    file = author_file(invocation)
    file.check_none()  # before anything is asked
    kept = file.create(_now(), "" if bare else _new_passphrase(piped=piped))
    _tell(kept, as_json=as_json, text=f"Your key is {kept.newest.keyid}.")
    if not as_json:
        render.note(f"Keep a copy of {plain(invocation.home.author_keys)} in a safe place.")


def _new_passphrase(*, piped: bool) -> str:
    if piped:
        return _read("", piped=True)
    if not can_ask():
        raise UsageError(_NOBODY, "Give --passphrase-stdin, or --no-passphrase")
    passphrase = _read("Passphrase for the new key (it is not shown): ", piped=False)
    if _read("The same again: ", piped=False) != passphrase:
        raise UsageError("These were two different passphrases, and no key was made", "Try again")
    return passphrase


@_command("list", "The last one signs; each was signed by the one before.", "yesman plugin keys list")
@as_json
@click.pass_obj
def list_(invocation: Invocation, *, as_json: bool) -> None:
    """List the user's keys."""
    kept = author_file(invocation).read()
    keys = kept.keys if kept else ()
    if as_json:
        render.show_json([_as_data(key.keyid, key.since, key.signed_by) for key in keys])
    elif kept is None:
        render.note("You have no key. Make one: yesman plugin keys create")
    else:
        render.say(render.table(("KEY", "SINCE"), [(key.keyid, key.since[:10]) for key in keys]))


@_command(
    "export",
    "Others check your signatures with it; it holds nothing secret.",
    "yesman plugin keys export > ada.keys",
    "yesman plugin verify hello-1.0.0.yplug --keys ada.keys",
)
@as_json
@click.pass_obj
def export(invocation: Invocation, *, as_json: bool) -> None:  # noqa: ARG001 - it is JSON either way
    """Print the user's public keys."""
    from yesman.trust.author_keys import exported  # noqa: PLC0415 - brings cryptography

    sys.stdout.write(exported(author_file(invocation).required().keys).decode())


@_command(
    "rotate",
    "The old key signs the new one and is removed, so whoever trusts it trusts the new one. Sign your next "
    "release with the new key; where the old one may be in wrong hands, have the registry revoke it too.",
    "yesman plugin keys rotate",
)
@from_stdin
@as_json
@click.pass_obj
def rotate(invocation: Invocation, *, piped: bool, as_json: bool) -> None:
    """Replace the user's key."""
    file = author_file(invocation)
    old = file.required()
    kept = file.rotate(_now(), passphrase_for(old, piped=piped))
    _tell(kept, as_json=as_json, text=f"Your key is {kept.newest.keyid} now, signed by {old.newest.keyid}.")
    if not as_json:
        render.note(f"Keep a copy of {plain(invocation.home.author_keys)} in a safe place.")


def _tell(kept: Kept, *, as_json: bool, text: str) -> None:
    if as_json:
        render.show_json(_as_data(kept.newest.keyid, kept.newest.since, kept.newest.signed_by))
    else:
        render.say(text)


def _as_data(keyid: str, since: str, signed_by: str) -> dict[str, str]:
    return {"key": keyid, "since": since, "signed_by": signed_by}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
