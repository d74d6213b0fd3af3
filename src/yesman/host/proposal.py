"""What the user is shown before an installation, and what they answer."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from yesman.host.kept_data import Heritage  # noqa: TC001 - msgspec reads the annotations of Proposal


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder would install; what the user is asked to consent to.

    Attributes:
        permissions: All it asks for, as :func:`yesman.host.consent.rows` gives them; of an
            update, ``granted`` says what stays granted.
        added_permissions: Those that nobody was asked about before.
        dropped_permissions: Those that the version before asked for and this one does not.
        plain_settings: Those of its settings that are no secrets.
        heritage: Data that a removed plugin of this name has left, and whether this one gets it.
    """

    name: str
    version: str
    author: str
    description: str
    digest: str
    publisher: str
    permissions: tuple[dict[str, Any], ...]
    hooks: tuple[str, ...]
    installed: dict[str, str] | None
    replaces: dict[str, str] | None
    added_permissions: tuple[str, ...]
    dropped_permissions: tuple[str, ...]
    missing_config: tuple[str, ...]
    plain_settings: tuple[str, ...]
    heritage: Heritage | None = None


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
