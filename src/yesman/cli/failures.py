"""Errors of the command line, and how one is told: a sentence on stderr, and an exit code."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

from yesman.model.errors import PlatformError, UsageError, YesmanError

if TYPE_CHECKING:
    from collections.abc import Mapping

INTERRUPTED: Final = 130
"""128 + SIGINT: what a shell reports for a program that Ctrl-C ended."""
BROKEN_PIPE: Final = 141
"""128 + SIGPIPE: what a shell reports for a program whose reader went away."""


class ServerFailureError(YesmanError):
    """What the server answered instead of a result.

    Attributes:
        word: The failure's kind, such as ``"not-found"`` or ``"plugin"``.
        code: The exit code.
        traceback: The plugin's traceback; may be empty.
        failure: If the plugin's code failed, how (:class:`yesman.model.errors.PluginFailedError`); or "".
        permission: What was missing, or "".
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__(str(body.get("message") or ""), str(body.get("next_step") or ""))
        self.word = str(body.get("kind") or "error")
        code = body.get("exit_code")
        self.code = code if isinstance(code, int) and 0 <= code < 256 else 1  # noqa: PLR2004 - exit(3)
        self.traceback = str(body.get("traceback") or "")
        self.failure = str(body.get("failure") or "")
        self.permission = str(body.get("permission") or "")


class ServerGoneError(PlatformError):
    """The server ended in the middle of a call."""

    def __init__(self, doing: str, log: str) -> None:
        super().__init__(f"The server ended while {doing}", f"Try again; what happened stands in {log}")


class NotRunningError(PlatformError):
    """No server runs for this home."""

    def __init__(self, home: object) -> None:
        super().__init__(f"No server runs for {home}", "Start it: yesman server start")


class OtherVersionError(UsageError):
    """The running server is of another version of yesman."""

    def __init__(self, server: str, ours: str) -> None:
        super().__init__(
            f"The running server is yesman {server}, this command is yesman {ours}",
            "Restart it: yesman server stop (its plugins are started again when they are needed)",
        )


def exit_code(error: YesmanError) -> int:
    """Return the exit code that ``error`` asks for."""
    return error.code if isinstance(error, ServerFailureError) else error.exit_code


def tell(error: YesmanError, *, debug: bool = False) -> int:
    """Write ``error`` to stderr and return the exit code."""
    if debug:
        _show_traceback(error, getattr(error, "traceback", ""))
    if text := told(error):
        sys.stderr.write(f"yesman: {text}\n")
    return exit_code(error)


def told(error: YesmanError) -> str:
    """Return what is said about ``error``, harmless and on one line; nothing where no words are needed."""
    from yesman.cli.terminal import sentence  # noqa: PLC0415 - nothing to tell is the common case

    # Ctrl-C needs no words, and a handler that calls sys.exit(3) has none.
    if isinstance(error, ServerFailureError) and (error.code == INTERRUPTED or not error.message):
        return ""
    return " ".join(map(_ended, map(sentence, filter(None, (error.message, error.next_step)))))


def _ended(text: str) -> str:
    """Return ``text`` with a full stop, but for one that ends otherwise or in a command to be typed."""
    bare = text.endswith(("?", "!", ".")) or re.search(r": (?:yesman|kill) \S.*\Z", text)
    return text if bare else f"{text}."


def tell_mistake(error: Exception, *, debug: bool) -> int:
    """Report an exception that is a mistake of yesman's own; return the exit code."""
    from yesman.cli.terminal import sentence  # noqa: PLC0415 - see above

    if debug:
        _show_traceback(error, "")
    hint = "Please report it" if debug else "Run 'yesman --debug …' to see where, and report it"
    sys.stderr.write(
        f"yesman: A mistake in yesman: {sentence(f'{type(error).__name__}: {error}')}. {hint}.\n"
    )
    return 1


def _show_traceback(error: Exception, remote: str) -> None:
    """Write where it happened: in the plugin, if it was there, since ours only says that we were waiting."""
    import traceback  # noqa: PLC0415 - only with --debug

    from yesman.cli.terminal import block  # noqa: PLC0415 - same

    text = f"In the plugin:\n{remote.rstrip()}\n\n" if remote else "".join(traceback.format_exception(error))
    sys.stderr.write(block(text))  # the message of either may be a stranger's
