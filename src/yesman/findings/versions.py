"""What is used of yesman, against the versions that the manifest allows. Values in, values out."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from packaging.version import Version

from yesman.findings.api import SINCE
from yesman.findings.rules import finding
from yesman.model.nearmiss import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from yesman.findings.rules import Finding
    from yesman.findings.syntax import Source
    from yesman.model.manifest import Manifest

PUBLIC: Final = "yesman.plugins"
UI: Final = f"{PUBLIC}.ui"


def misused(sources: Sequence[Source], manifest: Manifest) -> Iterator[Finding]:
    """Yield what is not public, not there, or newer than the oldest yesman that is allowed."""
    oldest = Version(manifest.min_version) if manifest.min_version else None
    for source in sources:
        for name, line in sorted(_used(source), key=lambda row: row[1]):
            since = SINCE.get(name)
            if since is None:
                yield from _strange(source.path, name, line)
            elif oldest is not None and Version(since) > oldest:
                message = f"{name} is there since yesman {since}, but {manifest.min_version} is allowed"
                yield finding("api-newer", source.path, line, message, version=since)


def _used(source: Source) -> Iterator[tuple[str, int]]:
    """Yield ``Name``, ``ui.Name``, ``context.field`` or, of all else of yesman's, the dotted name."""
    for found in source.imports:
        module, _, name = found.dotted.rpartition(".")
        if module in {PUBLIC, UI} and name != "*":
            yield found.dotted.removeprefix(f"{PUBLIC}."), found.line
        elif found.dotted.partition(".")[0] == "yesman" and PUBLIC not in {found.dotted, module}:
            yield found.dotted, found.line
    for node in source.nodes:
        if not isinstance(node, ast.Attribute):
            continue
        if f"context.{node.attr}" in SINCE and _is_context(node.value):
            yield f"context.{node.attr}", node.lineno
        elif _is_ui(source, node.value):
            yield f"ui.{node.attr}", node.lineno


def _is_ui(source: Source, node: ast.expr) -> bool:
    # ``import yesman.plugins.ui`` binds the first word only
    return isinstance(node, ast.Name) and node.id != "yesman" and source.dotted(node) == UI


def _is_context(node: ast.expr) -> bool:
    return (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")) == "context"


def _strange(path: str, name: str, line: int) -> Iterator[Finding]:
    if name == "yesman":
        return
    module, _, word = name.rpartition(".")
    if module not in {"", "ui"} or word.startswith("_") or name == "testing":
        dotted = name if name.startswith("yesman.") else f"{PUBLIC}.{name}"
        yield finding("api-private", path, line, f"{dotted} is not for plugins")
        return
    near = nearest(name, SINCE)
    fix = f"Did you mean '{near}'?" if near else ""
    yield finding("api-unknown", path, line, f"{PUBLIC} has no '{name}'", fix)
