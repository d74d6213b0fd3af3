"""Who may do what: bearer tokens with scopes, an end, and perhaps one plugin they are for.

What always holds: the database holds a token's sha256 only (it has 256 random bits, so nothing slower is
needed); a token is good for nothing that its scopes do not name, and for nothing after its end.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import false, select

from yesman.marketplace import clock
from yesman.marketplace.limits import LIMITS
from yesman.marketplace.publishers import publisher_id
from yesman.marketplace.refusals import UnauthenticatedError
from yesman.marketplace.schema import publishers, tokens
from yesman.model.errors import PermissionDeniedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

SCOPES: Final = ("publish", "yank", "review", "report", "keys", "moderate")
PREFIX: Final = "yesman_"
_TOKEN: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}", re.ASCII)
_NEW: Final = "Ask the registry's operator for a new one"


class Caller(NamedTuple):
    """Whose token it is, and what it is good for.

    Attributes:
        id: Of the publisher.
        name: Of the publisher.
        trusted: Whether their reports weigh more.
        scopes: Of the token.
        plugin: The only plugin the token is for, or "".
    """

    id: int
    name: str
    trusted: bool
    scopes: frozenset[str]
    plugin: str

    def require(self, scope: str, plugin: str) -> None:
        """Refuse what the token is not for.

        Raises:
            PermissionDeniedError: It lacks the scope, or is another plugin's.
        """
        if scope not in self.scopes:
            raise PermissionDeniedError(
                f"This token lacks the scope '{scope}'", "Use a token that has it", permission=scope
            )
        if self.plugin not in ("", plugin):
            raise PermissionDeniedError(
                f"This token is for the plugin '{self.plugin}' only", "Use a token for this one"
            )


def issue(
    connection: Connection, publisher: str, scopes: Sequence[str], *, days: float, plugin: str = ""
) -> str:
    """Return a new token of ``publisher``, who is made known if need be; nobody can read it again.

    Raises:
        UsageError: A scope is unknown, or it would live too long.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise UsageError(f"There is no scope {', '.join(unknown) or ''!r}", f"Use {', '.join(SCOPES)}")
    if not 0 < days <= LIMITS.token_days:
        raise UsageError(f"A token lives at most {LIMITS.token_days} days", "Choose fewer")
    token = PREFIX + secrets.token_urlsafe(32)
    row = {
        "publisher_id": publisher_id(connection, publisher),
        "hash": _hash(token),
        "scopes": " ".join(sorted(set(scopes))),
        "plugin": plugin,
        "created": clock.now(),
        "expires": clock.later(days=days),
    }
    connection.execute(tokens.insert().values(row))
    return token


def caller(connection: Connection, token: str) -> Caller:
    """Return whose ``token`` it is.

    Raises:
        UnauthenticatedError: Nobody's, or it has ended. The sentence does not say which one of them.
    """
    found = caller_of(connection, *_with(token))
    if found is None:
        raise _unknown()
    return found


def held(connection: Connection, token: str) -> int:
    """Return the id of ``token``, if it is good for anything now.

    Raises:
        UnauthenticatedError: It is not.
    """
    found = connection.execute(select(tokens.c.id).where(*_with(token), *_good())).scalar_one_or_none()
    if found is None:
        raise _unknown()
    return int(found)


def caller_of(connection: Connection, *which: ColumnElement[bool]) -> Caller | None:
    """Return whose token is the one that ``which`` names, if it is good for anything now."""
    columns = (publishers.c.id, publishers.c.name, publishers.c.trusted, tokens.c.scopes, tokens.c.plugin)
    query = select(*columns).where(tokens.c.publisher_id == publishers.c.id, *_good(), *which)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Caller(row.id, row.name, row.trusted, frozenset(row.scopes.split()), row.plugin)


def _with(token: str) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for ``token``; what cannot be one is none, and not looked up."""
    return (tokens.c.hash == _hash(token),) if _TOKEN.fullmatch(token) else (false(),)


def _good() -> tuple[ColumnElement[bool], ...]:
    return tokens.c.revoked == "", tokens.c.expires > clock.now()


def _unknown() -> UnauthenticatedError:
    return UnauthenticatedError("The token is not known, or has expired or was revoked", _NEW)


def revoke(connection: Connection, token: str) -> bool:
    """Make a token useless from now on; False where there is none."""
    change = tokens.update().where(tokens.c.hash == _hash(token), tokens.c.revoked == "")
    return connection.execute(change.values(revoked=clock.now())).rowcount == 1


def revoke_all(connection: Connection, publisher: int) -> int:
    """Make all tokens of a publisher useless from now on; return how many those were."""
    change = tokens.update().where(tokens.c.publisher_id == publisher, tokens.c.revoked == "")
    return connection.execute(change.values(revoked=clock.now())).rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
