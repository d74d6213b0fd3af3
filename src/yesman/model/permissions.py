"""What a plugin may be allowed to do: ten names, each with an optional scope.

What always holds of a :class:`Permission`: its name is one of ``NAMES`` and its scope is
well formed and in one canonical spelling, so that equal permissions compare equal and
``str`` of one parses back to it. Whether a path or host may be granted at all (our own
state, ``~/.ssh``) depends on the machine and is decided where grants become policy.

Names and risks: plan section 5 (``PERMISSION_LEVELS``); ``session.type`` and ``provider.use`` are ours.
"""

from __future__ import annotations

import enum
import fnmatch
import ipaddress
import re
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from yesman.model.errors import AuthorError
from yesman.model.nearmiss import unknown
from yesman.model.plain_text import shown, unsafe_character

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_SCOPE: Final = 1024  # characters


class Risk(enum.Enum):
    """How much harm a permission can do, as shown to the user."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"


class _Row(NamedTuple):
    risk: Risk
    scope: str  # which kind of scope: "path", "host", "glob", "program", "name" or "none"
    reaches: str  # one sentence; {where} is the bare or the scoped wording
    bare: str
    scoped: str


_ROOTS: Final = "the folders of your sessions, or what 'roots' in config.yaml names"
_SESSIONS: Final = ("any session", "sessions named {scope}")
_TABLE: Final[dict[str, _Row]] = {
    "network.internal": _Row(
        Risk.LOW, "host", "connects to {where}", "this machine's services and your own network", "{scope}"
    ),
    "network.external": _Row(
        Risk.MEDIUM, "host", "connects to {where}", "any public address on the internet", "{scope}"
    ),
    "filesystem.read": _Row(Risk.LOW, "path", "reads every file below {where}", _ROOTS, "{scope}"),
    "filesystem.write": _Row(
        Risk.MEDIUM,
        "path",
        "creates, changes and deletes files below {where}; "
        "in a repository that includes .git/hooks and .envrc, so it can run code as you",
        _ROOTS,
        "{scope}",
    ),
    "session.read": _Row(
        Risk.LOW, "glob", "sees folders, windows and screen contents of {where}", *_SESSIONS
    ),
    "session.modify": _Row(
        Risk.MEDIUM,
        "glob",
        "renames, closes and labels {where}, starts plain ones beside them, and shows you messages, "
        "which plugins that provide notifications pass on",
        *_SESSIONS,
    ),
    "session.type": _Row(
        Risk.HIGH,
        "glob",
        "types into {where} and starts commands there, which is the same as executing anything "
        "outside the sandbox as you",
        *_SESSIONS,
    ),
    "system.execute": _Row(
        Risk.HIGH,
        "program",
        "starts {where}, and with it any code within the other permissions: it is confined as the "
        "plugin is, and reads the system's programs too",
        "any program of the system",
        "{scope}",
    ),
    "plugin.manage": _Row(
        Risk.HIGH, "none", "manages {where}, asking you before each change", "other plugins", ""
    ),
    "provider.use": _Row(
        Risk.HIGH,
        "name",
        "calls {where}, and so acts with whatever the plugin behind it was granted",
        "every provider of other plugins",
        "the provider '{scope}' of another plugin",
    ),
}
NAMES: Final = frozenset(_TABLE)
_AGENTS_LOGS: Final = "/.claude/projects/"
_TALK: Final = ", which holds all that was said in your sessions of Claude Code, secrets too"


class Permission(msgspec.Struct, frozen=True, order=True):
    """One permission that is asked for or granted.

    Raises:
        AuthorError: On construction, when the name is unknown or the scope not canonical.
    """

    name: str
    scope: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if canonical_scope(self.name, self.scope) != self.scope:
            raise AuthorError(f"the scope {shown(self.scope)} of '{self.name}' is not canonical")

    def __str__(self) -> str:
        return f"{self.name}:{self.scope}" if self.scope else self.name

    @property
    def risk(self) -> Risk:
        """The risk level that the consent question shows."""
        return _TABLE[self.name].risk

    @property
    def kind_of_scope(self) -> str:
        """What its scope may be: ``path``, ``host``, ``glob``, ``program``, ``name`` or ``none``."""
        return _TABLE[self.name].scope

    @property
    def reaches(self) -> str:
        """What it opens, as one plain sentence without subject and full stop."""
        row = _TABLE[self.name]
        where = row.scoped if self.scope else row.bare
        reaches = row.reaches.replace("{where}", where).replace("{scope}", self.scope)
        return reaches + (_TALK if _AGENTS_LOGS in f"{self.scope}/" else "")


def parse_permission(text: str, *, reason: str = "") -> Permission:
    """Parse ``"filesystem.read"`` or ``"filesystem.read:~/projects"``.

    Args:
        text: The name, and after the first colon the scope.
        reason: Why the author wants it; already checked text.

    Raises:
        AuthorError: Unknown name (with the near miss), or a scope that is malformed.
    """
    name, colon, scope = text.partition(":")
    if name in NAMES and colon and not scope:
        raise AuthorError(f"'{name}:' has an empty scope", f"Write '{name}' for all of it")
    return Permission(name, canonical_scope(name, scope), reason)


def covers_session(granted: Iterable[Permission], name: str, session: str) -> bool:
    """Tell whether ``granted`` holds permission ``name`` for the session named ``session``.

    A bare permission covers every session; a scope is a shell-style glob, case-sensitive.
    """
    return any(
        permission.name == name and (not permission.scope or fnmatch.fnmatchcase(session, permission.scope))
        for permission in granted
    )


def covers_provider(granted: Iterable[Permission], provider: str) -> bool:
    """Tell whether ``granted`` lets a plugin call the provider of that name."""
    return any(p.name == "provider.use" and p.scope in {"", provider} for p in granted)


def canonical_scope(name: str, scope: str) -> str:
    """Return ``scope`` in the one spelling used for permission ``name``; empty stays empty.

    Raises:
        AuthorError: Unknown name, or a scope that is malformed for it.
    """
    if name not in NAMES:
        raise AuthorError(*unknown("permission", name, NAMES))
    if not scope:
        return ""
    if len(scope) > MAX_SCOPE or unsafe_character(scope) is not None:
        raise AuthorError(f"the scope {shown(scope)} of '{name}' is too long or holds control characters")
    kind = _TABLE[name].scope
    if kind == "none":
        raise AuthorError(f"'{name}' takes no scope, but has {shown(scope)}", f"Write '{name}'")
    if kind == "path":
        return _path(name, scope, home=True)
    if kind == "program":
        return _path(name, scope, home=False)
    if kind == "name":
        return _provider(name, scope)
    return _host(name, scope) if kind == "host" else _glob(name, scope)


def _path(name: str, scope: str, *, home: bool) -> str:
    example = f"Write it like '{name}:{'~/projects' if home else '/usr/bin/git'}'"
    first, *parts = scope.rstrip("/").split("/")
    if not scope.startswith("/") and not (home and first == "~"):
        raise AuthorError(f"the path {shown(scope)} of '{name}' is not absolute", example)
    if not first and not parts:
        raise AuthorError(f"'{name}:/' would open the whole machine and is never granted", example)
    if any(part in {"", ".", ".."} for part in parts):
        raise AuthorError(f"the path {shown(scope)} of '{name}' holds '//', '.' or '..'", example)
    if any(part != part.strip() or "  " in part for part in parts) or _ODD_SPACE.search(scope):
        raise AuthorError(
            f"the path {scope[:60]!a} of '{name}' has spaces that would mislead whoever reads it",
            "Name a folder without spaces at either end of a part, and with single ones elsewhere",
        )
    if any(character in scope for character in "*?["):
        raise AuthorError(
            f"the path {shown(scope)} of '{name}' holds a wildcard", "Name a folder; it covers all below it"
        )
    return "/".join((first, *parts))


_ODD_SPACE: Final = re.compile(r"(?! )\s")
_GLOB: Final = re.compile(r"[A-Za-z0-9_\-*?\[\]!]{1,64}")
_PROVIDER: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")  # as manifests name them
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")


def _glob(name: str, scope: str) -> str:
    if not _GLOB.fullmatch(scope):
        raise AuthorError(
            f"{shown(scope)} cannot match a session name", f"Write it like '{name}:work-*', without spaces"
        )
    return scope


def _provider(name: str, scope: str) -> str:
    if not _PROVIDER.fullmatch(scope):
        raise AuthorError(f"{shown(scope)} in '{name}' is no provider's name", f"Write it like '{name}:git'")
    return scope


def _host(name: str, scope: str) -> str:
    example = f"Write it like '{name}:api.example.org:443'"
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", scope)
    host, port = (bracketed[1], bracketed[2]) if bracketed else _split_port(scope)
    if port is not None and not (_PORT.fullmatch(port) and int(port) < 2**16):
        raise AuthorError(f"{shown(port)} in '{name}' is not a port number", example)
    address = _address(host, six=bool(bracketed)) or (None if bracketed else _host_name(host))
    if address is None:
        raise AuthorError(f"{shown(scope)} in '{name}' is not a host name or address", example)
    return address if port is None else f"{address}:{port}"


def _split_port(scope: str) -> tuple[str, str | None]:
    host, colon, port = scope.partition(":")
    return host, port if colon else None


def _address(host: str, *, six: bool) -> str | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if (address.version == 6) != six or "%" in host:  # noqa: PLR2004 - the protocol's name
        return None
    return f"[{address}]" if six else str(address)


def _host_name(host: str) -> str | None:
    lowered = host.lower()
    labels = lowered.split(".")
    # A last label that starts with a digit is an address in disguise (127.1, 0x7f.1): no public suffix does.
    if len(lowered) > 253 or labels[-1][:1].isdigit():  # noqa: PLR2004 - RFC 1035's limit
        return None
    return lowered if all(_LABEL.fullmatch(label) for label in labels) else None
