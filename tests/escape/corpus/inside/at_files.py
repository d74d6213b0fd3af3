"""Words for attempts at files."""

from __future__ import annotations

import errno
import os
import struct

from src.calls import O_RDWR_CREAT, c, d, opened


def device(path: str, flags: int = os.O_RDONLY) -> int:
    """Open what need not be there; absent is as good as refused."""
    if not os.path.lexists(path):
        raise OSError(errno.EACCES, "there is none")
    return opened(path, flags)


def openhow(resolve: int) -> bytes:
    """A struct open_how that only reads."""
    return struct.pack("QQQ", 0, 0, resolve)


def linked(target: str, name: str = "link") -> str:
    """A symbolic link in the plugin's own folder."""
    if not os.path.lexists(d(name)):
        os.symlink(target, d(name))  # noqa: PTH211 - as an attacker would
    return d(name)


def set_id_file() -> None:
    """A program of one's own that others would run as its owner."""
    os.umask(0)
    number = opened_for_all(d("set-id"))
    os.write(number, b"#!/bin/sh\n")
    if not os.fstat(number).st_mode & 0o6000:
        raise OSError(errno.EPERM, "the bits went with the first byte")


def opened_for_all(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o6777)


def script() -> str:
    """A program of the plugin's own."""
    number = c("open", d("script"), O_RDWR_CREAT, 0o700)
    os.write(number, b"#!/bin/sh\n")
    os.close(number)
    return d("script")
