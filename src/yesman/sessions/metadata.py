"""The text stored with a session, as one JSON object in one tmux user option.

The encoding is plain ASCII without control characters and without the single quote, so it
survives tmux's own quoting and its one-line answers exactly. What is read back may have been
written by anybody who can talk to that tmux server: it is bounded and checked like input.
"""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

OPTION: Final = "@yesman_metadata"
"""The tmux user option, set on the session: it lives as long as the session does."""

MAX_ENCODED: Final = 16 * 1024
"""Characters of the encoded object."""

MAX_VALUE: Final = 4096
"""Characters of one value."""

COMPUTED: Final = frozenset({"repo", "branch", "commit"})
"""Keys that are read from the repository and cannot be stored."""

_KEY: Final = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})


def with_entry(stored: Mapping[str, str], key: str, value: str) -> dict[str, str]:
    """Return ``stored`` with one entry set.

    Raises:
        UsageError: The key or the value cannot be stored.
    """
    if key in COMPUTED:
        raise UsageError(
            f"The metadata {key!r} is read from the repository and cannot be set", "Use another key"
        )
    if not _KEY.fullmatch(key):
        raise UsageError(
            f"{key[:80]!r} cannot be a metadata key",
            "Use up to 64 of a-z, 0-9, '_', '.' and '-', and begin with a letter",
        )
    if len(value) > MAX_VALUE:
        raise UsageError(
            f"The metadata {key!r} is longer than {MAX_VALUE} characters", "Store a shorter text"
        )
    return {**stored, key: value}


def encode(entries: Mapping[str, str]) -> str:
    """Return the entries as text that is safe between single quotes in a tmux command.

    Raises:
        UsageError: Together they are too long, or a value is not valid Unicode.
    """
    text = json.dumps(entries, ensure_ascii=True, separators=(",", ":"))
    text = text.replace("'", "\\u0027").replace("\x7f", "\\u007f")
    if len(text) > MAX_ENCODED:
        raise UsageError(
            f"The metadata of a session is limited to {MAX_ENCODED} bytes", "Store shorter texts"
        )
    if any(not _is_unicode(value) for value in entries.values()):
        raise UsageError("The metadata value is not valid Unicode text", "Store text that can be shown")
    return text


def decode(text: str) -> Mapping[str, str]:
    """Return the entries in ``text``; whatever is not ours to understand counts as none."""
    if not text or len(text) > MAX_ENCODED:
        return _EMPTY
    try:
        entries = msgspec.json.decode(text, type=dict[str, str])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _EMPTY
    return {key: value for key, value in entries.items() if _acceptable(key, value)}


def _acceptable(key: str, value: str) -> bool:
    return bool(_KEY.fullmatch(key)) and key not in COMPUTED and len(value) <= MAX_VALUE


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
