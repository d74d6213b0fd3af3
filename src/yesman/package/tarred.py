"""The tar beneath a package: POSIX ustar, of which exactly one form is written and read.

What always holds of an entry that was read: writing it again gives the same 512 bytes. So no
two readers can see different things in a package (extended headers, GNU's dialect, sparse
files and binary numbers are how they come to), and there is no owner, time or special mode to
ignore. Folders are not entries: a path implies them, and an empty one is no content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.model.errors import AuthorError, VerificationError, YesmanError
from yesman.model.plain_text import shown
from yesman.package.permitted import AGAIN, REPACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK: Final = 512
_NAME, _PREFIX = 100, 155
_ZEROS: Final = bytes(BLOCK)
_MODES: Final = {False: 0o644, True: 0o755}
_LARGEST_SIZE: Final = 8**11 - 1

_KINDS: Final = {
    "1": "a hard link",
    "2": "a symbolic link",
    "3": "a device",
    "4": "a device",
    "5": "a folder of its own",
    "6": "a named pipe",
    "7": "a contiguous file",
    "g": "a global extended header (pax)",
    "x": "an extended header (pax)",
    "A": "an access control list",
    "D": "GNU's listing of a folder",
    "K": "GNU's long link target",
    "L": "GNU's long name",
    "M": "the rest of a file from another volume",
    "S": "a sparse file",
    "V": "a volume's label",
    "X": "an extended header (Solaris)",
    "\0": "a file of before POSIX",
}


class Entry(NamedTuple):
    """One file of a package: its path, its bytes, and whether its owner may execute it."""

    path: str
    size: int
    executable: bool


def header(entry: Entry) -> bytes:
    """Return the 512 bytes that stand before the content of ``entry``.

    Raises:
        AuthorError: The path is too long for ustar, or the content too large.
    """
    prefix, name = _divided(entry.path)
    if entry.size > _LARGEST_SIZE:
        raise AuthorError(f"{shown(entry.path, 200)} is too large for a package", "Make it smaller")
    block = b"".join(
        (
            name.ljust(_NAME, b"\0"),
            b"%07o\0" % _MODES[entry.executable],
            b"0000000\0" * 2,  # owner and group
            b"%011o\0" % entry.size,
            b"00000000000\0",  # time
            b" " * 8,  # the checksum is taken with blanks in its place
            b"0",
            bytes(_NAME),  # the target of a link
            b"ustar\x0000",
            bytes(64),  # names of owner and group
            b"0000000\0" * 2,  # device
            prefix.ljust(_PREFIX, b"\0"),
            bytes(12),
        )
    )
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def padding(size: int) -> bytes:
    """Return what stands behind content of ``size`` bytes."""
    return bytes(-size % BLOCK)


END: Final = _ZEROS * 2
"""What stands behind the last file; nothing follows it."""


class Tape:
    """A tar being read, front to back; each method goes on where the last one stopped.

    Args:
        pieces: The bytes, in pieces of any size.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""
        self._position = 0

    def entry(self) -> Entry | None:
        """Return what the next block says; None where it begins a proper end.

        Raises:
            AuthorError: It says something that no package holds.
            VerificationError: It is damaged or missing.
        """
        block = self._exactly(BLOCK)
        if block != _ZEROS:
            return _entry(block, self._position - BLOCK)
        if self._exactly(BLOCK) != _ZEROS:
            raise AuthorError("The package's tar goes on after an empty block", REPACK)
        if self._held or next(self._pieces, b""):
            raise AuthorError("The package's tar goes on after its end", REPACK)
        return None

    def content(self, entry: Entry) -> Iterator[bytes]:
        """Yield the bytes of ``entry``, which the last call of :meth:`entry` returned, to the end.

        Raises:
            AuthorError: Something is hidden behind them.
            VerificationError: They are cut short.
        """
        left = entry.size
        while left:
            piece = self._some(left)
            left -= len(piece)
            yield piece
        if any(self._exactly(-entry.size % BLOCK)):
            raise AuthorError(f"Something is hidden behind {shown(entry.path, 200)}", REPACK)

    def _some(self, most: int) -> bytes:
        while not self._held:
            try:
                self._held = next(self._pieces)
            except StopIteration:
                raise VerificationError("The package's tar ends too early", AGAIN) from None
        piece, self._held = self._held[:most], self._held[most:]
        self._position += len(piece)
        return piece

    def _exactly(self, count: int) -> bytes:
        found = bytearray()
        while len(found) < count:
            found += self._some(count - len(found))
        return bytes(found)


def _divided(path: str) -> tuple[bytes, bytes]:
    """Return prefix and name of a path: the shortest prefix with which the name fits."""
    whole = path.encode()
    if len(whole) <= _NAME:
        return b"", whole
    slash = whole.find(b"/", len(whole) - _NAME - 1)
    if not 0 < slash <= _PREFIX:
        raise AuthorError(f"The path {shown(path, 200)} is too long for a package", "Shorten it")
    return whole[:slash], whole[slash + 1 :]


def _entry(block: bytes, position: int) -> Entry:
    """Return what ``block`` says, if there is no other way to say it."""
    _check_block(block, position)
    path = _path(block, position)
    where = shown(path, 200)
    kind = chr(block[156])
    if kind != "0":
        what = _KINDS.get(kind, f"an entry of the unknown kind {shown(kind)}")
        raise AuthorError(f"{where} is {what}; a package holds only files", REPACK)
    mode = _number(block[100:108], "mode", where)
    if mode not in _MODES.values():
        raise AuthorError(f"{where} has the mode {mode:04o}; a package knows 0644 and 0755", REPACK)
    for field, what in ((block[108:124], "an owner"), (block[265:329], "an owner's name")):
        if field.strip(b"0\0"):
            raise AuthorError(f"{where} carries {what}", REPACK)
    if block[136:148].strip(b"0\0"):
        raise AuthorError(f"{where} carries a time", REPACK)
    if any(block[157:257]):
        raise AuthorError(f"{where} carries a link's target", REPACK)
    entry = Entry(path, _number(block[124:136], "size", where), mode == _MODES[True])
    if not _is_canonical(entry, block):
        raise AuthorError(f"The tar header of {where} is not in the form that yesman writes", REPACK)
    return entry


def _check_block(block: bytes, position: int) -> None:
    written = block[148:156].strip(b" \0")
    total = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    if written != b"%o" % total and written != b"%06o" % total:
        raise VerificationError(f"The package's tar header at byte {position} has a wrong checksum", AGAIN)
    if block[257:265] == b"ustar  \0":
        raise AuthorError(f"The package's tar header at byte {position} is in GNU's dialect", REPACK)
    if block[257:265] != b"ustar\x0000":
        raise AuthorError(f"The package's tar header at byte {position} is not of POSIX's ustar", REPACK)


def _path(block: bytes, position: int) -> str:
    prefix, name = (field.split(b"\0", 1)[0] for field in (block[345:500], block[:100]))
    try:
        return (prefix + b"/" * bool(prefix) + name).decode()
    except UnicodeDecodeError:
        raise AuthorError(f"The name at byte {position} of the package's tar is not UTF-8", REPACK) from None


def _number(field: bytes, what: str, where: str) -> int:
    digits = field.rstrip(b"\0")
    if not digits or digits.strip(b"01234567"):
        raise AuthorError(f"The {what} of {where} is not an octal number", REPACK)
    return int(digits, 8)


def _is_canonical(entry: Entry, block: bytes) -> bool:
    try:
        return header(entry) == block
    except YesmanError:
        return False
