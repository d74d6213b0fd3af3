"""A registry without its network: an air-gap bundle, a mirror, or a folder, at a time that the caller gives.

What always holds: the same signatures are demanded as over the network. Only that the timestamp,
the snapshot and the revocations are of today cannot be known here: so their age is said, and bounded.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from yesman.model.errors import VerificationError
from yesman.trust.chain import Chain, bins_of
from yesman.trust.explaining import LAGGING, expired, explained
from yesman.trust.fetching import Fetched
from yesman.trust.limits import PERIODS
from yesman.trust.registry import Moment, Registry, made_at
from yesman.trust.roles import MADE, REVOCATIONS, SNAPSHOT, TIMESTAMP, plugin_of

if TYPE_CHECKING:
    from datetime import datetime

    from tuf.api.metadata import Signed

    from yesman.trust.fetching import Fetch

_DAILY = (TIMESTAMP, SNAPSHOT, REVOCATIONS)


class OfflineRegistry(Registry):
    """A registry as it was at one moment.

    Args:
        fetch: Gets its files.
        root: The root file that the user has seen.
        now: UTC.
        longest_age: How long ago that moment may be; None: as over the network, until it expires.
        least_version: The :attr:`version` that was seen before; an older one is refused.

    Attributes:
        made: That moment, UTC, as the registry signed it.
        age: How long ago it was.
        version: The timestamp's version, which only grows.

    Raises:
        VerificationError: It is not signed as it must be, is too old, or older than what was seen.
        RemoteError: What ``fetch`` raises.
    """

    def __init__(
        self,
        fetch: Fetch,
        root: bytes,
        now: datetime,
        *,
        longest_age: timedelta | None = None,
        least_version: int = 0,
    ) -> None:
        self._now, self._longest_age = now, longest_age
        self._fetched = Fetched(fetch)
        self.made, self.age = now, timedelta(0)
        with explained(self._fetched):
            self._chain = Chain(self._fetched, root, self._judge)
        self.version = self._chain.timestamp.version
        if self.version < least_version:
            raise VerificationError(
                f"this copy of the registry has version {self.version}, not the {least_version} seen before",
                LAGGING,
            )

    @property
    def moment(self) -> Moment:
        """Of when it is."""
        expires = self._chain.timestamp.expires
        until = expires if self._longest_age is None else self.made + self._longest_age
        return Moment(self.made, until, self.version)

    def names(self) -> list[str]:
        """Return what every plugin of the registry is called; costs all of its metadata."""
        with explained(self._fetched):
            index = self._chain.index
            roles = [self._chain.role(name, index) for name in bins_of(index).get_roles()]
        self._fetched.forget()
        return sorted(named for role in roles for path in role.targets if (named := plugin_of(path)))

    def target(self, path: str, limit: int) -> bytes | None:
        """Return a target's bytes, or None where the registry knows none."""
        try:
            with explained(self._fetched):
                return self._chain.target(path, limit)
        finally:
            self._fetched.forget()

    def _judge(self, role: str, signed: Signed) -> None:
        if role == TIMESTAMP:
            self._date(str(signed.unrecognized_fields.get(MADE, "")))
        if role in _DAILY and self._longest_age is not None:
            self._check_age(self._longest_age)
        elif signed.is_expired(self._now):
            raise expired(role, signed.expires)

    def _date(self, made: str) -> None:
        self.made = made_at(made)
        self.age = max(self._now - self.made, timedelta(0))
        if self.made - self._now > PERIODS.ahead:
            raise VerificationError(
                f"the registry's metadata was made on {self.made:%Y-%m-%d %H:%M} UTC, which is still to come",
                "Set this computer's clock",
            )

    def _check_age(self, longest: timedelta) -> None:
        if self.age > longest:
            raise VerificationError(
                f"the registry's metadata is of {self.made:%Y-%m-%d %H:%M} UTC, {said(self.age)} ago, "
                f"and may be {said(longest)} old at most",
                "Bring a newer copy, or allow an older one",
            )


def said(age: timedelta) -> str:
    """Return an age as people say it."""
    hours = int(age.total_seconds() // 3600)
    count, unit = (hours // 24, "day") if hours >= 48 else (hours, "hour")  # noqa: PLR2004 - two days
    return f"{count} {unit}{'' if count == 1 else 's'}"
