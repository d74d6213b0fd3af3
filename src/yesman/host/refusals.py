"""The next step after a refusal: the command that grants what was missing, where one can.

What was missing is the plugin's own word when its process was refused by the kernel, so it is
believed only as far as it does no harm: the command is shown only for a permission that the
manifest asks for and that is not granted, and its scope is one quoted word of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yesman.model.errors import AuthorError, PermissionDeniedError, PluginFailedError
from yesman.model.narrowing import covered, within
from yesman.model.permissions import parse_permission
from yesman.model.plain_text import argument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from yesman.host.registry import Record
    from yesman.model.errors import YesmanError
    from yesman.model.permissions import Permission

MOST_TOLD: Final = 3
"""Permissions that one line names."""


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
    wanted = _wanted(missing, record, home)
    if wanted is None:
        return f"Its plugin.yaml does not ask for '{missing.name}', so it cannot be granted: tell its author"
    return f"To allow it: yesman plugin grant {plugin} {argument(str(wanted))}"


def grant_for(refused: str, record: Record, home: str) -> str:
    """Return the permission that would have to be granted, "" where the plugin asks for none that helps.

    Args:
        refused: The permission that was missing, as text; or a deed, which no permission allows.
        record: The plugin.
        home: The user's folder.
    """
    try:
        missing = parse_permission(refused)
    except AuthorError:
        return ""
    if covered(missing, record.granted(), home) and missing.scope:
        return ""
    return str(_wanted(missing, record, home) or "")


def meanwhile(denials: Iterable[Mapping[str, Any]], plugin: str, record: Record, home: str) -> str:
    """Return a line about what a plugin was refused while its command succeeded, "" for nothing.

    Args:
        denials: Notes of the recorder (:meth:`yesman.host.recorder.Recorder.denial`).
        plugin: Its name.
        record: What it asks for and was granted.
        home: The user's folder.
    """
    told: dict[str, bool] = {}
    for denial in denials:
        grant = grant_for(denial["what"], record, home)
        if grant:
            told[grant] = told.get(grant, False) or denial.get("authority") == "authoritative"
    if not told:
        return ""
    grants = [argument(grant) for grant in told][:MOST_TOLD]
    more = f" and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    doubt = "" if all(told.values()) else " (as its own process says)"
    return (
        f"plugin '{plugin}' was refused {', '.join(grants)}{more} meanwhile{doubt}. "
        f"To allow it: yesman plugin grant {plugin} {' '.join(grants)}"
    )


def _wanted(missing: Permission, record: Record, home: str) -> Permission | None:
    declared = [parse_permission(text) for text in record.declared()]
    asked = next((p for p in declared if within(missing, p, home)), None)
    # A bare path grant opens the roots alone: where it is there, they do not hold the path that was missed.
    return missing if asked is not None and asked in record.granted() else asked
