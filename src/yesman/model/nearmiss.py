"""Say what an unknown word probably meant.

What always holds: a suggestion is one of the known words, and the unknown word itself
is shown shortened and escaped.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_COMPARED = 128  # difflib is quadratic; nothing we know is longer


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like ``word`` (case does not count), or None."""
    by_lower = {name.lower(): name for name in sorted(known)}
    found = difflib.get_close_matches(word[:_LONGEST_COMPARED].lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"``, or an empty string when nothing is near."""
    near = nearest(word, known)
    return f"; did you mean '{near}'?" if near else ""


def unknown(what: str, word: str, known: Iterable[str], inside: str = "") -> tuple[str, str]:
    """Return message and next step for an unknown ``what``, such as ``"permission"``.

    Args:
        what: The kind of word.
        word: What was written.
        known: What may be written; listed as next step when nothing is near.
        inside: Where it stands, such as ``" in 'config'"``.
    """
    names = sorted(known)
    hint = did_you_mean(word, names)
    listing = f"What there is: {', '.join(names)}" if names and not hint else ""
    return f"unknown {what} {shown(word)}{inside}{hint}", listing
