"""One line of a session's log: how many tokens an answer of the model took.

Claude Code writes one line for each block of an answer, each with the id of the whole answer and its usage so
far. What is read is typed and bounded here; lines of other kinds, and what makes no sense, are None.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

MOST_TOKENS = 1 << 40
MOST_TEXT = 300
SYNTHETIC = "<synthetic>"
"""The model that Claude Code names for messages of its own, which cost nothing."""


class Tokens(NamedTuple):
    """How many tokens of each kind; the kinds do not overlap.

    Attributes:
        input: Read by the model, neither from a cache nor into one.
        output: Written by it.
        write_5m: Put into the cache for five minutes.
        write_1h: Put into the cache for an hour.
        read: Read from the cache.
    """

    input: int = 0
    output: int = 0
    write_5m: int = 0
    write_1h: int = 0
    read: int = 0


class Entry(NamedTuple):
    """An answer, as far as one line tells.

    Attributes:
        message: The answer's id; the same on all its lines.
        session: The session's id.
        folder: Where the session works, or ``""``.
        model: As the log names it.
        at: Unix seconds, or None where the line does not say.
        standard: Whether it was charged at the usual rate, as far as the line tells.
        tokens: What it took so far.
    """

    message: str
    session: str
    folder: str
    model: str
    at: int | None
    standard: bool
    tokens: Tokens


def parse(line: bytes) -> Entry | None:
    """Return what a line tells, or None."""
    if b'"usage"' not in line or b'"assistant"' not in line:
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    message = row.get("message") if isinstance(row, dict) and row.get("type") == "assistant" else None
    usage = message.get("usage") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(usage, dict) or message.get("model") == SYNTHETIC:
        return None
    found = Entry(
        message=_text(message.get("id")) or _text(row.get("uuid")),
        session=_text(row.get("sessionId")) or "unknown",
        folder=_text(row.get("cwd")),
        model=_text(message.get("model")) or "unknown",
        at=_seconds(row.get("timestamp")),
        standard=usage.get("service_tier") in {None, "standard"} and usage.get("speed") in {None, "standard"},
        tokens=_tokens(usage),
    )
    return found if found.message else None


def _tokens(usage: dict[str, Any]) -> Tokens:
    made = usage.get("cache_creation")
    parts = made if isinstance(made, dict) else {}
    for_an_hour = _count(parts.get("ephemeral_1h_input_tokens"))
    written = _count(usage.get("cache_creation_input_tokens"))
    return Tokens(
        input=_count(usage.get("input_tokens")),
        output=_count(usage.get("output_tokens")),
        write_5m=max(written - for_an_hour, 0),
        write_1h=for_an_hour,
        read=_count(usage.get("cache_read_input_tokens")),
    )


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value <= MOST_TOKENS else 0


def _text(value: object) -> str:
    """Return a text that can be kept; half a surrogate pair cannot."""
    kept = value[:MOST_TEXT] if isinstance(value, str) else ""
    return kept.encode(errors="replace").decode()


def _seconds(value: object) -> int | None:
    try:
        return int(datetime.fromisoformat(value).timestamp()) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
