"""Whether a command showed what the page says."""

from __future__ import annotations

import difflib
import re

ANY_TEXT = "…"
ANY_LINES = "[…]"


def mismatch(expected: str, shown: str) -> str:
    """Return how ``shown`` differs from ``expected``; nothing if it is as expected."""
    told, actual = _tidy(expected), _tidy(shown)
    if re.fullmatch("".join(map(_pattern, told)), "".join(actual)):
        return ""
    lines = difflib.ndiff(told, actual)
    return "".join(["- as the page says, + as it is:\n", *(line for line in lines if line[:1] != "?")])


def _tidy(text: str) -> list[str]:
    """Return the lines without space at their ends, and without empty ones before and behind."""
    return [f"{line.rstrip()}\n" for line in text.strip("\n").splitlines()]


def _pattern(line: str) -> str:
    return r"(?:.*\n)*?" if line.strip() == ANY_LINES else ".*?".join(map(re.escape, line.split(ANY_TEXT)))
