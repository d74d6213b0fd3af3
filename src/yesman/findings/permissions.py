"""What the manifest asks for, against what the code uses. Values in, values out.

What always holds: what is asked for in general covers every use of that kind; a permission is called
unused only if nothing of the code, seen or unseen, could use it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from yesman.findings import tables
from yesman.findings.rules import finding
from yesman.findings.uses import SERVICES, connects, uses_of
from yesman.model.narrowing import grantable
from yesman.model.permissions import parse_permission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from yesman.findings.rules import Finding
    from yesman.findings.syntax import Source
    from yesman.findings.uses import Use
    from yesman.model.manifest import Manifest

MANIFEST: Final = "plugin.yaml"
TOLD: Final = "session.read"
"""Without it a plugin is told of no session that a panel is shown with."""
_HOME: Final = "/home/user"
"""What ``~`` is taken for: the code does not say whose it is."""


def missing(sources: Sequence[Source], manifest: Manifest) -> Iterator[Finding]:
    """Yield what is used without a permission that covers it, each once a file."""
    managers = _words(sources) & SERVICES.keys()
    networked = connects(_modules(sources), _words(sources))
    for source in sources:
        told = set()
        for use in uses_of(source, managers):
            # An address in code that cannot connect is there to be shown.
            idle = use.permission.startswith("network.") and not networked
            if use.permission not in told and not idle and not _covered(use, manifest):
                told.add(use.permission)
                message = f"{source.path} {use.what}, which needs '{use.permission}'"
                yield finding("permission-missing", source.path, use.line, message, permission=use.permission)


def untold(manifest: Manifest, line_of: Callable[[str], int]) -> Iterator[Finding]:
    """Yield each panel that could be told of no session; ``line_of`` tells where the manifest names one."""
    for panel in manifest.panels:
        if panel.slot == "session" and TOLD not in _asked(manifest):
            message = f"The panel '{panel.name}' is shown with sessions, which needs '{TOLD}'"
            yield finding("permission-missing", MANIFEST, line_of(panel.name), message, permission=TOLD)


def unused(sources: Sequence[Source], manifest: Manifest, line_of: Callable[[str], int]) -> Iterator[Finding]:
    """Yield each permission that nothing can use; ``line_of`` tells where the manifest asks for one."""
    usable = _usable(sources, manifest)
    for permission in manifest.permissions:
        if permission.name not in usable:
            message = f"'{permission}' is asked for, but nothing in src can use it"
            yield finding("permission-unused", MANIFEST, line_of(str(permission)), message)


def _covered(use: Use, manifest: Manifest) -> bool:
    wanted = map(parse_permission, (use.permission, *use.instead))
    return any(
        grantable(each, manifest.permissions, _HOME)
        or (not each.scope and any(each.name == asked.name for asked in manifest.permissions))
        for each in wanted
    )


def _usable(sources: Sequence[Source], manifest: Manifest) -> set[str]:
    """Return the names of permissions that the code may use, in whatever way."""
    modules, words = _modules(sources), _words(sources)
    found = {
        wanted
        for manager in words & SERVICES.keys()
        for name, need in SERVICES[manager].items()
        if name in words
        for wanted in (need.permission, need.then)
    }
    if any(panel.slot == "session" for panel in manifest.panels):
        found.add(TOLD)
    if manifest.hooks or "event_bus" in words:
        found |= set(tables.SESSION_PERMISSIONS)  # some events and acts need one
    if _opaque(modules, words, manifest):
        return found | {"network.internal", "network.external", "system.execute", *_FILES}
    if connects(modules, words):
        found |= {"network.internal", "network.external"}
    if modules & tables.PROCESS_MODULES or "asyncio" in modules or "os" in modules or "concurrent" in modules:
        found |= {"system.execute"}
    if (
        modules & tables.FILE_MODULES
        or words & {"open", "FileHandler"}
        or "system.execute" in _asked(manifest)
    ):
        found |= _FILES
    return found


_FILES: Final = {"filesystem.read", "filesystem.write"}


def _asked(manifest: Manifest) -> set[str]:
    return {permission.name for permission in manifest.permissions}


def _opaque(modules: set[str], words: set[str], manifest: Manifest) -> bool:
    """Tell whether the code may do things that are not seen: other packages, names made at run time."""
    known = sys.stdlib_module_names | {"yesman", "src"}
    strange = {module.partition(".")[0] for module in modules} - known
    return bool(strange or manifest.dependencies or (modules | words) & tables.DYNAMIC)


def _modules(sources: Sequence[Source]) -> set[str]:
    return {module for source in sources for module in source.modules()}


def _words(sources: Sequence[Source]) -> set[str]:
    return {word for source in sources for word in source.words()}
