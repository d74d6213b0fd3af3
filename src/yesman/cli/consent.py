"""Asking the user, on a terminal and nowhere else.

What always holds: whatever a plugin's author wrote is shown escaped; what was typed before the
question was readable does not answer it; no answer is no.
"""

from __future__ import annotations

import select
import shlex
import sys
from typing import TYPE_CHECKING, Any, Final

from yesman.cli import render, updating
from yesman.cli.interrupts import Interrupts
from yesman.cli.question import can_ask, drop_typed
from yesman.cli.terminal import plain
from yesman.model.errors import PermissionDeniedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLOURS: Final = {"High": "1;31", "Medium": "33", "Low": "32"}
NOTHING_FOUND: Final[dict[str, Any]] = {"verdict": "passed", "scanners": [], "findings": []}
FINDINGS: Final = 12
"""Findings that are shown before the question."""
LOCAL: Final = "local"
"""The key of what nobody signed."""
RISK: Final = len("    [Medium risk]")
"""Columns that the risk takes behind a permission, with the indent of further lines."""


def ask(question: str) -> bool:
    """Ask on stderr and return whether the answer on stdin was yes; both must be terminals.

    Raises:
        KeyboardInterrupt: Ctrl-C instead of an answer.
    """
    return answered(question).lower() in {"y", "yes"}


def answered(question: str) -> str:
    """Ask on stderr and return the line that was typed, without the space around it; as :func:`ask`.

    Raises:
        KeyboardInterrupt: Ctrl-C instead of an answer.
    """
    with Interrupts() as interrupts:
        drop_typed()
        sys.stderr.write(question)
        sys.stderr.flush()
        ready, _, _ = select.select([sys.stdin, interrupts], [], [])
        if interrupts in ready:
            raise KeyboardInterrupt
        answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        sys.stderr.write("\n")
    return answer.strip()


def confirm(question: str, *, yes: bool, refusal: str, command: Sequence[str]) -> None:
    """Go on only if the user said yes, here or beforehand by an option.

    Args:
        question: Without the possible answers.
        yes: Whether the user already consented.
        refusal: The sentence for a no.
        command: What to run to consent beforehand.

    Raises:
        PermissionDeniedError: The user said no, or nobody can be asked.
    """
    if yes:
        return
    if not can_ask():
        hint = f"To consent without being asked: {shlex.join(command)}"
        raise PermissionDeniedError(f"{refusal}: there is no terminal to ask on", hint)
    if not ask(f"{question} [y/N] "):
        raise PermissionDeniedError(refusal)


def request(plugin: str, permissions: Sequence[Mapping[str, Any]]) -> bool:
    """Ask whether ``plugin`` may have ``permissions`` (rows of ``host.consent``); nobody to ask: no."""
    if not can_ask():
        return False
    width = render.columns(sys.stderr)
    asked = "\n".join(_permission(p, "  ", width) for p in permissions)
    sys.stderr.write(f"\nThe plugin {plain(plugin)} asks for these permissions:\n\n{asked}\n\n")
    return ask("Grant these permissions? [y/N] ")


def describe(plugin: Mapping[str, Any]) -> str:
    """Return what the user consents to, from the answer of ``plugin.inspect``."""
    width = render.columns(sys.stderr)
    lines = [render.record(_who(plugin), width)]
    added = set(plugin["added_permissions"])
    new = [p for p in plugin["permissions"] if p["permission"] in added]
    old = [p for p in plugin["permissions"] if p["permission"] not in added]
    held = [p for p in old if p["grants"] or p["granted"]]
    refused = [p for p in old if p not in held]
    for title, rows in (("It keeps these permissions:", held), ("Still not granted:", refused)):
        if rows:
            lines.append(f"\n{title}\n")
            lines += [_permission(p, "  ", width) for p in rows]
    if new:
        lines.append(f"\nIt asks for these {'new ' * bool(plugin['installed'])}permissions:\n")
        lines += [_permission(p, "+ " if plugin["installed"] else "  ", width) for p in new]
    if plugin["dropped_permissions"]:
        lines.append("\nIt no longer asks for these:\n")
        lines += [f"- {plain(text)}" for text in plugin["dropped_permissions"]]
    if old and not new:
        lines.append(f"\nIt asks for {'no new permissions' if updating.news(plugin) else 'nothing new'}.")
    if not plugin["permissions"]:
        lines.append("\nIt asks for no permissions.")
    lines += updating.describe(plugin.get("difference"), width)
    lent = [*map(_lending, plugin.get("lending", ())), *map(_borrowing, plugin.get("borrowers", ()))]
    if lent:
        lines.append("\n" + "\n".join(line for text in lent for line in render.wrap(text, width)))
    scan = plugin.get("scan") or NOTHING_FOUND
    if scan["verdict"] != "passed":
        lines.append(f"\nA scan of its files ended with '{plain(scan['verdict'])}':\n")
        lines += [line for text in _found(scan) for line in _indented(text, width)]
    if plugin.get("heritage"):
        lines.append(f"\n{_heritage(plugin['heritage'])}")
    return "\n".join(lines)


