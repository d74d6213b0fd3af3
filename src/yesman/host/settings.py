"""Plugins' settings and the user's own configuration, as files.

Settings may hold tokens: the file is 0600, no message repeats a value, and nothing but the
plugin itself is given its own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host import durable
from yesman.model.errors import AuthorError, UsageError, VerificationError
from yesman.model.strict_yaml import Mapping, Scalar, Sequence, load

if TYPE_CHECKING:
    from pathlib import Path


class PluginSettings:
    """What users set with ``yesman plugin config``, by plugin.

    Raises:
        VerificationError: The file is not one that we wrote.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._values = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Any]])
        except FileNotFoundError:
            self._values = {}
        except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
            raise VerificationError(f"{path} cannot be read: {error}", "Restore or remove it") from error

    def of(self, plugin: str) -> dict[str, Any]:
        """Return what was set for ``plugin``, without defaults."""
        return dict(self._values.get(plugin, {}))

    def put(self, plugin: str, values: dict[str, Any]) -> None:
        """Replace the settings of ``plugin``, durably; none at all forgets it."""
        others = {name: held for name, held in self._values.items() if name != plugin}
        changed = {**others, plugin: values} if values else others
        if changed != self._values:
            text = json.dumps(changed, indent=2, ensure_ascii=False) + "\n"
            durable.write(self._path, text.encode())
            self._values = changed


def read_roots(path: Path) -> tuple[str, ...] | None:
    """Return ``roots`` of the user's ``config.yaml``: what bare ``filesystem.*`` grants mean.

    None when there is no such file or no such key: then the folders of sessions are meant.

    Raises:
        UsageError: The file is malformed; the message names line and key.
    """
    try:
        tree = load(path.read_bytes(), file="config.yaml")
    except FileNotFoundError:
        return None
    except AuthorError as error:
        raise UsageError(error.message, error.next_step) from error
    if not isinstance(tree, Mapping) or set(tree.entries) - {"roots"}:
        raise UsageError("config.yaml may hold 'roots' and nothing else", "Write 'roots: [~/projects]'")
    roots = tree.entries.get("roots")
    if roots is None:
        return None
    if not isinstance(roots, Sequence):
        raise UsageError(f"config.yaml:{roots.line}: 'roots' must be a list", "Write 'roots: [~/projects]'")
    return tuple(_root(item) for item in roots.items)


def _root(item: object) -> str:
    if isinstance(item, Scalar) and isinstance(item.value, str) and item.value.startswith(("/", "~")):
        return item.value
    raise UsageError("config.yaml: each of 'roots' must be an absolute path or start with '~'")
