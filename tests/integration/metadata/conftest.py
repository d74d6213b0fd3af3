"""Plugins that change modes and times, in Python and past it, and a folder that nobody was granted."""

from __future__ import annotations

import os
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from yesman.sandbox.syscalls import this_machine

if TYPE_CHECKING:
    from pathlib import Path

TOP = '''
import ctypes, errno, os, shutil, struct, subprocess, threading, time

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
LIBC.mmap.restype = ctypes.c_void_p
NUMBERS = {numbers}

def converted(value):
    if isinstance(value, str):
        value = value.encode()
    return ctypes.c_long(value) if isinstance(value, int) else value

def call(name, *arguments):
    """Make a system call, past Python and the C library; returns "done" or the error's name."""
    number = ctypes.c_long(NUMBERS[name])
    if LIBC.syscall(number, *(converted(value) for value in arguments)) >= 0:
        return "done"
    return errno.errorcode[ctypes.get_errno()]

def mode(path):
    return oct(os.stat(path).st_mode & 0o7777)

def make(path, text="x"):
    with open(path, "w") as file:
        file.write(text)
    return path

def handle(path):
    """Open ``path`` as a mere handle, past the hook that explains refusals; Landlock does not mind."""
    return LIBC.open(path.encode(), os.O_PATH)

def page(data=b"", keep=True):
    """Return where ``data`` ends exactly at the end of memory."""
    at = LIBC.mmap(None, ctypes.c_size_t(8192), 3, 0x22, -1, ctypes.c_long(0))
    ctypes.memmove(at + 4096 - len(data), data, len(data))
    assert LIBC.munmap(ctypes.c_void_p(at + 4096), ctypes.c_size_t(4096)) == 0
    return at + 4096 - len(data)
'''


class Metadata:
    """The rig, with the words above."""

    def __init__(self, rig: Any, limits: Any) -> None:
        self.rig = rig
        self._limits = limits
        self.outside = rig.folder / "outside"
        self.outside.mkdir()
        self.secret = self.outside / "secret"
        self.secret.write_text("secret")
        self.secret.chmod(0o600)
        os.utime(self.secret, (1, 1))

    async def start(self, body: str, *grants: str, top: str = "") -> Any:
        words = TOP.replace("{numbers}", repr(this_machine().numbers)) + top
        body = f"os.chdir(self.context.data_dir)\n{textwrap.dedent(body)}"
        source = self.rig.command(body, top=words)
        return await self.rig.start(source, *grants, limits=self._limits(load_seconds=10, cancel_seconds=2))

    async def run(self, body: str, *grants: str, **options: Any) -> Any:
        return await self.rig.go(await self.start(body, *grants), **options)

    def granted(self, name: str = "granted") -> Path:
        """Return a new folder to grant."""
        folder: Path = self.rig.folder / name
        folder.mkdir()
        return folder

    def is_untouched(self) -> bool:
        """Tell whether the secret is as it was."""
        found = self.secret.stat()
        return found.st_mode & 0o7777 == 0o600 and found.st_mtime == 1


@pytest.fixture
def metadata(rig: Any, limits: Any) -> Metadata:
    return Metadata(rig, limits)
