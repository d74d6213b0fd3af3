"""The notes: a file with one line each, a date and a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path


class Note(NamedTuple):
    """One note."""

    day: str
    text: str


def add(file: Path, day: date, text: str) -> Note:
    """Write a note down and return it; its text becomes one line."""
    note = Note(day.isoformat(), " ".join(text.split()))
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as opened:
        opened.write(f"{note.day} {note.text}\n")
    return note


def read(file: Path) -> list[Note]:
    """Return all notes, oldest first."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    return [Note(day, text) for day, _, text in (line.partition(" ") for line in lines)]
