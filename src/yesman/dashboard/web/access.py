"""Who may use the dashboard: whoever followed a link once, or knew the password; until the process ends.

What always holds: a link works once, and for :data:`LINK_SECONDS`; of links, of what browsers hold and of the
password only digests are kept here; and of guessed passwords one a second is looked at, whoever guesses.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

LINK_SECONDS: Final = 600.0
SESSION_SECONDS: Final = 24 * 3600.0
MOST_LINKS, MOST_SESSIONS = 20, 100
"""The oldest give way to new ones."""
GUESS_SECONDS: Final = 1.0
_COST: Final = {"n": 2**14, "r": 8, "p": 1}


class Visitor(NamedTuple):
    """A browser that may use the dashboard.

    Attributes:
        form: What its requests that change something carry, which no other site knows.
    """

    form: str


class Password:
    """A password, kept as what it comes to.

    Args:
        text: The password.
    """

    def __init__(self, text: str) -> None:
        self._salt = secrets.token_bytes(16)
        self._digest = self._of(text)

    def is_(self, text: str) -> bool:
        """Tell whether that is the password; takes some hundredths of a second."""
        return hmac.compare_digest(self._digest, self._of(text))

    def _of(self, text: str) -> bytes:
        return hashlib.scrypt(text.encode(errors="surrogateescape"), salt=self._salt, **_COST)


class Access:
    """The links that are open, and the browsers that may go on.

    Args:
        password: Lets in as well, if there is one.
        clock: Seconds, only ever growing.
    """

    def __init__(self, password: Password | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._password = password
        self._clock = clock
        self._links: OrderedDict[str, float] = OrderedDict()
        self._sessions: OrderedDict[str, float] = OrderedDict()
        self._next_guess = 0.0

    @property
    def by_password(self) -> bool:
        """Whether there is a password."""
        return self._password is not None

    def invite(self) -> str:
        """Return what a new link carries."""
        return self._keep(self._links, LINK_SECONDS, MOST_LINKS)

    def follow(self, key: str) -> str | None:
        """Return the secret for the browser that followed a link, once; None if it is none any more."""
        ends = self._links.pop(_digest(key), 0.0)
        return self._enter() if self._clock() < ends else None

    def guess(self, password: str) -> str | None:
        """Return the secret for who knows the password; None for anybody else, and for who is too fast."""
        now = self._clock()
        if self._password is None or now < self._next_guess:
            return None
        self._next_guess = now + GUESS_SECONDS
        if not self._password.is_(password):
            return None
        self._next_guess = 0.0
        return self._enter()

    def visitor(self, secret: str) -> Visitor | None:
        """Return whose secret that is."""
        if self._clock() >= self._sessions.get(_digest(secret), 0.0):
            return None
        return Visitor(hashlib.sha256(b"form\0" + secret.encode(errors="replace")).hexdigest())

    def leave(self, secret: str) -> None:
        """Forget a browser."""
        self._sessions.pop(_digest(secret), None)

    def _enter(self) -> str:
        return self._keep(self._sessions, SESSION_SECONDS, MOST_SESSIONS)

    def _keep(self, kept: OrderedDict[str, float], seconds: float, most: int) -> str:
        secret = secrets.token_urlsafe(32)
        kept[_digest(secret)] = self._clock() + seconds
        while len(kept) > most:
            kept.popitem(last=False)
        return secret


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
