"""What a plugin may change about files besides their content: modes and times, in its writable places.

Decides, never acts. Landlock lets metadata be changed everywhere, so the filter asks the host about each
of these calls, and the host judges the *object* that it has opened, never a name: its owner, its kind, its
other names, and where it really is. A place is writable as Landlock means it: the folder that was there
when the plugin was started, not whatever bears its name now. No special bit (set-user-id and the like) is
ever added.
"""

from __future__ import annotations

import enum
import errno
import os
import stat
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from yesman.sandbox.policy import Policy

AT_FDCWD = -100
MICROS = 1_000_000
AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH = 0x100, 0x1000
SPECIAL_BITS, OWNER_BITS, OTHERS_BITS = 0o7000, 0o700, 0o077
UNCHANGED = 0xFFFFFFFF
"""An owner or group of -1, as the kernel's 32 bits have it."""
DELETED = b" (deleted)"
"""What the kernel appends to the path of something whose name has been removed."""
_TIMES, _SECONDS = struct.Struct("=4q"), struct.Struct("=2q")


class Kind(enum.Enum):
    """What a call changes."""

    MODE = "modes"
    TIMES = "times"
    OWNER = "owners"


class _Shape(NamedTuple):
    """Which register of a call holds what; ``fraction`` is the nanoseconds in its unit below seconds."""

    kind: Kind
    value: int
    path: int | None = None
    directory: int | None = None
    flags: int | None = None
    follow: bool = True
    fraction: int = 0


_SHAPES = {
    "chmod": _Shape(Kind.MODE, 1, path=0),
    "fchmod": _Shape(Kind.MODE, 1, directory=0),
    "fchmodat": _Shape(Kind.MODE, 2, path=1, directory=0),
    "fchmodat2": _Shape(Kind.MODE, 2, path=1, directory=0, flags=3),
    "utime": _Shape(Kind.TIMES, 1, path=0),
    "utimes": _Shape(Kind.TIMES, 1, path=0, fraction=1000),
    "futimesat": _Shape(Kind.TIMES, 2, path=1, directory=0, fraction=1000),
    "utimensat": _Shape(Kind.TIMES, 2, path=1, directory=0, flags=3, fraction=1),
    "chown": _Shape(Kind.OWNER, 1, path=0),
    "lchown": _Shape(Kind.OWNER, 1, path=0, follow=False),
    "fchown": _Shape(Kind.OWNER, 1, directory=0),
    "fchownat": _Shape(Kind.OWNER, 2, path=1, directory=0, flags=4),
}


class Change(NamedTuple):
    """One call, as its registers tell it.

    Attributes:
        kind: What it changes.
        directory: A descriptor of the caller's, or AT_FDCWD.
        path: Where its memory holds the path; None: it means the descriptor itself.
        follow: Whether a symbolic link at the end is followed.
        empty: Whether an empty path means the descriptor itself.
        values: A mode; or owner and group; or where its memory holds the times, 0 for the present.
        fraction: Of times, see ``_SHAPES``.
    """

    kind: Kind
    directory: int
    path: int | None
    follow: bool
    empty: bool
    values: tuple[int, ...]
    fraction: int


def change(name: str, registers: tuple[int, ...]) -> Change:
    """Return what the system call ``name`` asks for, read as the kernel reads its registers.

    Raises:
        OSError: EINVAL for flags that the kernel does not know either.
    """
    shape = _SHAPES[name]
    flags = 0 if shape.flags is None else registers[shape.flags] & 0xFFFFFFFF
    if flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    directory = AT_FDCWD if shape.directory is None else _signed(registers[shape.directory])
    path = None if shape.path is None else registers[shape.path]
    if shape.kind is Kind.TIMES and not path and directory != AT_FDCWD:
        path = None  # futimens(3)
    first = registers[shape.value]
    values = {
        Kind.MODE: (first & 0o7777,),
        Kind.TIMES: (first,),
        Kind.OWNER: (first & 0xFFFFFFFF, registers[shape.value + 1] & 0xFFFFFFFF),
    }
    follow = shape.follow and not flags & AT_SYMLINK_NOFOLLOW
    empty = bool(flags & AT_EMPTY_PATH)
    return Change(shape.kind, directory, path, follow, empty, values[shape.kind], shape.fraction)


