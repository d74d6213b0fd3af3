"""The next step after a refusal: the command that grants what was missing, where one can.

What was missing is the plugin's own word when its process was refused by the kernel, so it is
believed only as far as it does no harm: the command is shown only for a permission that the
manifest asks for and that is not granted, and its scope is one quoted word of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.model.errors import AuthorError, PermissionDeniedError, PluginFailedError
from yesman.model.narrowing import covered, within
from yesman.model.permissions import parse_permission
from yesman.model.plain_text import argument

if TYPE_CHECKING:
    from yesman.host.registry import Record
    from yesman.model.errors import YesmanError
    from yesman.model.permissions import Permission


def explain(error: YesmanError, plugin: str, record: Record, home: str) -> None:
    """Give ``error`` its next step if it is a refusal for want of a permission and has none yet."""
    if error.next_step or not isinstance(error, PermissionDeniedError | PluginFailedError):
        return
    try:
        missing = parse_permission(error.permission)
    except AuthorError:
        return
    error.next_step = _next_step(missing, plugin, record, home)


def _next_step(missing: Permission, plugin: str, record: Record, home: str) -> str:
    if covered(missing, record.granted(), home) and missing.scope:
        return ""
    declared = [parse_permission(text) for text in record.declared()]
    asked = next((p for p in declared if within(missing, p, home)), None)
    if asked is None:
        return f"Its plugin.yaml does not ask for '{missing.name}', so it cannot be granted: tell its author"
    # A bare path grant opens the roots alone: where it is there, they do not hold the path that was missed.
    wanted = missing if asked in record.granted() else asked
    return f"To allow it: yesman plugin grant {plugin} {argument(str(wanted))}"
