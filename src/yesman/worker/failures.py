"""An exception becomes data: kind, one sentence, the traceback as text."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from yesman.wire.frames import UnserialisableError
from yesman.worker.denials import Denied
from yesman.worker.places import last_place

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGE_CHARACTERS = 2_000
TRACEBACK_CHARACTERS = 20_000
CHAIN_LENGTH = 1_000
INTERRUPTED = 130
"""128 + SIGINT, what a shell reports for a program stopped by Ctrl-C."""


def describe(error: BaseException) -> dict[str, Any]:
    """Return the FAILURE body for ``error``.

    A denial anywhere in the chain of causes makes the whole failure a ``permission`` one:
    HTTP libraries, among others, wrap it in errors of their own.
    """
    body = {
        "kind": "error",
        "message": _placed(error),
        "traceback": _trace(error),
        "exit_code": 1,
        "raised": _raised(error),
    }
    denial = next((e for e in _chain(error) if _is_refusal(e)), None)
    if denial is not None:
        missing = _text(getattr(denial, "permission", ""))
        body |= {"kind": "permission", "message": _sentence(denial, bare=True), "exit_code": 3}
        body |= {"permission": missing, "deed": _text(getattr(denial, "deed", ""))}
    elif isinstance(error, SystemExit):
        body |= {"kind": "exit", **_exit(error)}
    elif isinstance(error, KeyboardInterrupt) or type(error).__name__ == "CancelledError":
        body |= {"kind": "interrupted", "message": "interrupted", "exit_code": INTERRUPTED}
    elif isinstance(error, UnserialisableError):
        body |= {"kind": "unserialisable", "message": f"the handler returned a value that is {error}"}
    elif isinstance(error, PermissionError):
        body |= {"kind": "permission", "message": _sentence(error), "exit_code": 3}
    elif isinstance(error, MemoryError):
        body |= {"kind": "memory"}
    return body


def _is_refusal(error: BaseException) -> bool:
    """Whether ``error`` came from the sandbox or, marked by :mod:`yesman.worker.lanes`, from the host."""
    return isinstance(error, Denied) or (isinstance(error, PermissionError) and "permission" in vars(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    queue: list[BaseException | None] = [error]
    while queue and len(seen) < CHAIN_LENGTH:
        current = queue.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        queue += [current.__cause__, current.__context__]
        queue += [argument for argument in current.args if isinstance(argument, BaseException)]
        if isinstance(current, BaseExceptionGroup):
            queue += current.exceptions


def _sentence(error: BaseException, *, bare: bool = False) -> str:
    text = _text(error)
    if bare:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _placed(error: BaseException) -> str:
    """Return the sentence, and where in the plugin's own files it came from."""
    where = last_place(error.__traceback__)
    return f"{_sentence(error)} ({where})" if where else _sentence(error)


def _raised(error: BaseException) -> tuple[str, str]:
    """Return the nearest built-in type of ``error`` and its text: what another process can make anew."""
    built_in = next(cls.__name__ for cls in type(error).__mro__ if cls.__module__ == "builtins")
    lone = error.args[0] if len(error.args) == 1 and isinstance(error.args[0], str) else error
    return built_in, _text(lone)


def _text(value: object) -> str:
    try:
        text = str(value)
    except Exception as broken:  # noqa: BLE001 - a plugin's __str__ may raise anything
        text = f"(its message could not be made: {type(broken).__name__})"
    return text[:MESSAGE_CHARACTERS].encode(errors="backslashreplace").decode()


def _trace(error: BaseException) -> str:
    try:
        text = "".join(traceback.format_exception(error))
    except Exception as broken:  # noqa: BLE001 - formatting calls a plugin's __str__ and __repr__
        text = f"(the traceback could not be made: {type(broken).__name__})\n"
    return text[-TRACEBACK_CHARACTERS:].encode(errors="backslashreplace").decode()


def _exit(error: SystemExit) -> dict[str, Any]:
    """Return exit code and message with the meaning ``sys.exit`` gives its argument."""
    if error.code is None:
        return {"exit_code": 0, "message": ""}
    if isinstance(error.code, int):
        return {"exit_code": error.code & 0xFF, "message": ""}
    return {"exit_code": 1, "message": _text(error.code)}
