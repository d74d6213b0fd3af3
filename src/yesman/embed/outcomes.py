"""What a failed call becomes for an embedder: the built-in exception it would have met in process.

Nothing is rebuilt but built-in types, each from one text; the traceback comes as a note.
"""

from __future__ import annotations

import builtins
from contextlib import suppress

from yesman.model.errors import PermissionDeniedError, PluginFailedError, YesmanError

_BY_FAILURE: dict[str, type[Exception]] = {
    "disk": OSError,
    "memory": MemoryError,
    "timeout": TimeoutError,
    "unserialisable": TypeError,
}
_NEVER = (StopIteration, StopAsyncIteration)
"""Exceptions that mean something to whoever awaits."""


def as_builtin(error: YesmanError) -> Exception:
    """Return what the caller of a sandboxed function is to see for ``error``.

    A denial becomes a PermissionError whose ``permission`` is what would have to be granted; what is
    no built-in exception becomes the nearest built-in one below Exception, else a RuntimeError. What is
    not the function's doing (this machine cannot confine) stays what it is.
    """
    if isinstance(error, PermissionDeniedError):
        return _denied(error.message, error.permission)
    if not isinstance(error, PluginFailedError):
        return error
    made = _made(error)
    if error.traceback:
        made.add_note(f"In the sandbox:\n{error.traceback}")
    return made


def _made(error: PluginFailedError) -> Exception:
    if error.failure == "permission":
        return _denied(error.message, error.permission)
    kind = _BY_FAILURE.get(error.failure)
    if kind is not None:
        return kind(error.message)
    name, text = error.raised
    if error.failure == "error" and name:
        return _raised(name, text, error.message)
    return RuntimeError(error.message or f"it exited with code {error.code}")


def _raised(name: str, text: str, message: str) -> Exception:
    """Return the exception ``name`` with ``text``, or the nearest base of it that is made from one text."""
    named = getattr(builtins, name, None)
    if not isinstance(named, type) or not issubclass(named, Exception):
        return RuntimeError(message)
    for kind in named.__mro__[: named.__mro__.index(Exception)]:
        if kind in _NEVER:
            break
        with suppress(TypeError):  # UnicodeDecodeError and groups are not made from one text
            made: Exception = kind(text)
            return made
    return RuntimeError(message)


def _denied(message: str, permission: str) -> PermissionError:
    denied = PermissionError(message)
    denied.permission = permission  # type: ignore[attr-defined]  # as in the sandbox itself
    return denied
