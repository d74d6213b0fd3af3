"""The user's own ``config.yaml``: ``roots``, ``secrets``, and ``limits`` of plugins by name. Read strictly.

What always holds: a file that is not understood wholly is refused with its line, and then no
plugin starts, rather than with limits or folders that nobody chose. :func:`with_limits` changes nothing
but the ``limits`` section.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from yesman import durable
from yesman.model.errors import AuthorError, UsageError
from yesman.model.limit_settings import SETTINGS, parse, written
from yesman.model.nearmiss import unknown
from yesman.model.plain_text import shown
from yesman.model.strict_yaml import Mapping, Node, Scalar, Sequence, load

if TYPE_CHECKING:
    from collections.abc import Callable

FILE: Final = "config.yaml"


class UserConfig(msgspec.Struct, frozen=True):
    """What the file says.

    Attributes:
        roots: What bare ``filesystem.*`` grants mean; None when the user did not choose.
        limits: By plugin and name (``yesman.model.limit_settings``), in bytes, seconds or units.
        secrets: Whether secrets go into the OS keyring where there is one, or always into a file.
    """

    roots: tuple[str, ...] | None = None
    limits: dict[str, dict[str, float]] = {}
    secrets: Literal["keyring", "file"] = "keyring"


class ConfigFile:
    """The file at ``path``, read again when it was changed; there may be none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[object, UserConfig] = (None, UserConfig())

    def read(self) -> UserConfig:
        """Return what it says now.

        Raises:
            UsageError: It is malformed; the message names line and key.
        """
        try:
            found = self._path.stat()
            stamp = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            if self._known[0] != stamp:
                self._known = stamp, understood(self._path.read_bytes())
        except FileNotFoundError:
            return UserConfig()
        except OSError as error:
            raise UsageError(
                f"{FILE} cannot be read: {error.strerror}", f"Mend or remove {self._path}"
            ) from error
        return self._known[1]

    def change_limits(self, plugin: str, changes: dict[str, float], unset: tuple[str, ...]) -> None:
        """Set and unset limits of ``plugin``, durably; the rest of the file stays as it is written.

        Raises:
            UsageError: The file is malformed as it is.
            PlatformError: It cannot be written; nothing was changed.
        """
        before = self.read()
        own = {k: v for k, v in (before.limits.get(plugin, {}) | changes).items() if k not in unset}
        limits = {name: rows for name, rows in (before.limits | {plugin: own}).items() if rows}
        path = Path(os.path.realpath(self._path))  # it may be a link into the user's dotfiles
        text = path.read_text("utf-8-sig") if path.exists() else ""
        changed = with_limits(text, limits)
        if _understood_or_none(changed.encode()) != msgspec.structs.replace(before, limits=limits):
            raise UsageError(
                f"{FILE} is written in a way that cannot be changed here", f"Edit {path} yourself"
            )
        durable.write(path, changed.encode())


def with_limits(text: str, limits: dict[str, dict[str, float]]) -> str:
    """Return the configuration ``text`` with ``limits`` in place of its own, all else untouched."""
    tree = None if _is_empty(text.encode()) else load(text.encode(), file=FILE)
    starts = sorted(tree.key_lines.values()) if isinstance(tree, Mapping) else []
    lines = text.splitlines(keepends=True)
    if isinstance(tree, Mapping) and "limits" in tree.key_lines:
        first = tree.key_lines["limits"]
        after = next((line for line in starts if line > first), len(lines) + 1)
        del lines[first - 1 : after - 1]
    elif isinstance(tree, Mapping) and not tree.entries:  # a bare {}
        lines = []
    kept = "".join(lines)
    if kept and not kept.endswith("\n"):
        kept += "\n"
    section = "".join(f"  {plugin}: {{{_row(rows)}}}\n" for plugin, rows in sorted(limits.items()))
    return f"{kept}limits:\n{section}" if section else kept


def _row(limits: dict[str, float]) -> str:
    return ", ".join(f"{name}: {written(name, value)}" for name, value in sorted(limits.items()))


def understood(data: bytes) -> UserConfig:
    """Return what the bytes of a configuration say.

    Raises:
        UsageError: They are malformed; the message names line and key.
    """
    if _is_empty(data):
        return UserConfig()
    try:
        tree = load(data, file=FILE)
    except AuthorError as error:
        raise UsageError(error.message, error.next_step) from error
    if not isinstance(tree, Mapping):
        raise _mistake(tree, "it must hold keys and values", "Write 'roots: [~/projects]'")
    for key in tree.entries:
        if key not in _SECTIONS:
            message, listing = unknown("key", key, _SECTIONS)
            raise _mistake(tree, message, listing, tree.key_lines[key])
    return UserConfig(**{key: _SECTIONS[key](node) for key, node in tree.entries.items()})


def _understood_or_none(data: bytes) -> UserConfig | None:
    try:
        return understood(data)
    except UsageError:
        return None


def _is_empty(data: bytes) -> bool:
    """Tell whether there is nothing but comments."""
    return not any(line.strip() and not line.lstrip().startswith(b"#") for line in data.splitlines())


def _roots(node: Node) -> tuple[str, ...]:
    if not isinstance(node, Sequence):
        raise _mistake(node, "'roots' must be a list", "Write 'roots: [~/projects]'")
    return tuple(_root(item) for item in node.items)


def _root(item: Node) -> str:
    if isinstance(item, Scalar) and isinstance(item.value, str) and item.value.startswith(("/", "~")):
        return item.value
    raise _mistake(item, "each of 'roots' must be an absolute path or start with '~'")


def _secrets(node: Node) -> str:
    if isinstance(node, Scalar) and node.value in {"keyring", "file"}:
        return str(node.value)
    raise _mistake(node, "'secrets' must be 'keyring' or 'file'")


def _limits(node: Node) -> dict[str, dict[str, float]]:
    if not isinstance(node, Mapping):
        raise _mistake(
            node, "'limits' must hold plugins by name", "Write 'limits: {some-plugin: {memory: 1GB}}'"
        )
    return {name: _limits_of(name, rows) for name, rows in node.entries.items()}


def _limits_of(plugin: str, node: Node) -> dict[str, float]:
    if not isinstance(node, Mapping):
        raise _mistake(
            node, f"the limits of {shown(plugin)} must be names and values", "Write '{memory: 1GB}'"
        )
    return {name: _limit(name, value, node) for name, value in node.entries.items()}


def _limit(name: str, value: Node, within: Mapping) -> float:
    if name not in SETTINGS:
        message, listing = unknown("limit", name, SETTINGS)
        raise _mistake(within, message, listing, within.key_lines[name])
    if not isinstance(value, Scalar):
        raise _mistake(
            value, f"the limit '{name}' must be one value", f"Write '{name}: {SETTINGS[name].example}'"
        )
    try:
        return parse(name, value.text)
    except UsageError as error:
        raise _mistake(value, error.message, error.next_step) from None


def _mistake(node: Node, message: str, next_step: str = "", line: int | None = None) -> UsageError:
    return UsageError(f"{node.file}:{line or node.line}: {message}", next_step)


_SECTIONS: Final[dict[str, Callable[[Node], Any]]] = {
    "roots": _roots,
    "limits": _limits,
    "secrets": _secrets,
}
