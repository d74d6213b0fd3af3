"""Grants become a policy: which paths one plugin may touch on this machine. Decides, never acts.

Three things are never granted, whatever was declared or consented to: a folder that holds
the user's secrets, yesman's own state, or the system's own files. A broad grant that would
contain one of them is refused as a whole, because Landlock cannot carve a hole into it. A path that
leads through a symbolic link is refused as well: a plugin that may write beside it could
turn the link to where it was never let in. And nothing that a plugin may write to does it ever execute.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from yesman.model.errors import VerificationError
from yesman.model.limits import Limits
from yesman.model.narrowing import enforced_by_kernel
from yesman.sandbox.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.model.permissions import Permission

SECRETS = (
    ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".netrc", ".git-credentials", ".pgpass",
    ".config/gh", ".config/gcloud", ".config/git", ".password-store", ".local/share/keyrings",
    ".local/share/kwalletd", ".mozilla", ".config/google-chrome", ".config/chromium", ".claude",
    ".claude.json",
)  # fmt: skip
"""Places under the home folder that no permission opens, but for what is named below."""
READABLE_WITHIN = (".claude/projects",)
"""Places within those that a permission opens which names them, or something below, and only reads.

What was said to an agent is for the user to show; what the agent logs in with, and the settings that
make it run programs, lie beside it.
"""
SYSTEM = (
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/boot",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/ssl/private",
    "/root/.ssh",
)
"""Places of the system that no permission opens."""
PROGRAMS = ("/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/var/spool")
"""Places of the system that no permission lets a plugin write to, not even root's."""
COMMANDS = (
    "/usr/bin",
    "/usr/sbin",
    "/usr/libexec",
    "/usr/lib/git-core",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/local/libexec",
    "/bin",
    "/sbin",
)
"""What the bare ``system.execute`` opens, beside programs among the plugin's own files and packages."""


@dataclass(frozen=True)
class Machine:
    """The facts a decision rests on; every path absolute and real.

    Attributes:
        home: The user's home folder.
        state: yesman's own state, ``$YESMAN_HOME``.
        search_path: The folders of the user's ``PATH``.
        locale: LANG, LC_ALL, TZ as the user has them.
        authorities: A file of certificate authorities that plugins trust instead of the system's; "" for
            those. Tests have their own.
    """

    home: str
    state: str
    search_path: tuple[str, ...]
    locale: tuple[tuple[str, str], ...] = ()
    authorities: str = ""


@cache
def ungrantable(machine: Machine) -> tuple[str, ...]:
    """Return the places that no permission opens."""
    return (*SYSTEM, *(os.path.join(machine.home, name) for name in SECRETS), machine.state)  # noqa: PTH118 - text


def why_refused(path: str, machine: Machine, *, writes: bool, named: bool = False) -> str:
    """Return why ``path`` cannot be granted, or "" when it can.

    Args:
        path: Absolute and normal.
        machine: This machine.
        writes: Whether writing is asked for; then ``PATH`` folders are refused too.
        named: Whether a permission's scope names it, which opens :data:`READABLE_WITHIN` for reading.
    """
    if path == "/":
        return "it is the whole file system"
    real = os.path.realpath(path)
    if real != path:
        return f"it is or lies behind a symbolic link to {real}; name that folder itself"
    readable = READABLE_WITHIN if named and not writes else ()
    own_state = _within(machine.state, path) or _within(path, machine.state)
    if not own_state and any(_within(path, os.path.join(machine.home, name)) for name in readable):  # noqa: PTH118 - text
        return ""
    for secret in ungrantable(machine):
        if _within(path, secret):
            return f"{secret} is never granted"
        if _within(secret, path):
            return f"it contains {secret}, which is never granted"
    return _why_not_written(path, machine) if writes else ""


def why_not_executed(path: str, machine: Machine, writable: Iterable[str]) -> str:
    """Return why programs at or below ``path`` cannot be started, or "" when they can.

    Links are followed where no permission lets a plugin write, as in /usr/bin.

    Args:
        path: Absolute and normal.
        machine: This machine.
        writable: Where the plugin may write.
    """
    real = os.path.realpath(path)
    named = real if any(_within(path, folder) for folder in PROGRAMS) else path
    reason = why_refused(named, machine, writes=False)
    if reason:
        return reason
    for folder in writable:
        if _overlaps(real, (folder,)):
            return f"the plugin may write to {folder}, and would choose what to execute"
    return ""


def _why_not_written(path: str, machine: Machine) -> str:
    """Return why writing to ``path`` would be the same as executing anything, or ""."""
    for folder in machine.search_path:
        if _within(path, folder) or _within(folder, path):
            return f"programs are started from {folder}"
    for folder in PROGRAMS:
        if _within(path, folder) or _within(folder, path):
            return f"{folder} decides what programs do"
    if path.startswith(f"{machine.home.rstrip('/')}/."):
        return "files and folders of yours that start with a dot decide what programs do"
    return ""


