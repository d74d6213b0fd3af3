"""Which repository a folder belongs to, without running git or anything the repository names.

A repository is hostile input: its config can name programs that git would run (a file monitor,
a credential helper, hooks) and files it would include. So only four kinds of file are opened,
each only if it is a regular file, without waiting and up to a limit; whatever is odd counts
as absent, and nothing raises. Nor does one repository speak for another: what lies elsewhere is
read only if it points back, which whoever can write here only could not make it do.
"""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from yesman.sessions import gitfiles

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE: Final = 64 * 1024
"""Bytes of a file that is read; a longer one counts as absent. Understanding as many takes some 20 ms."""

MAX_KNOWN: Final = 256
"""Configs whose origin is remembered for as long as they do not change."""

MAX_PARENTS: Final = 100
"""Folders looked at on the way up."""

# O_NONBLOCK: opening a FIFO must not wait for its writer. O_NOFOLLOW: git makes none of these a link.
_OPEN: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY


def describe(cwd: Path) -> dict[str, str]:
    """Return what is known of the repository that holds ``cwd``, an absolute path.

    Returns:
        ``repo`` is "owner/name" of the remote ``origin``; ``branch`` is the checked-out branch, or
        ``commit`` the checked-out commit when there is no branch. Each may be absent. Bare
        repositories, ``--separate-git-dir``, includes and ``url.*.insteadOf`` are not looked at.
    """
    if not cwd.is_absolute():
        return {}
    try:
        found = _find(cwd.resolve())
    except (OSError, ValueError, RuntimeError):  # unreadable, no path at all, or a loop of links
        return {}
    if found is None:
        return {}
    folder, head = found
    common = _common(folder)
    url = _origin(common / "config") if common else None
    repo = gitfiles.owner_and_name(url) if url else None
    return {"repo": repo, **head} if repo else head


def _find(cwd: Path) -> tuple[Path, dict[str, str]] | None:
    """Return the nearest git folder on the way up and its head, within one file system as git does."""
    device = cwd.stat().st_dev
    for worktree in [cwd, *cwd.parents][:MAX_PARENTS]:
        if worktree.stat().st_dev != device:
            return None
        dot_git = worktree / ".git"
        if dot_git.is_symlink():
            return None
        pointed = _pointed(dot_git)
        if pointed and not _belongs(pointed, dot_git):
            return None
        folder = pointed or dot_git
        head = gitfiles.parse_head(_read(folder / "HEAD") or "")
        if head is not None:
            return folder, head
        if pointed:  # a pointer that leads nowhere: for git, too, the search is over
            return None
    return None


def _pointed(dot_git: Path) -> Path | None:
    """Return the real folder a ``.git`` file points to, as in linked worktrees and submodules."""
    pointer = gitfiles.parse_pointer(_read(dot_git) or "")
    return (dot_git.parent / pointer).resolve() if pointer else None


def _belongs(folder: Path, dot_git: Path) -> bool:
    """Tell whether ``folder`` is the git folder of ``dot_git``, both real paths, by its own account.

    That of a linked worktree points back; that of a submodule lies in a repository around it.
    """
    back = (_read(folder / "gitdir") or "").rstrip("\r\n")
    if back and (folder / back).resolve() == dot_git:
        return True
    return any(folder.is_relative_to(around / ".git" / "modules") for around in dot_git.parents)


def _common(folder: Path) -> Path | None:
    """Return where the config is: a linked worktree shares that of the repository which holds its folder."""
    shared = (_read(folder / "commondir") or "").rstrip("\r\n")
    if not shared:
        return folder
    holder = folder.parent.parent
    is_ours = folder.parent.name == "worktrees" and (folder / shared).resolve() == holder
    return holder if is_ours else None


_known: OrderedDict[str, tuple[tuple[int, ...], str | None]] = OrderedDict()


def _origin(config: Path) -> str | None:
    """Return the URL that a config names, read again only when it has changed."""
    try:
        found = config.stat()
    except (OSError, ValueError):
        return None
    stamp = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    known = _known.get(str(config))
    if known is None or known[0] != stamp:
        known = stamp, gitfiles.origin(_read(config) or "")
        _known[str(config)] = known
        while len(_known) > MAX_KNOWN:
            _known.popitem(last=False)
    return known[1]


def _read(path: Path) -> str | None:
    """Return the text of a small regular file, or ``None``."""
    try:
        descriptor = os.open(path, _OPEN)
    except (OSError, ValueError):  # absent, a link, unreadable; or a path with a zero character
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        data = _read_all(descriptor)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return data.decode(errors="surrogateescape") if data is not None else None


def _read_all(descriptor: int) -> bytes | None:
    data = b""
    while len(data) <= MAX_FILE:
        part = os.read(descriptor, MAX_FILE + 1 - len(data))
        if not part:
            return data
        data += part
    return None
