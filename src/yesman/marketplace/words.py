"""Which words a text is found by. The database is given words, never text to read by its own rules.

What always holds: a word consists of letters and digits alone, whatever went in, so no query language
sees a sign of its own; SQLite and PostgreSQL find the same, because neither decides what a word is.

Parts of names are found too: three letters each, marked by a sign that no word can hold (`GRAM`).
They stand in the same index as the words, and need no extension of either database.
"""

from __future__ import annotations

import unicodedata
from typing import Final

GRAM: Final = "\u00b7"
MOST_WORDS: Final = 400
LONGEST: Final = 40
MOST_ASKED: Final = 8
_GRAM: Final = 3


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in their order: letters and digits, without case and accents."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c if _is_kept(c) else "" if unicodedata.category(c) == "Mn" else " " for c in folded)
    return tuple(word[:LONGEST] for word in kept.split()[:MOST_WORDS])


def grams_of(text: str) -> tuple[str, ...]:
    """Return every three letters that stand beside each other in a text, spaces and signs aside; marked."""
    whole = "".join(words_of(text))
    found = (whole[start : start + _GRAM] for start in range(len(whole) - _GRAM + 1))
    return tuple(f"{GRAM}{part}" for part in dict.fromkeys(found))


def indexed(name: str, *texts: str) -> str:
    """Return all that a plugin called ``name`` is found by, separated by spaces."""
    parts = words_of(name)
    words = dict.fromkeys((*parts, "".join(parts)[:LONGEST], *(w for text in texts for w in words_of(text))))
    return " ".join((*words, *grams_of(name)))


def asked(query: str) -> tuple[str, ...]:
    """Return the words that somebody looks for; the last one may be only begun."""
    return words_of(query)[:MOST_ASKED]


def _is_kept(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"
