"""What is said to whoever waited for a plugin that ended, or that failed to load. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yesman.model.errors import AuthorError, PermissionDeniedError, PluginFailedError
from yesman.model.plain_text import argument
from yesman.wire.handshake import IncompatibleError

if TYPE_CHECKING:
    from yesman.model.errors import YesmanError
    from yesman.runtime.exceeded import Exceeded
    from yesman.wire.frames import ProtocolError


def crash(plugin: str, how: str, doing: str) -> PluginFailedError:
    """Return that ``plugin`` ended while running ``doing`` (or ""); ``how`` follows its name."""
    return PluginFailedError(
        f"plugin '{plugin}' {how}{_during(doing)}",
        f"See 'yesman plugin logs {plugin}'; the next call starts it afresh",
        failure="crashed",
    )


def manner(strike: ProtocolError | None, killed_for: str, ended: str) -> str:
    """Return how a plugin ended, to follow its name: at our hands, or by itself as ``ended`` says."""
    if isinstance(strike, IncompatibleError):
        return f"was stopped: {strike}"
    if strike is not None:
        return f"broke the protocol and was stopped ({strike})"
    return f"was stopped because {killed_for}" if killed_for else ended


def unserialisable(plugin: str, doing: str, why: str) -> PluginFailedError:
    """Return that what ``plugin`` returned from ``doing`` is no data."""
    return PluginFailedError(
        f"plugin '{plugin}' returned from '{doing}' what cannot be passed on: {why}",
        "Its author should return plain JSON data",
        failure="unserialisable",
    )


def revocation(plugin: str, permissions: tuple[str, ...], doing: str) -> PermissionDeniedError:
    """Return that ``plugin`` was ended because ``permissions`` were revoked."""
    several = len(permissions) > 1
    lost = ", ".join(f"'{permission}'" for permission in permissions)
    return PermissionDeniedError(
        f"plugin '{plugin}' was stopped{_during(doing)}, "
        f"because its permission{'s' if several else ''} {lost} {'were' if several else 'was'} revoked",
        "The next call starts it afresh; to allow it again: "
        f"yesman plugin grant {plugin} {' '.join(map(argument, permissions))}",
    )


OVERDUE: Final = "overdue"
"""What a call is cancelled with when its time is over; else whoever wanted it has gone, which is no fault."""


def overdue(plugin: str, exceeded: Exceeded) -> PluginFailedError:
    """Return that ``plugin`` did not finish in time; its process may have survived being told so."""
    message = f"plugin '{plugin}' {exceeded.deed.removeprefix('it ')}"
    return PluginFailedError(message, exceeded.next_step(plugin), failure="timeout")


def busy(plugin: str) -> PluginFailedError:
    """Return that ``plugin`` had no time for what it was asked, and has not begun it."""
    step = f"Try again when it is done; to end it first: yesman plugin disable {plugin}"
    return PluginFailedError(f"plugin '{plugin}' is busy", step, failure="busy")


def load_failure(plugin: str, error: PluginFailedError) -> YesmanError:
    """Return the failed call that was to load ``plugin`` as what it means for whoever wanted it loaded."""
    if error.failure == "load":
        message = f"plugin '{plugin}' cannot be loaded: {error.message}"
        return AuthorError(message, "Its author must mend that")
    if error.failure == "permission":
        message = f"plugin '{plugin}' cannot be loaded: {error.message}"
        return PermissionDeniedError(message, permission=error.permission)
    if error.failure in ("crashed", "timeout", "memory", "disk"):
        return error
    what = error.message.removeprefix(f"plugin '{plugin}': ") or f"it exited with code {error.code}"
    return PluginFailedError(
        f"plugin '{plugin}' failed while loading: {what}",
        f"See 'yesman plugin logs {plugin}'",
        traceback=error.traceback,
    )


def _during(doing: str) -> str:
    return f" while running '{doing}'" if doing else ""