def _signed(register: int) -> int:
    """Return the lower 32 bits as the kernel's ``int``."""
    return (register & 0xFFFFFFFF ^ 0x80000000) - 0x80000000


def times_length(wanted: Change) -> int:
    """Return how many bytes the times of ``wanted`` take in the caller's memory."""
    return _TIMES.size if wanted.fraction else _SECONDS.size


def times(wanted: Change, data: bytes) -> bytes:
    """Return the times in ``data`` as two ``struct timespec``.

    Raises:
        OSError: EINVAL for a fraction of a second that is none.
    """
    if not wanted.fraction:
        accessed, modified = _SECONDS.unpack(data)
        return _TIMES.pack(accessed, 0, modified, 0)
    if wanted.fraction == 1:
        return data  # the kernel's own form, and it knows special values
    accessed, micros, modified, more = _TIMES.unpack(data)
    if not (0 <= micros < MICROS and 0 <= more < MICROS):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return _TIMES.pack(accessed, micros * wanted.fraction, modified, more * wanted.fraction)


class Place(NamedTuple):
    """A folder that the plugin may write to, or a file.

    Attributes:
        path: Its real path.
        device: With ``inode``, what it was when the plugin was started.
        inode: See there.
        own: Whether it is the plugin's own and not the user's.
    """

    path: bytes
    device: int
    inode: int
    own: bool

    def stands(self) -> bool:
        """Tell whether it still is where it was; asks the file system."""
        try:
            found = os.lstat(self.path)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == (self.device, self.inode)


def places(policy: Policy) -> tuple[Place, ...]:
    """Return where the plugin of ``policy`` may write now; asks the file system."""
    found = []
    for path in (policy.data, policy.tmp, *policy.write):
        try:
            status = os.lstat(path)
        except OSError:
            continue  # Landlock granted nothing by it either
        if not stat.S_ISLNK(status.st_mode):
            own = path in {policy.data, policy.tmp}
            found.append(Place(os.fsencode(path), status.st_dev, status.st_ino, own))
    return tuple(found)


class Found(NamedTuple):
    """An object that the host has opened.

    Attributes:
        status: Taken before ``path`` was: while its name stands, one name is all it has had.
        path: Where the kernel says it is.
    """

    status: os.stat_result
    path: bytes


def holding(path: bytes, writable: tuple[Place, ...]) -> list[Place]:
    """Return the places that ``path`` lies in, or is; what it lies in comes first."""
    around = [place for place in writable if path == place.path or path.startswith(place.path + b"/")]
    return sorted(around, key=lambda place: path == place.path)


def why_not(wanted: Change, found: Found, place: Place, uid: int) -> str:
    """Return what is wrong with ``wanted`` for an object in ``place``, as in "may not …", or "".

    What has several names may be linked from outside, where the plugin could not have changed it. Something
    whose name is gone may have others. Neither is the plugin's business.
    """
    status = found.status
    folder = stat.S_ISDIR(status.st_mode)
    if status.st_uid != uid:
        return f"change {wanted.kind.value} of somebody else's files"
    if not folder and not stat.S_ISREG(status.st_mode) and not stat.S_ISLNK(status.st_mode):
        return f"change {wanted.kind.value} of anything but files and folders"
    if (status.st_nlink > 1 and not folder) or (status.st_nlink and found.path.endswith(DELETED)):
        return f"change {wanted.kind.value} of a file with other names"
    if wanted.kind is Kind.MODE:
        return _why_not_mode(wanted.values[0], status.st_mode, place if found.path == place.path else None)
    if wanted.kind is Kind.OWNER:
        present = (status.st_uid, status.st_gid)
        same = all(new in {UNCHANGED, old} for new, old in zip(wanted.values, present, strict=True))
        return "" if same else "change file owners"
    return ""


def _why_not_mode(mode: int, present: int, top: Place | None) -> str:
    """Judge a mode; ``top``: of the place itself, which others rely on to be what it was."""
    if mode & SPECIAL_BITS & ~(present if stat.S_ISDIR(present) else 0):
        return "add special bits to file modes"
    if top is None or not stat.S_ISDIR(present):
        return ""
    if mode & OWNER_BITS != OWNER_BITS:
        return "lock anybody out of a folder that it was given"
    if not top.own and mode & OTHERS_BITS & ~present:
        return "open a folder that it was given to others"
    return ""
