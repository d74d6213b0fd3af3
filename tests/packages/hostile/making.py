"""Bytes of packages, right ones and wrong ones, made without any code of the product.

A row of the corpus is a :class:`Hostile`. ``make`` gets the folder that must not be touched.
"""

from __future__ import annotations

import struct
import zlib
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
END = bytes(1024)
MANIFEST = b"name: demo\nversion: 1.0.0\n"
MAIN = b"x = 1\n"


class Hostile(NamedTuple):
    """A package that must be refused.

    Attributes:
        name: What is wrong with it, in a few words.
        make: Returns the file's bytes, given a folder outside that it may aim at.
        error: The message it must get, whole; ``{outside}`` stands for that folder.
        limits: Limits to read it with, where the usual ones would need a file of many megabytes.
    """

    name: str
    make: Callable[[Path], bytes]
    error: str
    limits: Mapping[str, int] = MappingProxyType({})


def entry(path: bytes | str = "src/x", data: bytes = b"", **fields: bytes) -> bytes:
    """Return header, content and padding of a tar entry; ``fields`` replace those of a right header."""
    name = path if isinstance(path, bytes) else path.encode()
    right = {
        "name": name,
        "mode": b"0000644\0",
        "uid": b"0000000\0",
        "gid": b"0000000\0",
        "size": b"%011o\0" % len(data),
        "mtime": b"00000000000\0",
        "checksum": b" " * 8,
        "kind": b"0",
        "link": b"",
        "magic": b"ustar\x0000",
        "uname": b"",
        "gname": b"",
        "device": b"0000000\0" * 2,
        "prefix": b"",
        "rest": b"",
    }
    found = right | fields
    widths = dict(zip(right, (100, 8, 8, 8, 12, 12, 8, 1, 100, 8, 32, 32, 16, 155, 12), strict=True))
    block = b"".join(found[key].ljust(width, b"\0")[:width] for key, width in widths.items())
    if "checksum" not in fields:
        block = block[:148] + b"%06o\0 " % sum(block) + block[156:]
    return block + data + bytes(-len(data) % 512)


GOOD = entry("plugin.yaml", MANIFEST) + entry("src/main.py", MAIN)
"""The entries of a package that is accepted."""


def gz(tar: bytes, *, header: bytes = HEADER, level: int = 9) -> bytes:
    """Return ``tar`` compressed, as a gzip member with ``header``."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = packer.compress(tar) + packer.flush()
    return header + body + struct.pack("<II", zlib.crc32(tar), len(tar) & 0xFFFFFFFF)


def tarred(*entries: bytes, end: bytes = END, before: bytes = GOOD) -> Callable[[Path], bytes]:
    """Return what makes a package of a right beginning and then ``entries``."""
    return lambda _outside: gz(before + b"".join(entries) + end)


def holding(files: dict[str, bytes]) -> Callable[[Path], bytes]:
    """Return what makes a package of a right manifest, right code and ``files``, which may replace them."""
    whole = {"plugin.yaml": MANIFEST, "src/main.py": MAIN} | files
    ordered = sorted(whole.items(), key=lambda item: item[0].split("/"))
    return tarred(*(entry(path, data) for path, data in ordered), before=b"")
