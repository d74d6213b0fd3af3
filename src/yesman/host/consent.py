"""What a plugin is granted when it is installed, updated, or the user changes their mind.

Decides, never acts. What always holds of the grants decided here: each is a permission that
the manifest asks for or a narrower one, and each was agreed to by somebody who was shown it.
An update keeps the answers given before, the refusals too; only what it asks for beyond them
is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yesman.model.errors import PermissionDeniedError, UsageError
from yesman.model.narrowing import common, covered, grantable, normal, within
from yesman.model.permissions import parse_permission

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yesman.host.origin import Origin
    from yesman.host.registry import Record
    from yesman.model.manifest import Manifest
    from yesman.model.permissions import Permission


@dataclass(frozen=True)
class Asked:
    """What a folder asks for beside what was answered before.

    Attributes:
        kept: Grants that stay, each within what is asked for now.
        added: Permissions that nobody has been asked about yet.
    """

    kept: tuple[Permission, ...]
    added: tuple[Permission, ...]

    @classmethod
    def of(cls, manifest: Manifest, record: Record | None, origin: Origin, home: str) -> Asked:
        """Compare ``manifest``, from ``origin``, with what is installed.

        Answers that were given to another plugin of that name do not count.
        """
        if record is None or record.consent is None or not origin.continues(record):
            return cls((), manifest.permissions)
        shown = [parse_permission(text) for text in record.consent.permissions]
        added = tuple(p for p in manifest.permissions if not covered(p, shown, home))
        return cls(common(record.granted(), manifest.permissions, home), added)


def agreed(manifest: Manifest, asked: Asked, consent: Iterable[str], home: str) -> tuple[Permission, ...]:
    """Return the grants after somebody agreed to ``consent``.

    Raises:
        PermissionDeniedError: Something new is not among it.
    """
    missing = [str(permission) for permission in asked.added if str(permission) not in set(consent)]
    if missing:
        raise PermissionDeniedError(
            f"nobody has agreed to {', '.join(missing)} for plugin '{manifest.name}'",
            "Run the install again and agree, or pass --yes",
        )
    return normal((*asked.kept, *asked.added), home)


def selected(manifest: Manifest, wanted: Sequence[str], home: str) -> tuple[Permission, ...]:
    """Return the grants that a grants file gives: of what it names, what the manifest asks for."""
    permissions = [parse_permission(text) for text in wanted]
    return normal((p for p in permissions if grantable(p, manifest.permissions, home)), home)


def unasked(manifest: Manifest, wanted: Sequence[str], home: str) -> tuple[str, ...]:
    """Return what a grants file names and the manifest does not ask for: it is not granted."""
    return tuple(t for t in wanted if not grantable(parse_permission(t), manifest.permissions, home))


def widened(record: Record, texts: Sequence[str], home: str) -> tuple[Permission, ...]:
    """Return the grants of ``record`` with ``texts`` added.

    Raises:
        AuthorError: One is no permission.
        UsageError: The manifest does not ask for one.
    """
    declared = [parse_permission(text) for text in record.declared()]
    wanted = [parse_permission(text) for text in texts]
    for permission in wanted:
        if not grantable(permission, declared, home):
            listing = ", ".join(map(str, declared)) or "nothing"
            raise UsageError(
                f"its plugin.yaml does not ask for '{permission}', so it cannot be granted",
                f"It asks for: {listing}",
            )
    return normal((*record.granted(), *wanted), home)


def narrowed(record: Record, texts: Sequence[str] | None, home: str) -> tuple[Permission, ...]:
    """Return the grants of ``record`` without ``texts`` and all that is within them; None means all.

    Raises:
        AuthorError: One is no permission.
        UsageError: One is only a part of a grant: there is no grant with a hole in it.
    """
    held = record.granted()
    if texts is None:
        return ()
    gone = [parse_permission(text) for text in texts]
    for permission in gone:
        whole = next((p for p in held if within(permission, p, home)), None)
        if whole is not None and not any(within(p, permission, home) for p in held):
            raise UsageError(
                f"'{permission}' is only a part of the grant '{whole}'",
                f"Revoke '{whole}', then grant what is to stay",
            )
    return tuple(p for p in held if not grantable(p, gone, home))


def lost(before: Iterable[Permission], after: Iterable[Permission], home: str) -> tuple[Permission, ...]:
    """Return what of ``before`` is not wholly in ``after``."""
    after = tuple(after)
    return tuple(p for p in before if not covered(p, after, home))


def rows(
    declared: Iterable[Permission], granted: Iterable[Permission], home: str
) -> tuple[dict[str, Any], ...]:
    """Return each declared permission as people are shown it; ``grants`` are those within it."""
    held = tuple(granted)
    return tuple(
        {
            "permission": str(p),
            "granted": covered(p, held, home),
            "grants": [str(grant) for grant in held if within(grant, p, home)],
            "risk": p.risk.value,
            "reaches": p.reaches,
            "reason": p.reason,
        }
        for p in declared
    )
