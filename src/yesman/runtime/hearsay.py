"""What a plugin says of its failure, told so that nothing of it can pass for yesman's own words. Pure.

What always holds: a sentence either begins with the plugin's name and a colon, and the rest is
the plugin's; or it is made here, and what it takes from the plugin is a permission or a path.
The one exception is the answer to ``load``, which ``yesman.runtime.endings`` puts behind words
of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yesman.model.errors import AuthorError, PluginFailedError
from yesman.model.permissions import parse_permission
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from yesman.wire.messages import Failure

MESSAGE_CHARACTERS, TRACEBACK_CHARACTERS = 2_000, 20_000
FAILURES: Final = frozenset({"error", "permission", "exit", "interrupted", "unserialisable", "memory"})
"""What a worker may call a failure; besides, ``load`` in answer to that call alone."""
_DEEDS: Final = frozenset({"change file attributes", "open a socket of this kind", "signal another process"})
_ON_A_PATH: Final = re.compile(r"(read|write) (/.*)", re.DOTALL)
_PLAIN_PATH: Final = re.compile(r"[\w@%+=~./-]+", re.ASCII)
_LONGEST_PATH: Final = 1_024


def told(plugin: str, method: str, failure: Failure) -> PluginFailedError:
    """Return ``failure``, with which ``plugin`` answered the call of ``method``, as an error of ours."""
    kind = failure.kind if failure.kind in FAILURES or failure.kind == method == "load" else "error"
    return PluginFailedError(
        _message(plugin, kind, failure),
        failure=kind,
        traceback=failure.traceback[-TRACEBACK_CHARACTERS:],
        code=failure.exit_code & 0xFF,
        permission=failure.permission,
        raised=(failure.raised[0], failure.raised[1][:MESSAGE_CHARACTERS]),
    )


def _message(plugin: str, kind: str, failure: Failure) -> str:
    said = failure.message[:MESSAGE_CHARACTERS]
    own = f"plugin '{plugin}'"
    refused = _refused(failure) if kind == "permission" else ""
    if refused:
        return f"{own} {refused}"
    return said if not said or kind == "load" else f"{own}: {said.removeprefix(f'{own} ')}"


def _refused(failure: Failure) -> str:
    """Return what the sandbox refused, in our words; "" where only the plugin has words for it."""
    try:
        return f"lacks permission {_quoted(str(parse_permission(failure.permission)))}"
    except AuthorError:
        deed = _deed(failure.deed)
        return f"may not {deed}; no permission can allow it" if deed else ""


def _deed(deed: str) -> str:
    on_a_path = _ON_A_PATH.fullmatch(deed)
    if on_a_path is None:
        return deed if deed in _DEEDS else ""
    verb, path = on_a_path.groups()
    return f"{verb} {path if _PLAIN_PATH.fullmatch(path) and len(path) <= _LONGEST_PATH else _quoted(path)}"


def _quoted(text: str) -> str:
    """Return ``text`` in quotes that it cannot close."""
    return shown(text.replace("\\", "\\\\").replace("'", "\\'"), 2 * _LONGEST_PATH)
