"""Writes ``docs/reference/permissions.md`` from the table of permissions; a test fails when it is stale."""

from __future__ import annotations

from pathlib import Path

from yesman.model.permissions import NAMES, Permission, Risk
from yesman.runtime.grants_policy import PROGRAMS, SECRETS, SYSTEM

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "permissions.md"
HEAD = """\
# Permissions

What a plugin may be allowed to do, beyond reading its own code and packages, writing its own data folder, and
using its log and settings. It asks in `permissions` of its [manifest](manifest.md); the user sees each with
its risk, what it reaches and the author's reason, and agrees before anything of the plugin runs. [How to
ask](../how-to/permissions.md); [what enforces it](../explanation/sandbox.md). This page is generated from
`yesman.model.permissions`.
"""
SCOPES = {
    "path": "`:/path` or `:~/path`",
    "host": "`:host`, `:host:port` or `:[address]:port`",
    "glob": "`:glob` of session names",
    "program": "`:/path` of a program or folder",
    "name": "`:name` of a provider",
    "none": "none",
}
TAIL = """\
## Scopes

A scope stands behind a colon and narrows the permission: `filesystem.read:~/notes`. A folder covers all below
it. A host without a port covers all its ports; a name covers no sub-domain. A glob has `*`, `?` and `[abc]`,
as in a shell. Without a scope the permission covers what the table says.

A scope that is not well formed is refused when the manifest is read, with the line and an example.

## Never granted

Whatever is asked for and agreed to, no permission opens these, nor a folder that contains one of them, nor a
path that is or lies behind a symbolic link:

- `/`, and yesman's own folder;
- in the home folder: {secrets};
- of the system: {system}.

A plugin is never let write to what begins with a dot in the home folder, to folders that the user's `PATH`
names, or below {programs}. What it may write to it never executes. Programs named by `system.execute` may be
reached through the system's own links, such as those in `/usr/bin`.
"""


def page() -> str:
    """Return the page."""
    permissions = sorted(map(Permission, NAMES), key=lambda one: (list(Risk).index(one.risk), one.name))
    table = ["| permission | risk | scope | without one, the plugin |", "|---|---|---|---|"]
    tail = TAIL.format(secrets=_listed(SECRETS), system=_listed(SYSTEM), programs=_listed(PROGRAMS))
    return "\n".join([HEAD, *table, *map(_row, permissions), "", tail])


def _listed(paths: tuple[str, ...]) -> str:
    return ", ".join(f"`{path}`" for path in paths)


def _row(one: Permission) -> str:
    return f"| `{one.name}` | {one.risk.value} | {SCOPES[one.kind_of_scope]} | {one.reaches} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
