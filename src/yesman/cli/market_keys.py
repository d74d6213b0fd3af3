"""``yesman market keys …``: the keys of a marketplace, and what needs the offline ones.

What always holds: what offline keys sign is a file that the server takes over as it is; so all of this but
``rotate`` and ``authors`` may be done on a machine without a network, from a copy of the marketplace's files.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from yesman.cli import catalogue, render
from yesman.cli.group import LazyGroup, as_json, described, example
from yesman.cli.market_folder import opened, places, require_extra, settings_of
from yesman.cli.terminal import plain
from yesman.model.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yesman.marketplace.place import MarketFolder
    from yesman.marketplace.storage import Objects
    from yesman.trust.ceremony import Ceremony
    from yesman.trust.overview import RoleKeys

group = LazyGroup(
    "keys",
    catalogue.MARKET_KEYS,
    help=catalogue.MARKET["keys"].help,
    epilog=example(
        "yesman market keys list ~/market --offline /media/vault/offline",
        "yesman market keys renew ~/market --offline /media/vault/offline",
    ),
)
"""``yesman market keys``."""

_command = described(catalogue.MARKET_KEYS)
_SHOWN: Final = 12
"""Digits of a key's id that people are shown."""


class Registry(NamedTuple):
    """A marketplace's signed files, or a copy of them."""

    folder: MarketFolder
    objects: Objects
    root: bytes


def registry_of(folder: str, storage: str) -> Registry:
    """Return the files of the marketplace in ``folder``; its database need not be there.

    Raises:
        YesmanError: The extra is not installed, or there is no marketplace.
    """
    require_extra()
    from yesman.marketplace.place import MarketFolder  # noqa: PLC0415 - of the extra
    from yesman.marketplace.storage import storage_at  # noqa: PLC0415 - same

    market = MarketFolder(Path(folder))
    objects = storage_at(settings_of(market, "", storage).storage, market.path)
    try:
        return Registry(market, objects, market.root_file.read_bytes())
    except OSError:
        raise NotFoundError(f"{market.root_file} cannot be read", "Bring a copy of it") from None


