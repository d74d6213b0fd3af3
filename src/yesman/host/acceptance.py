"""What no consent can make acceptable in a plugin that is about to be installed. Decides, never acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.host import needs
from yesman.host.offers import check_free
from yesman.model.errors import AuthorError, PermissionDeniedError
from yesman.model.reserved import BUILT_IN
from yesman.runtime.grants_policy import refused_scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from yesman.host.origin import Origin
    from yesman.host.registry import Record
    from yesman.model.manifest import Manifest
    from yesman.model.permissions import Permission
    from yesman.runtime.grants_policy import Machine


def check_acceptable(manifest: Manifest, records: Mapping[str, Record], machine: Machine) -> None:
    """Refuse a plugin that takes a command of ours or another's provider, or asks for what cannot be granted.

    Raises:
        AuthorError: The former.
        PermissionDeniedError: The latter.
    """
    for command in manifest.commands:
        if command.name in BUILT_IN:
            raise AuthorError(
                f"plugin '{manifest.name}' declares the command '{command.name}', which is yesman's own",
                "Its author must choose another name",
            )
    check_free(manifest, records)
    check_grantable(manifest.name, manifest.permissions, machine)


def check_grantable(name: str, permissions: Iterable[Permission], machine: Machine) -> None:
    """Refuse permissions that cannot be granted on this machine.

    Raises:
        PermissionDeniedError: It names the first of them and the reason.
    """
    for permission, reason in refused_scopes(permissions, machine).items():
        raise PermissionDeniedError(
            f"plugin '{name}' asks for '{permission}', which cannot be granted: {reason}",
            "A narrower folder must be asked for",
        )


def check_replaced(name: str, record: Record | None, origin: Origin, *, agreed: bool) -> None:
    """Refuse to hand a plugin's settings and data to one from elsewhere that has its name.

    Raises:
        PermissionDeniedError: Nobody has agreed to that.
    """
    if record is not None and not origin.continues(record) and not agreed:
        raise PermissionDeniedError(
            f"plugin '{name}' is installed from {record.source}, and nobody has agreed to replace it "
            f"by {origin.source}",
            f"Run the install again and agree, pass --yes, or remove it: yesman plugin remove {name}",
        )


def check_needs(name: str, record: Record, records: Mapping[str, Record]) -> tuple[str, ...]:
    """Return what to say of installed plugins that ``record`` no longer serves.

    Raises:
        NotFoundError: It needs a plugin that is not installed.
        UsageError: It needs another version of one, or would need itself by way of others.
        VerificationError: A plugin would be given to, or instead of, one of another registry.
    """
    after = {**records, name: record}
    needs.in_order(name, after)
    needs.check_registries(name, after)
    return needs.outgrown(name, record.version, records)
