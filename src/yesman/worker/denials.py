"""Refusals that explain themselves, raised where the plugin made the call.

An audit hook (PEP 578; it cannot be removed) looks at what the interpreter is about to ask
the kernel for and raises the :class:`PermissionError` the kernel would cause anyway, but
with the name of the missing permission in it. It decides nothing: code that goes around it
(ctypes, native modules) meets the kernel's EACCES or EPERM. It must never refuse what the
kernel would allow, so anything unclear is left to the kernel.
"""

from __future__ import annotations

import errno
import os
import sys
from collections import deque
from typing import TYPE_CHECKING, Any

import yesman
from yesman.sandbox import confine

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.sandbox.policy import Policy


MAX_NOTED = 64
"""Refusals noted between two frames to the host; of more the oldest are forgotten."""


POPEN_ARGUMENTS = 4
"""``subprocess.Popen`` is audited with program, arguments, folder and environment, others without folder."""


class Denied(PermissionError):  # noqa: N818 - shown to authors as what it is, a PermissionError
    """A refusal of the sandbox.

    Attributes:
        permission: What would have to be granted, or "" when nothing can allow it.
        deed: What nothing can allow, or "": the host makes its own sentence of these two.
    """

    def __init__(self, message: str, permission: str = "", deed: str = "") -> None:
        super().__init__(errno.EACCES, message)
        self.permission = permission
        self.deed = deed

    def __str__(self) -> str:
        return str(self.strerror)


def lacks(plugin: str, permission: str) -> Denied:
    """Return the refusal for a permission that could be granted but was not."""
    return Denied(f"plugin '{plugin}' lacks permission '{permission}'", permission)


def impossible(plugin: str, what: str) -> Denied:
    """Return the refusal for what no permission can allow."""
    return Denied(f"plugin '{plugin}' may not {what}; no permission can allow it", deed=what)


def install(policy: Policy) -> Denials:
    """Install the audit hook for this process, for good, and return it."""
    hook = Denials(policy)
    sys.addaudithook(hook)
    return hook


class Denials:
    """Called by the interpreter for every audited event: the common ones must leave at once.

    Attributes:
        refused: Where it notes what it refused.
        births: So many forks it lets pass, which the host has asked for.
    """

    def __init__(self, policy: Policy) -> None:
        self._plugin = policy.plugin
        self.refused: deque[str] = deque(maxlen=MAX_NOTED)
        self.births = 0
        own = [policy.code, policy.packages]
        self._write = DEVICES + _prefixes([policy.data, policy.tmp, *policy.write])
        programs = [*confine.PROGRAMS_READ, *policy.execute] if policy.execute else []
        self._read = SYSTEM + _prefixes([*own, *policy.read, *programs]) + self._write
        self._programs = policy.execute and _prefixes([*policy.execute])
        self._never_granted = policy.never
        self._events: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._open,
            "os.listdir": self._listdir,
            "os.scandir": self._listdir,
            "socket.__new__": self._socket,
            "subprocess.Popen": self._execute,
            "os.posix_spawn": self._execute,
            "os.exec": self._execute,
            "os.system": lambda _: self._program("/bin/sh"),
            "os.fork": lambda _: self._fork(),
            "os.forkpty": lambda _: self._fork(),
            "os.chmod": self._amend,
            "os.utime": self._amend,
            "os.setxattr": lambda _: self._never("change file attributes"),
            "os.kill": self._kill,
        }

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Judge one audited event (PEP 578)."""
        handler = self._events.get(event)
        if handler is not None:
            handler(arguments)

    def _missing(self, permission: str) -> None:
        self.refused.append(permission)
        raise lacks(self._plugin, permission)

    def _fork(self) -> None:
        if self.births:
            self.births -= 1
        elif not self._programs:
            self._missing("system.execute")

    def _program(self, path: str) -> None:
        """Refuse a program that no grant names; one that is not there is the kernel's to refuse."""
        text = os.path.abspath(path)  # noqa: PTH100 - the name, before links are followed
        real = os.path.realpath(text)
        if not self._programs or (os.path.lexists(real) and not f"{real}/".startswith(self._programs)):
            self._missing(f"system.execute:{text}")

    def _never(self, what: str) -> None:
        self.refused.append(what)
        raise impossible(self._plugin, what)

    def _open(self, arguments: tuple[Any, ...]) -> None:
        path, mode, flags = arguments
        if isinstance(path, int) or path is None:
            return
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) if flags else False
        if isinstance(mode, str) and any(letter in mode for letter in "wax+"):
            writes = True
        self._path(path, writes=bool(writes))

    def _listdir(self, arguments: tuple[Any, ...]) -> None:
        path = arguments[0]
        if not isinstance(path, int):
            self._path("." if path is None else path, writes=False)

    def _amend(self, arguments: tuple[Any, ...]) -> None:
        """Judge a change of metadata, which the host decides; last comes a folder's descriptor, or -1."""
        if not isinstance(arguments[0], int) and arguments[-1] == -1:
            self._path(arguments[0], writes=True)

    def _path(self, path: str | bytes | os.PathLike[str], *, writes: bool) -> None:
        text = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - the name, before links are followed
        allowed = self._write if writes else self._read
        if f"{text}/".startswith(allowed):
            return
        real = os.path.realpath(text)
        if f"{real}/".startswith(allowed):
            return
        if not writes and not os.path.lexists(real):
            return  # the kernel answers "no such file", which programs rely on
        if f"{real}/".startswith(_prefixes(list(self._never_granted))):
            self._never(f"{'write' if writes else 'read'} {real}")
        permission = f"filesystem.{'write' if writes else 'read'}:{real}"
        if real.startswith(OURS):  # whoever formats a traceback asks for our sources
            raise lacks(self._plugin, permission)
        self._missing(permission)

    def _socket(self, arguments: tuple[Any, ...]) -> None:
        family = arguments[1]
        if family not in (-1, 1, 2, 10):
            self._never("open a socket of this kind")

    def _execute(self, arguments: tuple[Any, ...]) -> None:
        name = os.fsdecode(arguments[0]) if arguments[0] else ""
        spawning = len(arguments) == POPEN_ARGUMENTS
        folder, environment = arguments[2:] if spawning else (None, arguments[2])
        if "/" in name:
            self._program(os.path.join(os.fsdecode(folder or ""), name))  # noqa: PTH118 - text
            return
        for folder in os.get_exec_path(environment):
            path = f"{folder}/{name}"
            if os.path.lexists(path):
                self._program(path)
                return
        if not self._programs:
            self._missing(f"system.execute:{name}")

    def _kill(self, arguments: tuple[Any, ...]) -> None:
        if arguments[0] != os.getpid() and not self._programs:
            self._never("signal another process")


def _prefixes(paths: list[str]) -> tuple[str, ...]:
    both = {p for path in paths if path for p in (path, os.path.realpath(path))}
    return tuple(sorted(f"{path.rstrip('/')}/" for path in both))


SYSTEM = _prefixes(
    [*confine.SYSTEM_READ, sys.base_prefix + "/lib", *(p for p in sys.path if p.startswith("/"))]
)
"""Made when the zygote imports this module, for all plugins."""
OURS = _prefixes([os.path.dirname(yesman.__file__)])  # noqa: PTH120 - text
DEVICES = _prefixes([*confine.DEVICE_WRITE])
