"""The one tree of errors that may cross a boundary.

Each error is one sentence that says whose fault it is, plus the next step. Nothing
generic crosses a boundary: the command line prints ``sentence`` and exits with
``exit_code``; the server sends the same fields as data (:meth:`YesmanError.as_data`).
"""

from __future__ import annotations

from typing import Any, ClassVar


class YesmanError(Exception):
    """Base of every error that yesman itself explains.

    Args:
        message: One sentence without a trailing full stop, naming what went wrong.
        next_step: What the reader should do now; may be empty.

    Attributes:
        kind: A short stable word for programs, such as ``"not-found"``.
        exit_code: The process exit code the command line uses (design: 2 usage,
            3 permission, 4 verification, 5 not found, 1 anything else).
    """

    kind: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message.rstrip(".")
        self.next_step = next_step

    @property
    def sentence(self) -> str:
        """The message and the next step, as shown to a person."""
        return " ".join(map(_ended, filter(None, (self.message, self.next_step))))

    def __str__(self) -> str:
        return self.sentence

    def as_data(self) -> dict[str, Any]:
        """Return the fields that travel to another process."""
        return {
            "kind": self.kind,
            "message": self.message,
            "next_step": self.next_step,
            "exit_code": self.exit_code,
        }


class UsageError(YesmanError):
    """The user asked for something that cannot be understood or is not allowed now."""

    kind = "usage"
    exit_code = 2


class LeftOutError(UsageError):
    """A plugin is not run while others are tried without it."""

    exit_code = 125  # "cannot be tested", as for 'git bisect run'


class PermissionDeniedError(YesmanError):
    """Somebody lacks a permission, or the user did not consent.

    Attributes:
        permission: What would have to be granted, as text, or "".
    """

    kind = "permission"
    exit_code = 3

    def __init__(self, message: str, next_step: str = "", *, permission: str = "") -> None:
        super().__init__(message, next_step)
        self.permission = permission

    def as_data(self) -> dict[str, Any]:
        """Return the fields that travel to another process."""
        return super().as_data() | {"permission": self.permission}


class ForbiddenError(YesmanError):
    """A plugin that guards something forbids it."""

    kind = "permission"
    exit_code = 3


class VerificationError(YesmanError):
    """What was read is not what was promised: digest, signature or recorded state."""

    kind = "verification"
    exit_code = 4


class NotFoundError(YesmanError):
    """The named thing does not exist."""

    kind = "not-found"
    exit_code = 5


class AuthorError(YesmanError):
    """The plugin's author wrote something that cannot be accepted."""

    kind = "author"
    exit_code = 2


class NeedsConfigError(YesmanError):
    """The plugin is fine, but required settings are missing."""

    kind = "needs-config"
    exit_code = 2


class PluginFailedError(YesmanError):
    """The plugin's own code failed, hung or died.

    Attributes:
        failure: The worker's word for it: ``error``, ``load``, ``exit``, ``interrupted``,
            ``unserialisable``, ``memory``, ``timeout``, ``disk``, ``crashed`` or ``busy``.
        traceback: The plugin's traceback as text; may be empty.
        code: The exit code that the command line uses.
        permission: What the plugin says it lacked, when ``failure`` is ``permission``; or "".
        raised: The built-in type of its exception and the text, as the plugin says; or empty.
    """

    kind = "plugin"

    def __init__(
        self,
        message: str,
        next_step: str = "",
        *,
        failure: str = "error",
        traceback: str = "",
        code: int = 1,
        permission: str = "",
        raised: tuple[str, str] = ("", ""),
    ) -> None:
        super().__init__(message, next_step)
        self.failure = failure
        self.traceback = traceback
        self.code = code
        self.permission = permission
        self.raised = raised

    def as_data(self) -> dict[str, Any]:
        """Return the fields that travel to another process."""
        more = {"failure": self.failure, "permission": self.permission}
        return super().as_data() | more | {"exit_code": self.code, "traceback": self.traceback}


class ProviderError(YesmanError):
    """A plugin's provider could not do what it was asked.

    Attributes:
        provider: Its name.
        failure: ``connect``, ``timeout``, ``result``, ``circle``, ``unavailable``, or the worker's word as in
            :class:`PluginFailedError`.
    """

    kind = "provider"

    def __init__(self, provider: str, message: str, next_step: str = "", *, failure: str = "error") -> None:
        super().__init__(f"provider '{provider}': {message}", next_step)
        self.provider = provider
        self.failure = failure


class RemoteError(YesmanError):
    """Something outside this machine (a package index, say) failed."""

    kind = "remote"


class PlatformError(YesmanError):
    """This machine lacks something: a kernel feature, tmux, disk space, a writable folder."""

    kind = "platform"


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("?", ".")) else f"{sentence}."
