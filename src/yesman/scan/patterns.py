"""The rules written as patterns, compiled by yara-x and held against every file.

What always holds: rules are ours and the same for every file; what a module's constants make when they
are put together is held against them as well; at most so many matches of a pattern are counted.
"""

from __future__ import annotations

import io
import sys
from bisect import bisect_right
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import yara_x

from yesman.model.errors import AuthorError, YesmanError
from yesman.package.trees import replacing
from yesman.scan.code import unfit_to_read
from yesman.scan.model import Hit
from yesman.scan.reading import CODE, PROSE, READABLE, WEB
from yesman.scan.rules_table import files
from yesman.scan.secrets import is_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from yesman.scan.reading import File

MOST_MATCHES: Final = 64
"""Matches of one pattern in one file; conditions count fewer."""
SECRETS: Final = "secrets"
_GROUPS: Final = {"code": CODE, "prose": PROSE, "readable": READABLE, "web": WEB}
_BETWEEN: Final = b"\n\n"


def compiled() -> yara_x.Rules:
    """Compile the rules; about a tenth of a second."""
    compiler = yara_x.Compiler()
    compiler.define_global("kind", "")
    for group in _GROUPS:
        compiler.define_global(group, False)
    for path in files():
        compiler.new_namespace(path.stem)
        compiler.add_source(path.read_text("utf-8"), origin=path.name)
    return compiler.build()


def kept(folder: Path | None, version: str) -> yara_x.Rules:
    """Return the compiled rules, from ``folder`` if they are kept there, which they are afterwards.

    The folder is of our own state. What cannot be read there is compiled, what cannot be written is not kept.
    """
    if folder is None:
        return compiled()
    path = folder / f"rules-{version}.bin"
    with suppress(OSError, ValueError, yara_x.CompileError), path.open("rb") as file:
        return yara_x.Rules.deserialize_from(file)
    rules, data = compiled(), io.BytesIO()
    rules.serialize_into(data)
    with suppress(OSError, YesmanError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in folder.glob("rules-*.bin"):
            old.unlink()
        with replacing(path) as draft:
            draft.write(data.getvalue())
    return rules


class Patterns:
    """Holds rules against files; what it finds of secrets is told apart from the rest."""

    name: Final = "rules"

    def __init__(self, rules: yara_x.Rules) -> None:
        self._scanner = yara_x.Scanner(rules)
        self._scanner.max_matches_per_pattern(MOST_MATCHES)
        self.secrets: list[Hit] = []

    def look(self, file: File) -> Iterator[Hit]:
        """Yield what is found in one file."""
        data, lines = _with_what_it_makes(file)
        self._scanner.set_global("kind", file.kind)
        for group, kinds in _GROUPS.items():
            self._scanner.set_global(group, file.kind in kinds)
        for rule in self._scanner.scan(data).matching_rules:
            name = rule.identifier.replace("_", "-")
            matches = sorted(
                (match.offset, match.length) for pattern in rule.patterns for match in pattern.matches
            )
            if rule.namespace == SECRETS:
                found = _secrets(name, data, matches)
                self.secrets += (Hit(name, file.path, lines.of(data, at), what) for at, what in found)
            else:
                start, length = matches[0] if matches else (0, 0)
                line = lines.of(data, start) if file.kind in READABLE else 0
                yield Hit(name, file.path, line, _shown(data, start, length))

    def finish(self) -> Iterator[Hit]:
        """Yield nothing more."""
        return iter(())


class _Lines:
    """Where the lines of what is scanned come from: first the file's own, then those that it makes.

    Args:
        own: How many lines the file has.
        made: For each text that it makes, the first line it stands in, and the line that makes it.
    """

    def __init__(self, own: int, made: Sequence[tuple[int, int]] = ()) -> None:
        self._own = own
        self._made = made

    def of(self, data: bytes, offset: int) -> int:
        """Return the line of the file that what stands at ``offset`` comes from."""
        line = data.count(b"\n", 0, offset) + 1
        if line <= self._own or not self._made:
            return line
        return self._made[bisect_right(self._made, (line, sys.maxsize)) - 1][1]


def _secrets(rule: str, data: bytes, matches: Sequence[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Yield where each secret begins, and its beginning; all of it is nobody's business."""
    for start, length in matches:
        text = data[start : start + length].decode("latin-1")
        if is_secret(rule, text):
            yield start, f"{text[:8]}…"


def _shown(data: bytes, start: int, length: int) -> str:
    text = " ".join(data[start : start + min(length, 80)].decode("utf-8", "replace").split())
    return text if text.isprintable() else ""


def _with_what_it_makes(file: File) -> tuple[bytes, _Lines]:
    """Return a file, of a module also what its constants make, and where the lines of that come from."""
    own = file.data.count(b"\n") + 1
    if file.kind != "python" or unfit_to_read(file) is not None:
        return file.data, _Lines(own)
    try:
        found, _ = file.made
    except AuthorError:  # what that is worth is told by who looks at the code
        return file.data, _Lines(own)
    made, line = [], own + _BETWEEN.count(b"\n")
    for each in found:
        made.append((line, each.line))
        line += each.data.count(b"\n") + _BETWEEN.count(b"\n")
    return _BETWEEN.join((file.data, *(each.data for each in found))), _Lines(own, made)
