"""Which characters a stranger's text may hold, and how it is shown in a sentence.

What always holds: text that passed :func:`unsafe_character` cannot move a cursor, hide
itself or reorder what stands around it; text that went through :func:`shown` is short
and harmless whatever it was before; and :func:`argument` is one word to any shell.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from typing import Final

# The two joiners are how Persian, Hindi and many emoji are written; every other format
# character (bidi controls, zero-width spaces, tags) only ever hides or reorders.
_JOINERS: Final = frozenset("\u200c\u200d")
_UNSAFE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# As shlex.quote has it, and "~" where no shell expands it.
_PLAIN_WORD: Final = re.compile(r"[\w@%+=:,./-][\w@%+=:,./~-]*", re.ASCII)


def unsafe_character(text: str, *, allowed: str = "") -> int | None:
    """Return the index of the first control, bidi or invisible character, or None.

    Args:
        text: The text to look at.
        allowed: Characters that are fine here although they are controls, such as newlines.
    """
    if text.isascii() and text.isprintable():
        return None
    for index, character in enumerate(text):
        if _is_unsafe(character) and character not in allowed:
            return index
    return None


def code_point(character: str) -> str:
    """Return how Unicode writes one character, such as ``"U+202E"``."""
    return f"U+{ord(character):04X}"


def shown(text: str, limit: int = 60) -> str:
    """Return ``text`` in single quotes, at most ``limit`` characters, unsafe ones escaped."""
    clipped = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return "'" + "".join(f"\\u{{{ord(c):x}}}" if _is_unsafe(c) else c for c in clipped) + "'"


def argument(text: str) -> str:
    """Return ``text`` as one argument of a command that people copy into a shell, quoted where need be."""
    return text if _PLAIN_WORD.fullmatch(text) else shlex.quote(text)


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in _UNSAFE_CATEGORIES and character not in _JOINERS