def _found(scan: Mapping[str, Any]) -> list[str]:
    """Return what a scan has found, the worst first, and which scanners have failed."""
    failed = [each for each in scan["scanners"] if each["outcome"] == "failed"]
    lines = [f"the scanner '{each['name']}' failed: {each['why']}" for each in failed]
    lines += [_finding(each) for each in scan["findings"][:FINDINGS]]
    if (more := len(scan["findings"]) - FINDINGS) > 0:
        lines.append(f"and {more} more; to see them all: yesman plugin scan")
    return [plain(line) for line in lines]


def _indented(text: str, width: int) -> list[str]:
    """Return a stranger's words as lines that none of ours begin like."""
    first, *more = render.wrap(text, max(width - 6, render.NARROWEST))
    return [f"  {first}", *(f"      {line}" for line in more)]


def _finding(found: Mapping[str, Any]) -> str:
    place = f"{found['file']}:{found['line']}" if found["line"] else found["file"] or "plugin"
    return f"{found['level']}: {place}: {found['message']} [{found['rule']}]"


def _lending(row: Mapping[str, Any]) -> str:
    """Return what the use of a provider amounts to."""
    provider = plain(row["provider"])
    if not row["plugin"]:
        waits = "When you install one, this plugin acts with what that is granted."
        return f"No plugin provides '{provider}' yet. {waits}"
    grants, plugin = ", ".join(map(plain, row["grants"])) or "nothing", plain(row["plugin"])
    return f"By the provider '{provider}' it acts with what plugin '{plugin}' is granted: {grants}."


def _borrowing(row: Mapping[str, Any]) -> str:
    """Return who may make this plugin do something."""
    names = ", ".join(map(plain, row["plugins"]))
    return (
        f"Its provider '{plain(row['provider'])}' may be called by {names}, with what this plugin is granted."
    )


def _heritage(found: Mapping[str, Any]) -> str:
    """Return whose data the plugin finds under its name, and what becomes of it."""
    left = found["left_by"]
    folder = plain(found["folder"])
    if found["inherited"]:
        return f"It gets back the data in {folder}, which version {plain(left['version'])} of it has left."
    whose = f"the plugin from {plain(left['source'])}" if left else "nobody knows which plugin"
    return f"The data in {folder} was left by {whose}: this one does not get it, it is set aside."


def describe_replacement(old: str, new: str) -> str:
    """Return what it means that a plugin of the same name comes from elsewhere."""
    places = {"Installed from": old, "This one is": new}
    width = render.columns(sys.stderr)
    return (
        f"\nA plugin of that name is installed from elsewhere:\n{render.record(places, width)}\n"
        "The new one takes over its data and its settings, but for secrets."
    )


def _who(plugin: Mapping[str, Any]) -> dict[str, str]:
    installed = plugin["installed"]
    instead = f" (instead of {installed['version']})" if installed else ""
    return {
        "Plugin": plugin["name"],
        "Version": f"{plugin['version']}{instead}",
        **_publisher(plugin),
        "Author": _said(plugin["author"], "not named"),
        "Description": plugin["description"],
        "Content": plugin["digest"],
    }


def _publisher(plugin: Mapping[str, Any]) -> dict[str, str]:
    if plugin["key"] == LOCAL:
        kind = "package" if plugin["package"] else "folder"
        return {"Publisher": f"none: a {kind} on this machine, not signed"}
    return {
        "From": plugin["source"],
        "Publisher": plugin["publisher"],
        "Signed with": fingerprint(plugin["key"]),
    }


def fingerprint(keyid: str) -> str:
    """Return a keyid as people compare it."""
    return " ".join(keyid[at : at + 8] for at in range(0, len(keyid), 8))


def _said(text: str, otherwise: str) -> str:
    return f"{text} (as the plugin says)" if text else otherwise


def _permission(permission: Mapping[str, Any], mark: str, width: int) -> str:
    risk = permission["risk"]
    label = render.styled(f"{plain(risk)} risk", COLOURS.get(risk, "0"), sys.stderr)
    parts = [grant for grant in permission["grants"] if grant != permission["permission"]]
    body = {"Granted": "of it only " + ", ".join(parts)} if parts and not permission["granted"] else {}
    body |= {"Reaches": permission["reaches"], "Reason": _said(permission["reason"], "not stated")}
    indented = "\n".join(f"      {line}" for line in render.record(body, width - 6).split("\n"))
    first, *more = render.wrap(
        plain(permission["permission"]), max(width - len(mark) - RISK, render.NARROWEST)
    )
    rest = "".join(f"\n    {line}" for line in more)
    return f"{mark}{first}{rest}  [{label}]\n{indented}"