def expand(scope: str, machine: Machine) -> str:
    """Return the absolute path a filesystem scope or a configured root means."""
    text = machine.home + scope[1:] if scope == "~" or scope.startswith("~/") else scope
    return os.path.normpath(text)


def check_linkable(source: str, machine: Machine) -> None:
    """Refuse to run a linked plugin's folder that could not be granted for reading.

    A plugin that may write beside it could have put something else, or a link, in its place.

    Raises:
        VerificationError: The folder, with the reason.
    """
    reason = why_refused(source, machine, writes=False)
    if reason:
        raise VerificationError(
            f"the folder {source} cannot be run as a linked plugin: {reason}",
            "Put the plugin's own folder back there, or install it from where it is now",
        )


def refused_scopes(granted: Iterable[Permission], machine: Machine) -> dict[str, str]:
    """Return the permissions that cannot be granted here, at least not together, with the reason for each."""
    granted = tuple(granted)
    refused = {}
    writable = [expand(p.scope, machine) for p in granted if p.name == "filesystem.write" and p.scope]
    for permission in granted:
        if permission.name == "system.execute" and permission.scope:
            reason = why_not_executed(permission.scope, machine, writable)
            if reason:
                refused[str(permission)] = reason
        if permission.name.startswith("filesystem.") and permission.scope:
            writes = permission.name == "filesystem.write"
            reason = why_refused(expand(permission.scope, machine), machine, writes=writes, named=True)
            if reason:
                refused[str(permission)] = reason
    return refused


@dataclass(frozen=True)
class Places:
    """Where one plugin lives; absolute real paths, ``packages`` may be ""."""

    code: str
    packages: str
    data: str
    tmp: str


def decide(
    plugin: str,
    places: Places,
    granted: tuple[Permission, ...],
    roots: Iterable[str],
    machine: Machine,
    *,
    limits: Limits | None = None,
) -> Policy:
    """Return what ``plugin`` may touch.

    Args:
        plugin: Its name.
        places: Its own folders.
        granted: What the user consented to.
        roots: What the bare ``filesystem.*`` forms mean: absolute paths, or starting with ``~``.
        machine: This machine.
        limits: Resource limits, the defaults when None.
    """
    folders = sorted({expand(root, machine) for root in roots})
    read = _paths(granted, "filesystem.read", folders, machine)
    read += (machine.authorities,) if machine.authorities else ()
    write = _paths(granted, "filesystem.write", folders, machine)
    return Policy(
        plugin=plugin,
        code=places.code,
        packages=places.packages,
        data=places.data,
        tmp=places.tmp,
        read=read,
        write=write,
        execute=_programs(granted, places, (places.data, places.tmp, *write), machine),
        never=ungrantable(machine),
        environment=_environment(places, machine),
        declared=tuple(sorted(str(p) for p in granted if enforced_by_kernel(p))),
        limits=limits or Limits(),
    )


def _paths(
    granted: Iterable[Permission], name: str, roots: Iterable[str], machine: Machine
) -> tuple[str, ...]:
    mine = [permission for permission in granted if permission.name == name]
    wanted = {(expand(permission.scope, machine), True) for permission in mine if permission.scope}
    wanted |= {(root, False) for root in roots} if any(not permission.scope for permission in mine) else set()
    writes = name == "filesystem.write"
    found = {path for path, named in wanted if not why_refused(path, machine, writes=writes, named=named)}
    return tuple(sorted(found))


def _programs(
    granted: Iterable[Permission], places: Places, writable: tuple[str, ...], machine: Machine
) -> tuple[str, ...]:
    """Return the real paths of what may be started. A plugin's own files count as programs of its author."""
    found: set[str] = set()
    for permission in granted:
        if permission.name == "system.execute":
            wanted = (permission.scope,) if permission.scope else COMMANDS
            found |= {p for p in wanted if not why_not_executed(p, machine, writable)}
            if not permission.scope:
                own = (folder for folder in (places.code, places.packages) if folder)
                found |= {folder for folder in own if not _overlaps(folder, writable)}
    return tuple(sorted({os.path.realpath(path) for path in found}))


def _overlaps(path: str, folders: Iterable[str]) -> bool:
    return any(_within(path, folder) or _within(folder, path) for folder in folders)


TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH")
"""Where TLS libraries look for authorities: OpenSSL (ssl, urllib3, aiohttp), httpx; requests; curl; gRPC."""


def _environment(places: Places, machine: Machine) -> dict[str, str]:
    return {
        "HOME": places.data,
        "YESMAN_USER_HOME": machine.home,  # where the ~ of a scope leads
        "TMPDIR": places.tmp,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "RES_OPTIONS": "use-vc",  # the C library asks for names over TCP, which the broker can judge
        "GRPC_DNS_RESOLVER": "native",  # gRPC's own asks over UDP
        "OPENBLAS_NUM_THREADS": "4",
        "OMP_NUM_THREADS": "4",
        "POLARS_MAX_THREADS": "4",
        **dict(machine.locale),
        **(dict.fromkeys(TRUST, machine.authorities) if machine.authorities else {}),
    }


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
