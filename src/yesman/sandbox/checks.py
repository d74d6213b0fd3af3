"""What a confined child tries, layer by layer, for :mod:`yesman.sandbox.attempts`.

A check returns whether the kernel refused everything it tried, and the answers in words. It
judges by answers alone. Standard library only: it runs inside the sandbox.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import importlib
import mmap
import os
import resource
import socket
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from yesman.model.limits import MIB, Limits
from yesman.sandbox import kernel
from yesman.sandbox.layers import PLANTED
from yesman.sandbox.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Findings = dict[str, tuple[bool, str]]

REPORT = 3
TCGETS = 0x5401
LIMITS = Limits(data_bytes=256 * MIB, open_files=32, file_bytes=MIB)


class Scene(NamedTuple):
    """What the attempts aim at."""

    folder: str
    pid: int
    port: int
    abstract: str
    interpreter: tuple[str, ...]

    @property
    def secret(self) -> str:
        """A file that is not granted."""
        return f"{self.folder}/outside/secret"

    @property
    def closed(self) -> str:
        """A granted file that only CAP_DAC_OVERRIDE could open."""
        return f"{self.folder}/data/closed"

    def policy(self) -> Policy:
        """Return the policy of a plugin without grants that lives in the folder."""
        return Policy(
            plugin="doctor",
            code=f"{self.folder}/code",
            packages="",
            data=f"{self.folder}/data",
            tmp=f"{self.folder}/tmp",  # noqa: S108 - inside our own folder
            environment={"LANG": "C.UTF-8"},
            limits=LIMITS,
        )


def try_all(checks: Mapping[str, Callable[[Scene], tuple[bool, str]]], scene: Scene) -> Findings:
    """Return what each check found; one that cannot be made is not enforced and hides no other."""
    findings = {}
    for name, check in checks.items():
        try:
            findings[name] = check(scene)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            findings[name] = (False, f"it could not be tried: {type(error).__name__}: {error}")
    return findings


def _answer(act: Callable[..., Any], *arguments: Any) -> str:
    """Return the name of the error the kernel gave, or "done"."""
    try:
        act(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    except MemoryError:
        return "ENOMEM"
    except ValueError:  # what the resource module makes of EPERM
        return "EPERM"
    return "done"


def _judge(expected: tuple[str, ...], **attempts: str) -> tuple[bool, str]:
    """Enforced if every attempt got an expected answer."""
    told = ", ".join(f"{name.replace('_', ' ')}: {answer}" for name, answer in attempts.items())
    return all(answer in expected for answer in attempts.values()), told


def _files(scene: Scene) -> tuple[bool, str]:
    own = _answer(os.open, f"{scene.folder}/data/own", os.O_CREAT | os.O_WRONLY)
    refused, told = _judge(
        ("EACCES",),
        read_outside=_answer(os.open, scene.secret, os.O_RDONLY),
        write_outside=_answer(os.open, f"{scene.folder}/outside/new", os.O_CREAT | os.O_WRONLY),
        list_outside=_answer(os.listdir, f"{scene.folder}/outside"),
    )
    return refused and own == "done", f"{told}, write own data: {own}"


def _truncate(scene: Scene) -> tuple[bool, str]:
    return _judge(("EACCES", "EPERM"), truncate_outside=_answer(os.truncate, scene.secret, 0))


def _tcp(scene: Scene) -> tuple[bool, str]:
    with socket.socket() as one, socket.socket() as other:
        return _judge(
            ("EACCES",),
            connect_to_a_listener=_answer(one.connect, ("127.0.0.1", scene.port)),
            bind=_answer(other.bind, ("127.0.0.1", 0)),
        )


def _device_ioctl(_scene: Scene) -> tuple[bool, str]:
    number = os.open("/dev/null", os.O_RDWR)
    return _judge(("EACCES",), ioctl_of_a_device=_answer(fcntl.ioctl, number, TCGETS, bytes(64)))


def _ipc(scene: Scene) -> tuple[bool, str]:
    with socket.socket(socket.AF_UNIX) as end:
        return _judge(
            ("EPERM",),
            signal_another_process=_answer(os.kill, scene.pid, 0),
            connect_to_an_abstract_socket=_answer(end.connect, scene.abstract),
        )


def _connect(scene: Scene) -> None:
    with socket.socket() as end:
        end.connect(("127.0.0.1", scene.port))


def _broker(scene: Scene) -> tuple[bool, str]:
    """The host answers what no kernel would: a listening port of this machine is unreachable."""
    return _judge(("EHOSTUNREACH",), connect_as_the_host_answers=_answer(_connect, scene))


def _filter(scene: Scene) -> tuple[bool, str]:
    return _judge(
        ("EPERM",),
        open_a_datagram_socket=_answer(socket.socket, socket.AF_INET, socket.SOCK_DGRAM),
        connect=_answer(_connect, scene),
        start_a_process=_answer(os.fork),  # noqa: TID251 - must be refused
        execute=_answer(os.execv, sys.executable, [sys.executable, "-V"]),
        make_memory_that_executes=_answer(os.memfd_create, "doctor"),
    )


def _no_new_privileges(_scene: Scene) -> tuple[bool, str]:
    on = kernel.prctl(kernel.PR_GET_NO_NEW_PRIVS) == 1
    return on, "set-user-ID programs would give nothing" if on else "the flag is not set"


def _capabilities(scene: Scene) -> tuple[bool, str]:
    held = kernel.capabilities()
    refused, told = _judge(("EACCES",), open_a_file_of_mode_000=_answer(os.open, scene.closed, os.O_RDONLY))
    return refused and not held, f"held: {held or 'none'}, {told}"


def _limits(scene: Scene) -> tuple[bool, str]:
    path = f"{scene.folder}/data/large"
    large = os.open(path, os.O_CREAT | os.O_WRONLY)
    too_much = LIMITS.data_bytes + MIB
    attempts = {
        "memory": _answer(mmap.mmap, -1, too_much, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS),
        "file_size": _answer(os.pwrite, large, b"x", LIMITS.file_bytes),
        "open_files": _answer(_open_many, path),
        "raise_a_limit": _answer(resource.setrlimit, resource.RLIMIT_NOFILE, (64, 64)),
    }
    return _judge(("ENOMEM", "EFBIG", "EMFILE", "EPERM"), **attempts)


def _open_many(path: str) -> None:
    opened: list[int] = []
    try:
        while len(opened) <= LIMITS.open_files:
            opened.append(os.open(path, os.O_RDONLY))
    finally:
        for number in opened:
            os.close(number)


def _environment(scene: Scene) -> tuple[bool, str]:
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    found = PLANTED in os.environ or getenv(PLANTED.encode()) is not None
    clean = not found and dict(os.environ) == scene.policy().environment
    refused, told = _judge(("EACCES",), read_it_from_proc=_answer(os.open, "/proc/self/environ", os.O_RDONLY))
    return clean and refused, f"a planted variable was {'found' if found else 'not found'}, {told}"


def _descriptors(_scene: Scene) -> tuple[bool, str]:
    extra = [number for number in range(REPORT + 1, 256) if _answer(os.fstat, number) == "done"]
    return not extra, f"inherited: {extra or 'none'}"


def _library(_scene: Scene) -> tuple[bool, str]:
    try:
        importlib.import_module("colorsys")
    except ImportError as error:
        return False, str(error)
    return True, "a module was imported from it"


INSIDE = {
    "descriptors": _descriptors,  # first: the others open some
    "files": _files,
    "truncate": _truncate,
    "filter": _filter,
    "privileges": _no_new_privileges,
    "capabilities": _capabilities,
    "limits": _limits,
    "environment": _environment,
    "library": _library,
}
BROKERED = {"broker": _broker}
LANDLOCK = {"tcp": _tcp, "ioctl": _device_ioctl, "ipc": _ipc}
