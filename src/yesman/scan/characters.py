"""Characters that people do not see, or take for others, in code, the manifest and texts.

What always holds: emoji, and the joiners of Persian, Hindi and others, pass where those write them; what
hides data or changes what is read does not.
"""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING, Final

from yesman.scan.code import declared_encoding
from yesman.scan.confusables import is_disguised
from yesman.scan.model import Hit
from yesman.scan.reading import CODE, READABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.scan.reading import File

MOST_TEXT: Final = 8 << 20
"""Bytes of a text with other characters than ASCII that are looked at."""
_ZERO: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2060-\u2065"
    "\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
)
_SELECTORS: Final = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_ROWS: Final = {
    "character-direction": re.compile("[\u202a-\u202e\u2066-\u2069]"),
    "character-tag": re.compile("(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0000-\U000e007f]+"),
    "character-selectors": re.compile(
        f"[{_SELECTORS}]{{2,}}|(?<![\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
    ),
    "character-invisible-run": re.compile(f"[{_ZERO}]{{4,}}"),
    "character-private": re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]{6,}"),
}
_IN_TEXT: Final = re.compile(
    "(?<=[A-Za-z])[\u200b\u2060\u00ad\ufeff\u3164\u115f\u1160\u180e]|[\u2061-\u2065\u206a-\u206f\u034f\u17b4\u17b5\uffa0\u3164]"
)
_IN_CODE: Final = re.compile(f"[{_ZERO}]")
_JOINED: Final = re.compile(
    "(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])|(?<=[\u0590-\u08ff])[\u200e\u200f]|[\u200e\u200f](?=[\u0590-\u08ff])"
)
_CONTROL: Final = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f\x80-\x84\x86-\x9f]|\r(?!\n)")
_ADDRESS: Final = re.compile(
    r"\b(?:https?|wss?)://(?:[^/\s@\"'<>]{1,100}@)?([^/\s:\"'<>)\]?#]{1,253})", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W\d]\w*")


class Characters:
    """Looks at every file that people read."""

    name: Final = "characters"

    def look(self, file: File) -> Iterator[Hit]:
        """Yield what is found in one file."""
        if file.kind not in READABLE and not file.path.endswith(".svg"):
            return
        if len(file.data) > MOST_TEXT and not file.data.isascii():
            yield Hit("text-unchecked", file.path)
            return
        encoding = (declared_encoding(file)[1] or "utf-8") if file.kind == "python" else "utf-8"
        try:
            text = file.data.removeprefix(b"\xef\xbb\xbf").decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            yield Hit("text-undecodable", file.path, file.line_at(getattr(error, "start", 0)))
            text = file.data.decode("utf-8", "ignore")
        for rule, start, detail in _found(file, text):
            yield Hit(rule, file.path, text.count("\n", 0, start) + 1, detail)

    def finish(self) -> Iterator[Hit]:
        """Yield nothing more."""
        return iter(())


def _found(file: File, text: str) -> Iterator[tuple[str, int, str]]:
    for control in _CONTROL.finditer(text):
        yield "character-control", control.start(), _named(control[0])
    if not text.isascii():
        yield from _unseen(file, text)
        yield from _alike(file, text)


def _unseen(file: File, text: str) -> Iterator[tuple[str, int, str]]:
    for rule, pattern in _ROWS.items():
        for found in pattern.finditer(text):
            yield rule, found.start(), _named(found[0])
    shown = _JOINED.sub(lambda found: "x" * len(found[0]), text)
    for found in (_IN_CODE if file.kind in CODE else _IN_TEXT).finditer(shown):
        yield "character-invisible", found.start(), _named(found[0])


def _alike(file: File, text: str) -> Iterator[tuple[str, int, str]]:
    for address in _ADDRESS.finditer(text):
        if any(map(is_disguised, _WORD.findall(address[1]))):
            yield "host-disguised", address.start(), address[1]
    if file.kind == "python":
        yield from _identifiers(text)
    elif file.kind == "script":
        for word in _WORD.finditer(text):
            if is_disguised(word[0]) and any(map(str.isascii, word[0])):
                yield "identifier-disguised", word.start(), word[0]


def _identifiers(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield names of a module; where it cannot be divided into words, what comes before that counts."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME and is_disguised(token.string):
                yield "identifier-disguised", starts[min(token.start[0] - 1, len(starts) - 1)], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _named(characters: str) -> str:
    codes = " ".join(f"U+{ord(each):04X}" for each in characters[:4])
    return f"{codes} …" if len(characters) > 4 else codes  # noqa: PLR2004 - as many as are named
