"""What the user is shown before an installation, and what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from yesman.host.consent import Asked, rows
from yesman.host.kept_data import Heritage  # noqa: TC001 - msgspec reads the annotations of Proposal
from yesman.host.offers import borrowers, lending
from yesman.host.registry import LOCAL_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from yesman.host.registry import Record
    from yesman.model.manifest import Manifest


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder or package would install; what the user is asked to consent to.

    Attributes:
        package: Whether it is a package, and no folder.
        permissions: All it asks for, as :func:`yesman.host.consent.rows` gives them; of an
            update, ``granted`` says what stays granted.
        added_permissions: Those that nobody was asked about before.
        dropped_permissions: Those that the version before asked for and this one does not.
        plain_settings: Those of its settings that are no secrets.
        lending: What it could do through providers of other plugins (:func:`yesman.host.offers.lending`).
        borrowers: Which plugins may call what it provides (:func:`yesman.host.offers.borrowers`).
        heritage: Data that a removed plugin of this name has left, and whether this one gets it.
    """

    name: str
    version: str
    author: str
    description: str
    digest: str
    publisher: str
    package: bool
    permissions: tuple[dict[str, Any], ...]
    hooks: tuple[str, ...]
    installed: dict[str, str] | None
    replaces: dict[str, str] | None
    added_permissions: tuple[str, ...]
    dropped_permissions: tuple[str, ...]
    missing_config: tuple[str, ...]
    plain_settings: tuple[str, ...]
    lending: tuple[dict[str, Any], ...] = ()
    borrowers: tuple[dict[str, Any], ...] = ()
    heritage: Heritage | None = None


def propose(
    manifest: Manifest,
    digest: str,
    path: Path,
    records: Mapping[str, Record],
    home: str,
    *,
    package: bool,
    missing: tuple[str, ...],
    heritage: Heritage | None,
) -> Proposal:
    """Return what the folder or package ``path`` would install, beside what is installed."""
    record = records.get(manifest.name)
    asked = Asked.of(manifest, record, path, home)
    before = record.declared() if record else ()
    return Proposal(
        name=manifest.name,
        version=manifest.version,
        author=manifest.author,
        description=manifest.description,
        digest=digest,
        publisher=LOCAL_KEY,
        package=package,
        permissions=rows(manifest.permissions, asked.kept, home),
        hooks=tuple(hook.name for hook in manifest.hooks),
        installed={"version": record.version, "digest": record.digest} if record else None,
        replaces={"source": record.source} if record and record.source != str(path) else None,
        added_permissions=tuple(map(str, asked.added)),
        dropped_permissions=tuple(t for t in before if t not in set(map(str, manifest.permissions))),
        missing_config=missing,
        plain_settings=manifest.config.plain,
        lending=lending(manifest, records),
        borrowers=borrowers(manifest, records),
        heritage=heritage,
    )


class Answer(NamedTuple):
    """What the user said to a proposal.

    Attributes:
        consent: The permissions that they agreed to, of those they were shown.
        grants: Exactly what to grant, of what is asked for, where a file says so beforehand; else None.
        by: How they said it, for the ledger.
    """

    consent: tuple[str, ...]
    grants: tuple[str, ...] | None = None
    by: str = "command line"
