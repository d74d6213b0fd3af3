"""Which repository and branch a session was last seen at: when it is closed, nothing else tells.

By then the session is gone, and its folder out of reach where no other permission opens it. So it is written
down, as the plugin may be started anew at any time, and always as a whole.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from .place import Place

MOST = 200
"""Sessions; of more the oldest are forgotten."""


class Note(NamedTuple):
    """Where a session was."""

    repo: str
    branch: str


class Notebook:
    """Notes by the ids of sessions.

    Args:
        file: Where they are kept; what cannot be read counts as empty.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def put(self, place: Place) -> None:
        """Note where a session is."""
        notes = self._read()
        notes.pop(place.id, None)
        notes[place.id] = Note(place.repo, place.branch)
        self._write(dict(list(notes.items())[-MOST:]))

    def take(self, session_id: str) -> Note | None:
        """Return the note of a session and forget it."""
        notes = self._read()
        note = notes.pop(session_id, None)
        if note is not None:
            self._write(notes)
        return note

    def _read(self) -> dict[str, Note]:
        try:
            return {key: Note(*note) for key, note in json.loads(self._file.read_text("utf-8")).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _write(self, notes: dict[str, Note]) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(notes), "utf-8")
        new.replace(self._file)