def files(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the marketplace's folder, and the option that says where its files are."""
    storage = click.option("--storage", metavar="URL", default="", help="A folder, or s3://BUCKET[/PREFIX].")
    return click.argument("folder", metavar="DIR")(storage(function))


def offline(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the same, and the option that says where the offline keys are."""
    keys = click.option("--offline", metavar="KEYS", default="", help="The offline keys. [DIR/keys/offline]")
    return files(keys(function))


def _ceremony(registry: Registry, offline: str) -> Ceremony:
    from yesman.trust.ceremony import Ceremony  # noqa: PLC0415 - brings cryptography
    from yesman.trust.keys import KeyFolder  # noqa: PLC0415 - same

    keys = KeyFolder(Path(offline) if offline else registry.folder.offline_keys)
    return Ceremony(registry.objects, keys, registry.root, datetime.now(UTC))


def take_over(registry: Registry) -> bool:
    """Have what offline keys signed published, where the online keys are here; return whether it is."""
    from yesman.trust.drafting import CollisionError  # noqa: PLC0415 - brings cryptography
    from yesman.trust.keys import KeyFolder  # noqa: PLC0415 - same
    from yesman.trust.repository import Repository  # noqa: PLC0415 - same

    keys = registry.folder.online_keys
    if not keys.is_dir():
        return False
    writer = Repository(registry.objects, KeyFolder(keys), registry.root, lambda: datetime.now(UTC))
    try:
        writer.refresh()
    except CollisionError:  # its server has published just now, and takes this over at its next turn
        return False
    return True


def _done(registry: Registry, what: str, *, as_json: bool, **about: object) -> None:
    published = take_over(registry)
    if as_json:
        render.show_json({**about, "published": published})
        return
    render.say(what)
    if not published:
        render.note(
            "It is not published yet: copy the new files to the server's storage, if this is a copy; "
            "the server takes them over within half an hour."
        )


@_command(
    "list",
    "HERE says how many of the private keys are in DIR/keys or in KEYS.",
    "yesman market keys list ~/market --offline /media/vault/offline",
)
@offline
@as_json
def list_(folder: str, *, offline: str, storage: str, as_json: bool) -> None:
    """List roles with their keys and dates."""
    registry = registry_of(folder, storage)
    from yesman.trust.overview import roles_of  # noqa: PLC0415 - brings cryptography

    away = Path(offline) if offline else registry.folder.offline_keys
    roles = roles_of(registry.objects, registry.root)
    held = [_held(role, away if role.offline else registry.folder.online_keys) for role in roles]
    if as_json:
        render.show_json([_as_data(role, here) for role, here in zip(roles, held, strict=True)])
        return
    heads = ("ROLE", "KEPT", "SIGNED BY", "HERE", "EXPIRES", "KEYS")
    rows = (
        (
            role.role, "offline" if role.offline else "online", f"{role.threshold} of {len(role.keyids)}",
            len(here), f"{role.expires:%Y-%m-%d}" if role.expires else "by itself",
            " ".join(keyid[:_SHOWN] for keyid in role.keyids),
        )
        for role, here in zip(roles, held, strict=True)
    )  # fmt: skip
    render.say(render.table(heads, rows))


def _held(role: RoleKeys, folder: Path) -> Sequence[str]:
    """Return which of a role's private keys lie in ``folder``."""
    from yesman.trust.keys import KeyFolder, public  # noqa: PLC0415 - brings cryptography

    try:
        found = {key.keyid for key in public(KeyFolder(folder).signers(role.keys))}
    except NotFoundError:
        return []
    return [keyid for keyid in role.keyids if keyid in found]


def _as_data(role: RoleKeys, here: Sequence[str]) -> dict[str, Any]:
    expires = f"{role.expires:%Y-%m-%dT%H:%M:%SZ}" if role.expires else None
    return {**role._asdict(), "expires": expires, "here": list(here)}


@_command(
    "renew",
    "Needed once a year at least: root, delegations and claims. Where too few root keys are in KEYS, say "
    "--no-root, and see 'draft'.",
    "yesman market keys renew ~/market --offline /media/vault/offline",
)
@offline
@click.option("--no-root", is_flag=True, help="Delegations and claims only.")
@as_json
def renew(folder: str, *, offline: str, storage: str, no_root: bool, as_json: bool) -> None:
    """Sign for another year what offline keys sign."""
    registry = registry_of(folder, storage)
    ceremony = _ceremony(registry, offline)
    ceremony.renew()
    if not no_root:
        ceremony.renew_root()
    _done(registry, "Signed for another year.", as_json=as_json, root=not no_root)


@_command(
    "rotate",
    "Without ROLE: snapshot, timestamp, bin and revocations, which the server holds. Stop the server before, "
    "and start it after. Old keys are worth nothing then. --rebuild makes the index from the database.",
    "yesman market keys rotate ~/market --offline /media/vault/offline --rebuild",
    "yesman market keys rotate ~/market claims --offline /media/vault/offline",
)
@click.argument("folder", metavar="DIR")
@click.argument("roles", metavar="[ROLE]...", nargs=-1)
@click.option("--offline", metavar="KEYS", default="", help="The offline keys. [DIR/keys/offline]")
@click.option("--rebuild", is_flag=True, help="A thief may have written to the storage too.")
@places
@as_json
def rotate(
    folder: str,
    *,
    roles: tuple[str, ...],
    offline: str,
    rebuild: bool,
    database: str,
    storage: str,
    as_json: bool,
) -> None:
    """Give roles new keys, as after a theft."""
    with opened(folder, database, storage) as market:
        from yesman.marketplace.replacing import rotate as replace  # noqa: PLC0415 - of the extra
        from yesman.trust.roles import OFFLINE_KEYS, ONLINE_KEYS, ROOT  # noqa: PLC0415 - same

        known = [role for role in (*OFFLINE_KEYS, *ONLINE_KEYS) if role != ROOT]
        if unknown := sorted(set(roles) - set(known)):
            raise UsageError(f"There is no role {plain(unknown[0])} to rotate", f"Use {', '.join(known)}")
        registry = registry_of(folder, storage)
        ceremony = _ceremony(registry, offline)
        replace(market.database, market.folder, ceremony, roles or ONLINE_KEYS, rebuild=rebuild)
    done = ", ".join(roles or ONLINE_KEYS)
    render.show_json({"roles": list(roles or ONLINE_KEYS)}) if as_json else render.say(f"New keys: {done}.")


@_command(
    "claim",
    "From then on nobody else's keys can publish under it, whoever has the server. KEYID: of the owner's "
    "first key; by default the one that the marketplace's database has.",
    "yesman market keys claim ~/market diary --offline /media/vault/offline",
)
@offline
@click.argument("name", metavar="NAME")
@click.argument("keyids", metavar="[KEYID]...", nargs=-1)
@as_json
def claim(
    folder: str, name: str, *, keyids: tuple[str, ...], offline: str, storage: str, as_json: bool
) -> None:
    """Say whose keys own a plugin's name."""
    registry = registry_of(folder, storage)
    owners = keyids or _owner_of(folder, name)
    from yesman.trust.claiming import claim_of  # noqa: PLC0415 - brings msgspec

    _ceremony(registry, offline).claim(claim_of(name, owners, datetime.now(UTC)))
    told = f"{plain(name)} belongs to {', '.join(keyid[:_SHOWN] for keyid in owners)} from now on."
    _done(registry, told, as_json=as_json, name=name, keys=list(owners))


def _owner_of(folder: str, name: str) -> tuple[str, ...]:
    with opened(folder) as market:
        from yesman.marketplace.publishers import first_key_of  # noqa: PLC0415 - of the extra

        with market.database.reading() as connection:
            return (first_key_of(connection, name),)


@_command(
    "unclaim",
    "As before a transfer, or where an owner has lost their keys.",
    "yesman market keys unclaim ~/market diary --offline /media/vault/offline",
)
@offline
@click.argument("name", metavar="NAME")
@as_json
def unclaim(folder: str, name: str, *, offline: str, storage: str, as_json: bool) -> None:
    """Say that no keys own a plugin's name."""
    registry = registry_of(folder, storage)
    _ceremony(registry, offline).disclaim(name)
    _done(registry, f"Nobody's keys own {plain(name)} now.", as_json=as_json, name=name)
