"""When one permission is a part of another. Values in, values out.

Two questions that differ for files alone. *Within*: may it be granted to a plugin that asks for
the other? Whoever asks for files in general may be given any folder. *Covered*: does the other
open all of it? The bare form opens the user's roots, which may hold that folder or not.

What always holds: what cannot be told (two globs that may or may not overlap) counts as no.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.model.permissions import Permission

_WILD = re.compile(r"[*?\[]")


def enforced_by_kernel(permission: Permission) -> bool:
    """Tell whether ``permission`` is part of how a process is confined, and so fixed while it lives.

    The others are checked by the host at every call.
    """
    return permission.name.startswith(("filesystem.", "network.", "system."))


def within(narrow: Permission, wide: Permission, home: str) -> bool:
    """Tell whether whoever asks for ``wide`` may be given ``narrow``.

    Args:
        narrow: What somebody wants.
        wide: What is asked for.
        home: What ``~`` in a path means.
    """
    if narrow.name != wide.name:
        return False
    if not wide.scope or narrow.scope == wide.scope:
        return True
    if not narrow.scope:
        return False
    if wide.name.startswith("filesystem."):
        return _below(_path(narrow.scope, home), _path(wide.scope, home))
    if wide.name.startswith("network."):
        host, port = _host_and_port(wide.scope)
        return not port and _host_and_port(narrow.scope)[0] == host
    return wide.name.startswith("session.") and _glob_within(narrow.scope, wide.scope)


def grantable(permission: Permission, asked: Iterable[Permission], home: str) -> bool:
    """Tell whether whoever asks for ``asked`` may be given ``permission``."""
    return any(within(permission, other, home) for other in asked)


def covered(permission: Permission, by: Iterable[Permission], home: str) -> bool:
    """Tell whether one of ``by`` opens everything that ``permission`` opens."""
    return any(_opens_all(permission, other, home) for other in by)


def _opens_all(narrow: Permission, wide: Permission, home: str) -> bool:
    only_roots = wide.name.startswith("filesystem.") and not wide.scope and bool(narrow.scope)
    return not only_roots and within(narrow, wide, home)


def common(held: Iterable[Permission], asked: Iterable[Permission], home: str) -> tuple[Permission, ...]:
    """Return what is both held and asked for: of each pair that overlaps, the narrower one."""
    held, asked = tuple(held), tuple(asked)
    both = [p for p in held if grantable(p, asked, home)] + [p for p in asked if covered(p, held, home)]
    return normal(both, home)


def normal(permissions: Iterable[Permission], home: str) -> tuple[Permission, ...]:
    """Return ``permissions`` without reasons, sorted, and without those that others of them cover."""
    bare = sorted({type(p)(p.name, p.scope) for p in permissions})
    kept: list[Permission] = []
    for permission in bare:
        if not covered(permission, kept, home):
            kept = [p for p in kept if not _opens_all(p, permission, home)]
            kept.append(permission)
    return tuple(kept)


def _path(scope: str, home: str) -> str:
    return home.rstrip("/") + scope[1:] if scope == "~" or scope.startswith("~/") else scope


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def _host_and_port(scope: str) -> tuple[str, str]:
    if scope.startswith("["):
        host, _, port = scope.partition("]")
        return host, port.removeprefix(":")
    host, _, port = scope.partition(":")
    return host, port


def _glob_within(narrow: str, wide: str) -> bool:
    if not _WILD.search(narrow):
        return fnmatch.fnmatchcase(narrow, wide)
    prefix = wide.removesuffix("*")
    return prefix != wide and not _WILD.search(prefix) and narrow.startswith(prefix)
