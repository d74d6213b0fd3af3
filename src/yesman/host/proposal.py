"""What the user is shown before an installation, and what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from yesman.host.consent import Asked, rows
from yesman.host.difference import Difference  # noqa: TC001 - msgspec reads the annotations of Proposal
from yesman.host.kept_data import Heritage  # noqa: TC001 - msgspec reads the annotations of Proposal
from yesman.host.offers import borrowers, lending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.host.origin import Origin
    from yesman.host.registry import Record
    from yesman.model.manifest import Manifest
    from yesman.scan.model import Scan


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder or package would install; what the user is asked to consent to.

    Attributes:
        source: Where it comes from; like ``publisher`` and ``key`` as in :class:`~yesman.host.origin.Origin`.
        package: Whether it is a package, and no folder.
        permissions: All it asks for, as :func:`yesman.host.consent.rows` gives them; of an
            update, ``granted`` says what stays granted.
        added_permissions: Those that nobody was asked about before.
        dropped_permissions: Those that the version before asked for and this one does not.
        plain_settings: Those of its settings that are no secrets.
        lending: What it could do through providers of other plugins (:func:`yesman.host.offers.lending`).
        borrowers: Which plugins may call what it provides (:func:`yesman.host.offers.borrowers`).
        scan: What was found in it (:meth:`yesman.scan.model.Scan.as_data`); None where nobody looked.
        difference: How an update from a registry differs from what is installed; else None.
        heritage: Data that a removed plugin of this name has left, and whether this one gets it.
    """

    name: str
    version: str
    author: str
    description: str
    digest: str
    publisher: str
    key: str
    source: str
    package: bool
    permissions: tuple[dict[str, Any], ...]
    hooks: tuple[str, ...]
    installed: dict[str, Any] | None
    replaces: dict[str, str] | None
    added_permissions: tuple[str, ...]
    dropped_permissions: tuple[str, ...]
    missing_config: tuple[str, ...]
    plain_settings: tuple[str, ...]
    lending: tuple[dict[str, Any], ...] = ()
    borrowers: tuple[dict[str, Any], ...] = ()
    heritage: Heritage | None = None
    scan: dict[str, Any] | None = None
    difference: Difference | None = None


def propose(
    manifest: Manifest,
    digest: str,
    origin: Origin,
    records: Mapping[str, Record],
    home: str,
    *,
    package: bool,
    missing: tuple[str, ...],
    heritage: Heritage | None,
    scan: Scan | None,
    difference: Difference | None,
) -> Proposal:
    """Return what the folder or package from ``origin`` would install, beside what is installed."""
    record = records.get(manifest.name)
    asked = Asked.of(manifest, record, origin, home)
    before = record.declared() if record else ()
    return Proposal(
        name=manifest.name,
        version=manifest.version,
        author=manifest.author,
        description=manifest.description,
        digest=digest,
        publisher=origin.publisher,
        key=origin.key,
        source=origin.source,
        package=package,
        permissions=rows(manifest.permissions, asked.kept, home),
        hooks=tuple(hook.name for hook in manifest.hooks),
        installed=_installed(record) if record else None,
        replaces={"source": record.source} if record and not origin.continues(record) else None,
        added_permissions=tuple(map(str, asked.added)),
        dropped_permissions=tuple(t for t in before if t not in set(map(str, manifest.permissions))),
        missing_config=missing,
        plain_settings=manifest.config.plain,
        lending=lending(manifest, records),
        borrowers=borrowers(manifest, records),
        heritage=heritage,
        scan=scan.as_data() if scan else None,
        difference=difference,
    )


class Answer(NamedTuple):
    """What the user said to a proposal.

    Attributes:
        consent: The permissions that they agreed to, of those they were shown.
        grants: Exactly what to grant, of what is asked for, where a file says so beforehand; else None.
        by: How they said it, for the ledger.
        despite: The verdict of a scan that they go on despite of, or "".
        news: What is new in an update, of what they were shown (``Difference.news``).
    """

    consent: tuple[str, ...]
    grants: tuple[str, ...] | None = None
    by: str = "command line"
    despite: str = ""
    news: tuple[str, ...] = ()


def _installed(record: Record) -> dict[str, Any]:
    keys = ("version", "digest", "source", "linked")
    return {key: getattr(record, key) for key in keys}
