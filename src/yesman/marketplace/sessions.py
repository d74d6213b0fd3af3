"""Being signed in to the pages: a random secret in a cookie, which stands for a token and never is one.

What always holds: the database holds the secret's sha256 only; a session is worth what its token is worth at
that moment, and nothing after either has ended; so who revokes a token has signed everybody out.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Final

from yesman.marketplace import clock, schema, tokens
from yesman.marketplace.schema import sessions

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from yesman.marketplace.tokens import Caller

HOURS: Final = 12
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def start(connection: Connection, token: str) -> str:
    """Return the secret of a new session.

    Raises:
        UnauthenticatedError: The token is nobody's, or has ended.
    """
    held = tokens.held(connection, token)
    connection.execute(sessions.delete().where(sessions.c.expires <= clock.now()))
    secret = secrets.token_urlsafe(32)
    row = {"hash": _hash(secret), "token_id": held, "expires": clock.later(days=HOURS / 24)}
    connection.execute(sessions.insert().values(row))
    return secret


def caller(connection: Connection, secret: str) -> Caller | None:
    """Return who is signed in with ``secret``, if anybody is."""
    if not _SECRET.fullmatch(secret):
        return None
    this = (sessions.c.hash == _hash(secret), sessions.c.expires > clock.now())
    return tokens.caller_of(connection, schema.tokens.c.id == sessions.c.token_id, *this)


def end(connection: Connection, secret: str) -> None:
    """End a session, if there is one."""
    connection.execute(sessions.delete().where(sessions.c.hash == _hash(secret)))


def form_key(secret: str) -> str:
    """Return what the forms of this session carry; it tells nothing about the secret."""
    return hashlib.sha256(b"form\0" + secret.encode()).hexdigest()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
