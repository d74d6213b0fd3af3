"""Refusals that HTTP has a number for and that the rest of the tree of errors does not tell apart."""

from __future__ import annotations

from typing import ClassVar

from yesman.model.errors import PermissionDeniedError, PlatformError, UsageError


class UnauthenticatedError(PermissionDeniedError):
    """The token is missing, unknown, expired or revoked."""


class ConflictError(UsageError):
    """What is asked for contradicts what is there and stays."""

    kind: ClassVar[str] = "conflict"


class TooLargeError(UsageError):
    """More was sent than is taken."""

    kind: ClassVar[str] = "too-large"


class TooSlowError(UsageError):
    """A body came too slowly, or stopped."""

    kind: ClassVar[str] = "too-slow"


class TooOftenError(UsageError):
    """Somebody does more of this than they may in a day."""

    kind: ClassVar[str] = "too-often"


class NotConfiguredError(PlatformError):
    """This server was started without something that the request needs."""

    kind: ClassVar[str] = "not-configured"


class BusyError(PlatformError):
    """It will be done, or can be asked again, a little later."""

    kind: ClassVar[str] = "busy"
