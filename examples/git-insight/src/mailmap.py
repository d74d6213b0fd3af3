"""Author names and addresses corrected by ``.mailmap``, by git's own rules.

Bytes in, bytes out, no I/O. The rules are those of git's ``mailmap.c`` (2.39):

- four forms, ``Name <mail>``, ``<mail> <old>``, ``Name <mail> <old>`` and
  ``Name <mail> Old <old>``;
- ``#`` starts a comment only in the first column;
- addresses and old names are compared without regard to the case of ASCII letters;
- an entry with an old name wins over one without, whatever their order; otherwise a later
  line replaces what an earlier one said.

dulwich has a mailmap of its own, which compares case and cuts a line at any ``#``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

SPACE = b" \t\r\n"
"""What git calls white space in an identity (``sane_ctype``)."""


class Correction(NamedTuple):
    """The parts of an identity to put in place of the recorded ones; ``None`` keeps a part."""

    name: bytes | None = None
    email: bytes | None = None


class _Part(NamedTuple):
    name: bytes | None
    email: bytes
    rest: bytes


@dataclass
class _Entry:
    simple: Correction = field(default_factory=Correction)
    by_name: dict[bytes, Correction] = field(default_factory=dict)


class Mailmap:
    """A parsed ``.mailmap``.

    Args:
        text: The whole file; lines that say nothing are passed over, as git does.
    """

    def __init__(self, text: bytes = b"") -> None:
        self._entries: dict[bytes, _Entry] = {}
        for line in text.split(b"\n"):
            self._read(line)

    def correct(self, name: bytes, email: bytes) -> tuple[bytes, bytes]:
        """Return name and address as ``git log --use-mailmap`` shows them."""
        entry = self._entries.get(email.lower())
        if entry is None:
            return name, email
        found = entry.by_name.get(name.lower(), entry.simple)
        return (
            name if found.name is None else found.name,
            email if found.email is None else found.email,
        )

    def _read(self, line: bytes) -> None:
        if line.startswith(b"#"):
            return
        first = _part(line, may_be_empty=False)
        if first is None:
            return
        second = _part(first.rest, may_be_empty=True)
        if second is None:
            self._add(Correction(first.name), None, first.email)
        else:
            self._add(Correction(first.name, first.email), second.name, second.email)

    def _add(self, new: Correction, old_name: bytes | None, old_email: bytes) -> None:
        entry = self._entries.setdefault(old_email.lower(), _Entry())
        if old_name is not None:
            entry.by_name[old_name.lower()] = new
            return
        was = entry.simple
        entry.simple = Correction(
            was.name if new.name is None else new.name,
            was.email if new.email is None else new.email,
        )


def _part(text: bytes, *, may_be_empty: bool) -> _Part | None:
    left = text.find(b"<")
    right = text.find(b">", left + 1)
    if left < 0 or right < 0 or (right == left + 1 and not may_be_empty):
        return None
    name = text[:left].strip(SPACE)
    return _Part(name or None, text[left + 1 : right], text[right + 1 :])
