"""Landlock rights per ABI, and how a policy's paths become rules.

Never adopts a right the kernel does not know and never drops one silently: what a kernel
cannot handle is answered by :func:`handled`, and ``probe`` tells the user. A rule is bound to
an inode, so directories are granted, not names.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from yesman.sandbox import kernel
from yesman.sandbox.unsupported import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15  # ABI 2, 3, 5
BIND_TCP, CONNECT_TCP = 1, 2  # ABI 4
SCOPE_ABSTRACT_UNIX, SCOPE_SIGNAL = 1, 2  # ABI 6

READ = READ_FILE | READ_DIR
WRITE = WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SYM | REFER | TRUNCATE
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""Rights that mean something on a rule for a single file; the kernel refuses the others there."""


class Handled(NamedTuple):
    """What a ruleset can take charge of on a kernel of one ABI."""

    fs: int
    net: int
    scoped: int
    size: int


def handled(abi: int) -> Handled:
    """Return everything a kernel of Landlock ``abi`` can handle.

    ABI 1 came with Linux 5.13, 2 with 5.19, 3 with 6.2, 4 with 6.7, 5 with 6.10 and 6 with 6.12.
    """
    fs = (1 << 13) - 1
    fs |= REFER if abi >= 2 else 0  # noqa: PLR2004 - ABI numbers, here and below
    fs |= TRUNCATE if abi >= 3 else 0  # noqa: PLR2004
    fs |= IOCTL_DEV if abi >= 5 else 0  # noqa: PLR2004
    net = BIND_TCP | CONNECT_TCP if abi >= 4 else 0  # noqa: PLR2004
    scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL if abi >= 6 else 0  # noqa: PLR2004
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8  # noqa: PLR2004
    return Handled(fs, net, scoped, size)


def restrict(
    system: Iterable[str],
    read: Iterable[str],
    write: Iterable[str],
    *,
    abi: int,
    execute: Iterable[str] = (),
) -> None:
    """Confine this thread to reading beneath ``system`` and ``read``, and to both beneath ``write``.

    Programs may be started beneath ``execute`` alone, and are read there. Paths that do not exist
    are skipped: nothing is granted by them. Only ``system`` may lead through symbolic links: whoever
    may write next to a granted folder could put a link in its place, between the decision and this
    moment or before.

    Raises:
        UnsupportedError: When the kernel has no Landlock.
        OSError: When the kernel refuses a rule.
    """
    if abi < 1:
        raise UnsupportedError("this kernel has no Landlock")
    rights = handled(abi)
    ruleset = kernel.landlock_create(rights.fs, rights.net, rights.scoped, size=rights.size)
    try:
        for path in system:
            _allow(ruleset, path, READ & rights.fs, _open)
        for path in read:
            _allow(ruleset, path, READ & rights.fs, kernel.open_without_links)
        for path in execute:
            _allow(ruleset, path, (READ | EXECUTE) & rights.fs, kernel.open_without_links)
        for path in write:
            _allow(ruleset, path, (READ | WRITE) & rights.fs, kernel.open_without_links)
        kernel.landlock_restrict(ruleset)
    finally:
        os.close(ruleset)


def _open(path: str) -> int:
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


def _allow(ruleset: int, path: str, access: int, opened: Callable[[str], int]) -> None:
    try:
        parent = opened(path)
    except OSError:
        return  # absent, not ours to reach, or behind a link: grants nothing
    try:
        is_directory = stat.S_ISDIR(os.fstat(parent).st_mode)
        kernel.landlock_allow(ruleset, access if is_directory else access & ON_FILES, parent)
    finally:
        os.close(parent)
