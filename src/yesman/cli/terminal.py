r"""A stranger's text, made harmless for a terminal.

What always holds of text that went through here:

- every control, bidirectional and invisible format character is shown as an escape such as
  ``\x1b`` or ``\u202e`` (newline and tab pass; so do the two joiners and the emoji selectors,
  without which whole scripts cannot be written);
- an escape character is only ever part of a colour sequence whose every parameter is known,
  and that only where colours are wanted; elsewhere such sequences are left out. Conceal (8)
  and blinking are not among the known ones;
- the result does not depend on how the text was cut into pieces.

A lone carriage return passes on a terminal, because progress bars need it and all it can do
is to rewrite the line its own writer is on: whoever writes after a plugin starts on a new
line (see :class:`yesman.cli.display.Display`). Anywhere else it is shown.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

RESET: Final = "\x1b[0m"
LONGEST_COLOUR: Final = 60
"""Characters between ``ESC [`` and ``m``; more is no colour sequence."""

# Unicode's Cc, Cf, Cs, Zl and Zp and the blank letters of Default_Ignorable_Code_Point, which a
# test compares with unicodedata; written out because looking each character up is 50 times slower.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad"
    "\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_TOKEN: Final = re.compile(rf"\x1b\[[0-9;:]{{0,{LONGEST_COLOUR}}}m|\r\n?|\x1b")
_UNFINISHED: Final = re.compile(rf"(?:\x1b(?:\[[0-9;:]{{0,{LONGEST_COLOUR}}})?|\r)\Z")

# ECMA-48 SGR and ISO 8613-6 colours. 38, 48 and 58 stand only with all their arguments, so an 8
# among those is never an attribute, whatever the terminal makes of the sequence.
_BYTE = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"
_ATTRIBUTE = "(?:0?[0-4]|0?7|0?9|2[1-9]|3[0-7]|39|4[0-7]|49|53|55|59|9[0-7]|10[0-7]|4:[0-5])?"
_EXTENDED = rf"[345]8(?:;5;{_BYTE}|;2(?:;{_BYTE}){{3}}|:5:{_BYTE}|:2:(?::{_BYTE}){{3}}|:2(?::{_BYTE}){{3}})"
_PARAMETER = f"(?:{_EXTENDED}|{_ATTRIBUTE})"
_COLOUR: Final = re.compile(rf"\x1b\[{_PARAMETER}(?:;{_PARAMETER})*m")
_BACK_TO_NORMAL: Final = re.compile(r"\x1b\[0*m")


def escape(character: str) -> str:
    r"""Return ``character`` as ``\x1b``, ``\u202e`` or ``\U000e0041``."""
    code = ord(character)
    if code < 0x100:  # noqa: PLR2004 - what two hexadecimal digits hold
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 - what four hold


def block(text: str) -> str:
    """Return ``text`` harmless, with its newlines and tabs; colours are shown as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda found: escape(found[0]), text)


def plain(text: object) -> str:
    """Return ``str(text)`` harmless and on one line, for a sentence or a cell of a table."""
    return block(str(text)).replace("\n", "\\n").replace("\t", "\\t")


def sentence(text: str) -> str:
    """Return ``text`` harmless and on one line, with newlines as spaces."""
    return plain(" ".join(text.split()))


class Sanitiser:
    """Makes one stream harmless, piece by piece.

    Args:
        colour: Whether colour sequences may pass.
        rewrite: Whether a lone carriage return may pass.
    """

    def __init__(self, *, colour: bool, rewrite: bool) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._colour = colour
        self._rewrite = rewrite
        self._held = ""
        self._coloured = False

    def feed(self, data: bytes) -> str:
        """Return what of the stream so far can be shown and was not yet returned."""
        text = self._held + self._decoder.decode(data)
        unfinished = _UNFINISHED.search(text, max(0, len(text) - LONGEST_COLOUR - 2))
        self._held = unfinished[0] if unfinished else ""
        return self._convert(text[: len(text) - len(self._held)])

    def finish(self) -> str:
        """Return what was held back, and a return to normal colours where they were changed."""
        text = self._convert(self._held + self._decoder.decode(b"", final=True))
        self._held = ""
        reset, self._coloured = RESET if self._coloured else "", False
        return text + reset

    def _convert(self, text: str) -> str:
        pieces: list[str] = []
        position = 0
        for token in _TOKEN.finditer(text):
            pieces += (block(text[position : token.start()]), self._token(token[0]))
            position = token.end()
        pieces.append(block(text[position:]))
        return "".join(pieces)

    def _token(self, token: str) -> str:
        if token == "\r\n" or (token == "\r" and self._rewrite):  # noqa: S105 - no password
            return token
        if not _COLOUR.fullmatch(token):
            return block(token)
        if not self._colour:
            return ""
        self._coloured = not _BACK_TO_NORMAL.fullmatch(token)
        return token
