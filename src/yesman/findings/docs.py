"""Is there what people read before they trust a plugin? Values in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yesman.findings.rules import finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from yesman.findings.rules import Finding
    from yesman.model.manifest import Manifest

MANIFEST: Final = "plugin.yaml"
READMES: Final = frozenset({"readme.md", "docs/readme.md"})


def undocumented(
    manifest: Manifest, files: Collection[str], line_of: Callable[[str], int]
) -> Iterator[Finding]:
    """Yield what is not explained; ``files`` are the paths in the folder."""
    if not any(path.lower() in READMES for path in files):
        yield finding("docs-readme", "README.md", 0, "There is no README.md")
    if not manifest.description:
        yield finding("docs-description", MANIFEST, 0, "The plugin has no description")
    for permission in manifest.permissions:
        if not permission.reason:
            text = str(permission)
            message = f"'{text}' is asked for without a reason"
            yield finding("docs-reason", MANIFEST, line_of(text), message, permission=text)
    for command in manifest.commands:
        if not command.description:
            message = f"The command '{command.name}' has no description"
            yield finding("docs-command", MANIFEST, line_of(command.name), message)
