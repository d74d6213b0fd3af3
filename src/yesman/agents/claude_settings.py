"""Claude Code's settings of one project, as text: with our hooks in them, and without.

What always holds: everything that is not ours stays, values and order; doing it twice changes nothing; and
what cannot be kept (broken JSON, keys that stand there twice, hooks of an unknown form) is refused.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import Any, Final

from yesman.agents.events import HOOKS
from yesman.model.errors import UsageError

PATH: Final = (".claude", "settings.local.json")
"""Below the project: the file of this user on this machine, which Claude Code keeps out of git."""
MAX_BYTES: Final = 1 << 20
HOOK_TIMEOUT: Final = 5
"""Seconds until Claude Code gives our program up; it gives itself up long before."""
_OURS: Final = "yesman.agents.event"


def hook_command(python: str) -> str:
    """Return the shell command of our hook, which never prints or fails, even once we are uninstalled."""
    return f"{shlex.quote(python)} -I -m {_OURS} 2>/dev/null || :"


def with_hooks(text: str | None, command: str) -> str:
    """Return the settings with our hooks.

    Args:
        text: The file as it is; None where there is none.
        command: What each hook runs, see :func:`hook_command`.

    Raises:
        UsageError: The file is not one that can be kept.
    """
    settings = _parsed(text)
    if _installed(settings, command):
        return text or ""
    hooks = _without_ours(_hooks(settings))
    ours = {"type": "command", "command": command, "timeout": HOOK_TIMEOUT}
    for event in HOOKS:
        hooks[event] = [*hooks.get(event, []), {"hooks": [ours]}]
    return _written(settings | {"hooks": hooks}, text)


def without_hooks(text: str) -> str | None:
    """Return the settings without our hooks; None where nothing would be left of them.

    Raises:
        UsageError: As above.
    """
    settings = _parsed(text)
    before = _hooks(settings)
    hooks = _without_ours(before)
    if hooks == before:
        return text
    left = settings | {"hooks": hooks}
    if not hooks:
        del left["hooks"]
    return _written(left, text) if left else None


def _installed(settings: dict[str, Any], command: str) -> bool:
    return _commands(_hooks(settings)) == {event: [command] for event in HOOKS}


def _commands(hooks: dict[str, Any]) -> dict[str, list[str]]:
    """Return our commands by event."""
    found = {
        event: [hook["command"] for group in groups for hook in group["hooks"] if _is_ours(hook)]
        for event, groups in hooks.items()
    }
    return {event: commands for event, commands in found.items() if commands}


def _without_ours(hooks: dict[str, Any]) -> dict[str, Any]:
    kept = {event: [_trimmed(group) for group in groups] for event, groups in hooks.items()}
    return {
        event: [group for group in groups if group is not None]
        for event, groups in kept.items()
        if not groups or any(group is not None for group in groups)
    }


def _trimmed(group: dict[str, Any]) -> dict[str, Any] | None:
    """Return a group of hooks without ours; None where it held only ours."""
    left = [hook for hook in group["hooks"] if not _is_ours(hook)]
    return None if not left and group["hooks"] else {**group, "hooks": left}


def _is_ours(hook: dict[str, Any]) -> bool:
    return _OURS in str(hook.get("command"))


def _hooks(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the hooks, of the one form that is understood: event → groups → hooks."""
    hooks = settings.get("hooks", {})
    groups = [group for listed in hooks.values() for group in listed] if _is_listing(hooks) else [None]
    for group in groups:
        held = group.get("hooks") if isinstance(group, dict) else None
        if not isinstance(held, list) or not all(isinstance(hook, dict) for hook in held):
            raise UsageError(
                f"The hooks in {'/'.join(PATH)} are not as Claude Code wants them",
                "Mend the file, then try again",
            )
    return dict(hooks)


def _is_listing(hooks: object) -> bool:
    return isinstance(hooks, dict) and all(isinstance(listed, list) for listed in hooks.values())


def _parsed(text: str | None) -> dict[str, Any]:
    if text is None or not text.strip():
        return {}
    try:
        settings = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{'/'.join(PATH)} is not JSON that can be kept: {error}", "Mend the file, then try again"
        ) from None
    if not isinstance(settings, dict):
        raise UsageError(f"{'/'.join(PATH)} does not hold an object", "Mend the file, then try again")
    return settings


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _written(settings: dict[str, Any], like: str | None) -> str:
    indent = re.search(r"^([ \t]+)\S", like or "", re.MULTILINE)
    return json.dumps(settings, indent=indent[1] if indent else 2, ensure_ascii=False) + "\n"
