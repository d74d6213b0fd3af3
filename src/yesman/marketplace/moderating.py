"""What moderators decide: one function a decision, each in the caller's transaction.

What always holds: each takes who decides and why, writes that down (:mod:`yesman.marketplace.deciding`), and
returns what the signed index and the list of revocations must reach; the caller commits and then gives it
to :meth:`yesman.marketplace.indexing.Indexing.finish`. Killed in between, the next round does that.

A plugin is quarantined as a whole (by reports, or a moderator), or a release of it is (by its scan). A
removed plugin keeps its name for ever. A revocation is for those who have it already: clients stop what is
revoked; it says nothing about the index, and is withdrawn by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select

from yesman.marketplace import clock, revoking
from yesman.marketplace.claims import raise_wanted
from yesman.marketplace.deciding import Due, Moderator, decide, judged, settle_reports
from yesman.marketplace.events import record
from yesman.marketplace.refusals import ConflictError
from yesman.marketplace.releases import release_of
from yesman.marketplace.schema import keys, plugins, publishers, releases
from yesman.marketplace.summary import summarise
from yesman.marketplace.tokens import revoke_all
from yesman.marketplace.yanking import set_yanked
from yesman.model.errors import NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from yesman.marketplace.deciding import Outcome
    from yesman.marketplace.releases import Known

    Severity = Literal["hard", "soft"]


def restore(
    connection: Connection,
    by: Moderator,
    name: str,
    reason: str,
    *,
    version: str = "",
    good_faith: bool = False,
) -> Due:
    """Take a plugin out of quarantine, or with ``version`` one release; open reports of it are dismissed.

    Args:
        connection: In whose transaction.
        by: Who decides.
        name: Of the plugin.
        reason: Why.
        version: The release, or "" for the plugin as a whole.
        good_faith: Whether who reported it loses no weight by that.

    Raises:
        NotFoundError: There is no such plugin or release.
        PermissionDeniedError: It is the moderator's own.
        ConflictError: It is not in quarantine.
    """
    plugin = judged(connection, by, name)
    if version:
        release = _release(connection, name, version)
        if not release.quarantined:
            raise ConflictError(f"{name} {version} is not in quarantine", "Look at the queue")
        revision = raise_wanted(connection, plugin.id)
        # Its revision is the new one: readers see it once the index names it, and not before.
        _set_release(connection, release.id, quarantined="", held="", revision=revision)
    else:
        if plugin.state != "quarantined":
            raise ConflictError(f"'{name}' is not in quarantine", "Look at the queue")
        _set_plugin(connection, plugin.id, state="active", held="")
        revision = raise_wanted(connection, plugin.id)
        settle_reports(connection, plugin.id, _dismissed(good_faith=good_faith))
    decide(connection, by, plugin, "restore", reason, version=version)
    return Due(plugin.id, revision)


def dismiss(
    connection: Connection, by: Moderator, name: str, reason: str, *, good_faith: bool = False
) -> Due:
    """Dismiss the open reports of a plugin, which stays as it is.

    Raises:
        NotFoundError: There is no such plugin.
        PermissionDeniedError: It is the moderator's own.
        ConflictError: There are none.
    """
    plugin = judged(connection, by, name)
    if not settle_reports(connection, plugin.id, _dismissed(good_faith=good_faith)):
        raise ConflictError(f"There are no open reports of '{name}'", "Nothing is to be done")
    decide(connection, by, plugin, "dismiss", reason)
    return Due()


def reject(connection: Connection, by: Moderator, name: str, reason: str, *, version: str = "") -> Due:
    """Leave a plugin, or one release, in quarantine: what was reported is right. Its author may ask again.

    Raises:
        NotFoundError: There is no such plugin or release.
        PermissionDeniedError: It is the moderator's own.
        ConflictError: It is not in quarantine.
    """
    plugin = judged(connection, by, name)
    release = _release(connection, name, version) if version else None
    if not (release.quarantined if release else plugin.state == "quarantined"):
        raise ConflictError(f"'{name}' is not in quarantine", "Quarantine it, if it should be")
    if release:
        _set_release(connection, release.id, held="")
    else:
        _set_plugin(connection, plugin.id, held="")
        settle_reports(connection, plugin.id, "upheld")
    decide(connection, by, plugin, "reject", reason, version=version)
    return Due()


def quarantine(connection: Connection, by: Moderator, name: str, reason: str) -> Due:
    """Take a plugin out of lists and index until somebody decides.

    Raises:
        NotFoundError: There is no such plugin.
        PermissionDeniedError: It is the moderator's own.
        ConflictError: It is not listed.
    """
    plugin = judged(connection, by, name)
    if plugin.state != "active":
        raise ConflictError(f"'{name}' is {plugin.state}", "Look at the queue")
    hide(connection, plugin.id)
    decide(connection, by, plugin, "quarantine", reason)
    return Due(plugin.id, raise_wanted(connection, plugin.id))


def hide(connection: Connection, plugin: int) -> None:
    """Have a plugin wait for a moderator, out of lists."""
    _set_plugin(connection, plugin, state="quarantined", held=clock.now())
    summarise(connection, plugin)


def yank(connection: Connection, by: Moderator, name: str, version: str, reason: str) -> Due:
    """Yank a release in its author's place; open reports of the plugin were right.

    Raises:
        NotFoundError: There is no such release.
        PermissionDeniedError: It is the moderator's own.
    """
    plugin, release = judged(connection, by, name), _release(connection, name, version)
    revision = set_yanked(connection, release, reason)
    if revision:  # else it was decided before, and what came since then was not meant
        settle_reports(connection, plugin.id, "upheld")
        decide(connection, by, plugin, "yank", reason, version=release.version, event="force-yank")
    return Due(plugin.id, revision)


def unyank(connection: Connection, by: Moderator, name: str, version: str, reason: str) -> Due:
    """Take a yank back, whoever's it was.

    Raises:
        NotFoundError: There is no such release.
        PermissionDeniedError: It is the moderator's own.
    """
    plugin, release = judged(connection, by, name), _release(connection, name, version)
    revision = set_yanked(connection, release, "")
    if revision:
        decide(connection, by, plugin, "unyank", reason, version=release.version, event="force-unyank")
    return Due(plugin.id, revision)


def remove(connection: Connection, by: Moderator, name: str, reason: str) -> Due:
    """Remove a plugin with all its releases for ever; its name is given to nobody. Reports of it were right.

    Raises:
        NotFoundError: There is no such plugin.
        PermissionDeniedError: It is the moderator's own.
        ConflictError: It was removed before.
    """
    plugin = judged(connection, by, name)
    if plugin.state == "removed":
        raise ConflictError(f"'{name}' was removed before", "Nothing is to be done")
    _set_plugin(connection, plugin.id, state="removed", held="")
    connection.execute(releases.update().where(releases.c.plugin_id == plugin.id).values(held=""))
    summarise(connection, plugin.id)
    settle_reports(connection, plugin.id, "upheld")
    decide(connection, by, plugin, "remove", reason)
    return Due(plugin.id, raise_wanted(connection, plugin.id))


def revoke(
    connection: Connection,
    by: Moderator,
    name: str,
    reason: str,
    *,
    version: str = "",
    severity: Severity = "hard",
) -> Due:
    """Have clients stop a plugin, or one version of it (``hard``), or warn of it (``soft``).

    Raises:
        NotFoundError: There is no such plugin or release.
        PermissionDeniedError: It is the moderator's own.
        UsageError: The reason has more than one line.
    """
    plugin = judged(connection, by, name)
    exact = _release(connection, name, version).version if version else ""
    revision = revoking.revoke(connection, plugin=name, version=exact, severity=severity, reason=reason)
    settle_reports(connection, plugin.id, "upheld")
    decide(connection, by, plugin, "revoke", reason, version=exact)
    return Due(revocations=revision)


def unrevoke(connection: Connection, by: Moderator, name: str, reason: str, *, version: str = "") -> Due:
    """Take back what :func:`revoke` did with the same plugin and version.

    Raises:
        NotFoundError: It is not revoked.
        PermissionDeniedError: It is the moderator's own.
    """
    plugin = judged(connection, by, name)
    exact = _release(connection, name, version).version if version else ""
    revision = revoking.withdraw(connection, plugin=name, version=exact)
    decide(connection, by, plugin, "unrevoke", reason, version=exact)
    return Due(revocations=revision)


def revoke_key(
    connection: Connection, by: Moderator, keyid: str, reason: str, *, severity: Severity = "hard"
) -> Due:
    """Have clients stop all that a stolen key has signed; end its owner's tokens; take no more of it.

    Raises:
        NotFoundError: No publisher has that key.
        UsageError: The reason has more than one line.
    """
    owner = _owner(connection, keyid)
    revision = revoking.revoke(connection, keyid=keyid, severity=severity, reason=reason)
    revoke_all(connection, owner.id)
    record(connection, "revoke-key", publisher=owner.name, detail=f"{keyid} by {by.name}: {reason}")
    return Due(revocations=revision)


def unrevoke_key(connection: Connection, by: Moderator, keyid: str, reason: str) -> Due:
    """Take back what :func:`revoke_key` did, but for the tokens.

    Raises:
        NotFoundError: It is nobody's, or not revoked.
        PermissionDeniedError: It is the moderator's own.
    """
    owner = _owner(connection, keyid)
    if owner.id == by.id:
        raise PermissionDeniedError("Nobody decides about a key of their own", "Ask another moderator")
    revision = revoking.withdraw(connection, keyid=keyid)
    record(connection, "unrevoke-key", publisher=owner.name, detail=f"{keyid} by {by.name}: {reason}")
    return Due(revocations=revision)


def _owner(connection: Connection, keyid: str) -> Any:
    query = (
        select(publishers.c.id, publishers.c.name).join_from(keys, publishers).where(keys.c.keyid == keyid)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(
            "No publisher has that key", "List a publisher's keys: yesman market keys authors"
        )
    return row


def _release(connection: Connection, name: str, version: str) -> Known:
    known = release_of(connection, name, version)
    if known is None:
        raise NotFoundError(f"There is no version {version} of '{name}'", f"See /api/plugins/{name}")
    return known


def _dismissed(*, good_faith: bool) -> Outcome:
    return "neither" if good_faith else "dismissed"


def _set_plugin(connection: Connection, plugin: int, **values: Any) -> None:
    connection.execute(plugins.update().where(plugins.c.id == plugin).values(values))


def _set_release(connection: Connection, release: int, **values: Any) -> None:
    connection.execute(releases.update().where(releases.c.id == release).values(values))
