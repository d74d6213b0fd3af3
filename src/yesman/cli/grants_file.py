"""A grants file: what plugins are granted where nobody can be asked.

It maps plugin names to contents, and contents to permissions::

    git-insight:
      "sha256:5c0f…": [session.read, "filesystem.read:~/projects"]
      "*": [session.read]

A content is the digest that the install question shows, or ``*`` for any that is not named.
What the file does not name is not granted; a plugin it does not name is not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.model.errors import AuthorError, PermissionDeniedError, UsageError
from yesman.model.permissions import parse_permission
from yesman.model.plain_text import shown
from yesman.model.strict_yaml import MAX_BYTES, Mapping, Node, Scalar, Sequence, load

if TYPE_CHECKING:
    from pathlib import Path

ANY = "*"


class GrantsFile:
    """The grants of one file.

    Args:
        grants: By plugin name, then by digest or ``*``.
        file: How messages name it.
    """

    def __init__(self, grants: dict[str, dict[str, tuple[str, ...]]], file: str) -> None:
        self._grants = grants
        self._file = file

    @classmethod
    def read(cls, path: Path) -> GrantsFile:
        """Read a grants file.

        Raises:
            UsageError: It cannot be read or is malformed; the message names the line.
        """
        try:
            with path.open("rb") as file:
                return parse(file.read(MAX_BYTES + 1), str(path))
        except OSError as error:
            reason = error.strerror or str(error)
            raise UsageError(
                f"{path} cannot be read: {reason}", "Check the path given to --grants"
            ) from error

    def of(self, plugin: str, digest: str) -> tuple[str, ...]:
        """Return what ``plugin`` with this content is granted.

        Raises:
            PermissionDeniedError: The file says nothing about it.
        """
        contents = self._grants.get(plugin, {})
        found = contents.get(digest, contents.get(ANY))
        if found is None:
            raise PermissionDeniedError(
                f"{self._file} grants nothing to '{plugin}' with the content {digest}",
                f'Add it there: {{{plugin}: {{"{digest}": [PERMISSION, …]}}}}',
            )
        return found


def parse(data: bytes, file: str) -> GrantsFile:
    """Return the grants in ``data``; raises as :meth:`GrantsFile.read` does."""
    try:
        tree = load(data, file=file)
        plugins = _entries(tree, "plugin names")
        return GrantsFile({name: _contents(node) for name, node in plugins.items()}, file)
    except AuthorError as error:  # whoever wrote this file is the user
        raise UsageError(error.message, error.next_step) from error


def _contents(node: Node) -> dict[str, tuple[str, ...]]:
    for content in _entries(node, "contents"):
        if content != ANY and not content.startswith("sha256:"):
            raise node.error(f"{shown(content)} is neither a digest nor '*'", 'Write "sha256:…" or "*"')
    return {content: _permissions(inner) for content, inner in _entries(node, "contents").items()}


def _permissions(node: Node) -> tuple[str, ...]:
    if not isinstance(node, Sequence):
        raise node.error("the permissions must be a list", "Write [session.read, …]")
    return tuple(_permission(item) for item in node.items)


def _permission(node: Node) -> str:
    if not isinstance(node, Scalar):
        raise node.error("a permission must be text")
    try:
        return str(parse_permission(node.text))
    except AuthorError as error:
        raise node.error(error.message, error.next_step) from error


def _entries(node: Node, what: str) -> dict[str, Node]:
    if not isinstance(node, Mapping):
        raise node.error(f"a map with {what} is expected")
    return node.entries
