"""Two releases side by side: what the newer one's files, permissions and requirements changed.

What always holds: the packages are read by the reader that installs them, and held against their digests;
no more is read, compared or kept than is said here, and at most two comparisons are made at the same time:
who comes later is told to come again, and nobody else waits.
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yesman.marketplace.refusals import BusyError
from yesman.marketplace.storage import package_path
from yesman.model.errors import PlatformError
from yesman.package.differing import Line, Patience, changed
from yesman.package.permitted import LIMITS
from yesman.package.unpacking import absorb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from yesman.marketplace.storage import Objects
    from yesman.package.content import Write

AT_ONCE: Final = 2
KEPT: Final = 32
MOST_PACKAGE: Final = 8 << 20
MOST_TEXT: Final = 128 << 10
"""Of one file; a larger one is named and not shown."""
MOST_TEXTS: Final = 6 << 20
MOST_UNPACKED: Final = 32 << 20
MOST_LINES: Final = 4_000
"""Lines of a file that are compared, and of all files that are shown."""
MOST_CHARACTERS: Final = 400_000
"""Of all files that are shown: a page of them is made anew for everybody who asks."""
MOST_FILES: Final = 300
STEPS: Final = 1_000_000


class File(NamedTuple):
    """A file of a package; ``text`` is None where it is no text, or too long."""

    sha256: str
    size: int
    text: str | None


class Change(NamedTuple):
    """What became of a file.

    Attributes:
        path: Of the file.
        what: ``added``, ``removed`` or ``changed``.
        lines: What is shown of it.
        note: Why not all of it is, or "".
    """

    path: str
    what: str
    lines: Sequence[Line]
    note: str = ""


class Comparison(NamedTuple):
    """What changed; ``left_out`` counts the files that are not among ``changes``."""

    changes: Sequence[Change]
    left_out: int = 0


class Comparisons:
    """Compares packages, and remembers the last ones.

    Args:
        objects: Where packages are.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._kept: OrderedDict[tuple[str, str], Comparison] = OrderedDict()

    def compare(self, old: Any, new: Any) -> Comparison | None:
        """Return what changed between two releases' packages; None where one is too large for that.

        Raises:
            BusyError: Others are being compared.
            PlatformError: A package is damaged, or the storage is away.
        """
        key = (old.sha256, new.sha256)
        if found := self._kept.get(key):
            self._kept[key] = self._kept.pop(key, found)  # asked for last
            return found
        if max(old.length, new.length) > MOST_PACKAGE:
            return None
        with self._place():
            before, after = self._files(old.sha256), self._files(new.sha256)
            made = compared(before, after) if before is not None and after is not None else None
        if made is not None:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def contents(self, release: Any) -> Comparison | None:
        """Return all that a release holds, as if it were new; as :meth:`compare`."""
        if release.length > MOST_PACKAGE:
            return None
        with self._place():
            files = self._files(release.sha256)
        return compared({}, files) if files is not None else None

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise BusyError("Other versions are being compared just now", "Try again in a few seconds")
        try:
            yield
        finally:
            self._places.release()

    def _files(self, sha256: str) -> dict[str, File] | None:
        """Return the files of a package; None where there is too much in it."""
        path = package_path(sha256)
        stored = self._objects.read(path, MOST_PACKAGE)
        if stored is None or hashlib.sha256(stored.content).hexdigest() != sha256:
            raise PlatformError(f"The storage holds {path} damaged or not at all", "Tell the operator")
        reading = Reading()
        try:
            absorb(io.BytesIO(stored.content), LIMITS, reading.take)
        except _TooMuchError:
            return None
        return reading.files


class _TooMuchError(Exception):
    """A package unpacks to more than is compared."""


class Reading:
    """A sink that keeps digests, and texts as far as they may be shown."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self._texts = MOST_TEXTS
        self._unpacked = MOST_UNPACKED

    @contextmanager
    def take(self, path: str, _executable: bool) -> Iterator[Write]:  # noqa: FBT001 - a sink
        """Take one file."""
        digest, kept, size = hashlib.sha256(), bytearray(), 0

        def write(piece: bytes) -> None:
            nonlocal size
            digest.update(piece)
            size += len(piece)
            if size > self._unpacked:
                raise _TooMuchError
            kept.extend(piece[: MOST_TEXT + 1 - len(kept)])

        yield write
        self._unpacked -= size
        text = _text(bytes(kept)) if size <= min(MOST_TEXT, self._texts) else None
        self._texts -= size if text is not None else 0
        self.files[path] = File(digest.hexdigest(), size, text)


def _text(data: bytes) -> str | None:
    try:
        return None if b"\0" in data else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def compared(before: dict[str, File], after: dict[str, File]) -> Comparison:
    """Return what became of the files, in the order of their paths."""
    differing = [path for path in sorted({*before, *after}) if _differs(before.get(path), after.get(path))]
    patience, room, found = Patience(STEPS), _Room(), []
    for path in differing[:MOST_FILES]:
        change = _change(path, before.get(path), after.get(path), patience)
        shown = room.taken(change.lines)
        if len(shown) < len(change.lines):
            change = change._replace(lines=shown, note="The rest is not shown: there is too much.")
        found.append(change)
    return Comparison(found, len(differing) - len(found))


class _Room:
    """How much there still is for lines on the page."""

    def __init__(self) -> None:
        self._lines, self._characters = MOST_LINES, MOST_CHARACTERS

    def taken(self, lines: Sequence[Line]) -> Sequence[Line]:
        """Return those of ``lines``, from the first, for which there is room."""
        for count, line in enumerate(lines):
            self._lines -= 1
            self._characters -= len(line.text)
            if self._lines < 0 or self._characters < 0:
                self._lines = self._characters = 0
                return lines[:count]
        return lines


def _differs(old: File | None, new: File | None) -> bool:
    return old is None or new is None or old.sha256 != new.sha256


def _change(path: str, old: File | None, new: File | None, patience: Patience) -> Change:
    what = "added" if old is None else "removed" if new is None else "changed"
    if any(file is not None and file.text is None for file in (old, new)):
        return Change(path, what, (), "Not shown: it is no text, or too long.")
    one, other = (_lines(file.text or "") if file else [] for file in (old, new))
    if max(len(one), len(other)) > MOST_LINES:
        return Change(path, what, (), "Not shown: it has too many lines.")
    if old is None or new is None:
        mark = "+" if old is None else "-"
        lines = [
            Line(mark, text, at * (mark == "-"), at * (mark == "+"))
            for at, text in enumerate(one or other, 1)
        ]
        return Change(path, what, lines)
    found = changed(one, other, patience)
    if found is None:
        return Change(path, what, (), "Not shown line by line: nearly all of it changed.")
    return Change(path, what, found, "" if found else "Only its last line's end changed.")


def _lines(text: str) -> list[str]:
    """Return the lines of a text as an editor counts them, each as long as is shown."""
    return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")
