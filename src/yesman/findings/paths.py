"""Files that code opens, as far as their paths are written in it.

What always holds: a path is known from its first part on, or not at all; ``~`` stands for the home of
whoever will use the plugin.
"""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.findings import tables
from yesman.findings.syntax import argument, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.findings.syntax import Source

_MAKERS: Final = frozenset({"pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "os.path.join"})
_HOME: Final = "/~"
"""The home while a path is put together: a literal ``~`` is but a name until it is expanded."""
_DEEPEST: Final = 20
"""Slashes of one expression that are followed."""


class Opened(NamedTuple):
    """A file that is opened, or otherwise used by its path; ``kind`` is ``read`` or ``write``."""

    path: str
    kind: str


def opened(source: Source, call: ast.Call) -> Iterator[Opened]:
    """Yield what ``call`` opens, with paths that begin with ``/`` or ``~/``."""
    for node, kind in _touched(source, call):
        path = _path(source, node)
        if path.startswith("/") and path != "/" and not f"{path}/".startswith(tables.NOT_DECIDED):
            yield Opened(path[1:] if f"{path}/".startswith(f"{_HOME}/") else path, kind)


def _touched(source: Source, call: ast.Call) -> Iterator[tuple[ast.expr | None, str]]:
    name = source.dotted(call.func)
    if name in tables.OPENERS:
        yield argument(call, 0, tables.OPENERS[name]), _kind(call, 1)
    for place, kind in enumerate(tables.FILE_CALLS.get(name, ())):
        yield argument(call, place, tables.FILE_ARGUMENTS[place]), kind
    if isinstance(call.func, ast.Attribute) and not name and not _is_text(source, call.func.value):
        method = call.func.attr
        if method == "open":
            yield call.func.value, _kind(call, 0)
        elif method in tables.READING | tables.WRITING:
            yield call.func.value, "read" if method in tables.READING else "write"


def _is_text(source: Source, node: ast.expr) -> bool:
    made = isinstance(node, ast.Call) and source.dotted(node.func).startswith("os.path.")
    return made or isinstance(node, ast.Constant)


def _kind(call: ast.Call, place: int) -> str:
    mode = text_of(argument(call, place, "mode")).partition(":")[0]  # tarfile's "r:xz" reads
    return "write" if set(mode) & set("wax+") else "read"


def _path(source: Source, node: ast.expr | None, depth: int = 0) -> str:
    """Return the path that an expression makes, "" if that is not to be seen."""
    if depth > _DEEPEST or node is None:
        return ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        parts = [_path(source, node.left, depth + 1), text_of(node.right)]
    elif isinstance(node, ast.Call):
        parts = _made(source, node, depth)
    else:
        return text_of(node)
    return posixpath.normpath(posixpath.join(*parts)) if parts and all(parts) else ""


def _made(source: Source, call: ast.Call, depth: int) -> list[str]:
    name = source.dotted(call.func)
    if name == "pathlib.Path.home":
        return [_HOME]
    if name == "os.path.expanduser" and call.args:
        return [_expanded(_path(source, call.args[0], depth + 1))]
    if name in _MAKERS:
        return [_path(source, each, depth + 1) for each in call.args]
    if isinstance(call.func, ast.Attribute) and call.func.attr in {"expanduser", "resolve", "absolute"}:
        path = _path(source, call.func.value, depth + 1)
        return [_expanded(path) if call.func.attr == "expanduser" else path]
    return []


def _expanded(path: str) -> str:
    return f"/{path}" if f"{path}/".startswith("~/") else path
