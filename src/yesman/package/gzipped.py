"""The gzip member (RFC 1952) around a package: one, with nothing in it that could be otherwise.

What always holds of reading: the header is the one that :func:`gzipped` writes, so a package
carries no name, time or comment; what goes in was counted before it was inflated, and what comes
out was compared with that before it was handed on; checksum and length are right, and the file
ends behind them.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, Protocol

from yesman.model.errors import AuthorError, VerificationError
from yesman.package.deflate import Deflater
from yesman.package.permitted import AGAIN, REPACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yesman.package.permitted import PackageLimits

HEADER: Final = bytes.fromhex("1f8b 08 00 00000000 00 ff")
"""Deflate, no flags, no time, no hint about effort, no system."""

_CHUNK: Final = 1 << 16
_TRAILER: Final = 8
_FLAGS: Final = (
    (0x02, "a checksum of its header"),
    (0x04, "an extra field"),
    (0x08, "a file name"),
    (0x10, "a comment"),
    (0xE0, "reserved flags"),
    (0x01, "the mark of a text file"),
)
_OTHERS: Final = (
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"PK", "a zip archive"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\0", "xz data"),
)


class Source(Protocol):
    """What a package is read from, as a file is."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""


def gzipped(data: Iterable[bytes]) -> Iterator[bytes]:
    """Yield ``data`` as one gzip member; the same bytes on every machine."""
    state = [0, 0]

    def counted() -> Iterator[bytes]:
        for piece in data:
            state[:] = zlib.crc32(piece, state[0]), state[1] + len(piece)
            yield piece

    yield HEADER
    yield from Deflater().pieces(counted())
    yield _trailer(*state)


def gunzipped(file: Source, limits: PackageLimits) -> Iterator[bytes]:
    """Yield what the package ``file`` holds, in pieces of at most 64 KiB.

    Raises:
        AuthorError: It is no gzip file, not one of ours, too large, or unpacks to too many times its size.
        VerificationError: It is damaged, or something comes after it.
    """
    _check_header(file.read(len(HEADER)))
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    checksum, size, packed = 0, 0, len(HEADER)
    while not inflate.eof:
        chunk = file.read(_CHUNK)
        if not chunk:
            raise VerificationError("The package ends in the middle of its compressed data", AGAIN)
        packed += len(chunk)
        _check_size(size, packed, limits)
        for piece in _inflated(inflate, chunk):
            checksum, size = zlib.crc32(piece, checksum), size + len(piece)
            _check_size(size, packed, limits)
            yield piece
    _check_end(inflate.unused_data[: _TRAILER + 2] + file.read(_TRAILER + 2), _trailer(checksum, size))


def _inflated(inflate: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    """Yield all that ``chunk`` inflates to; more may wait inside although no input is left."""
    while True:
        try:
            piece = inflate.decompress(chunk, _CHUNK)
        except zlib.error as error:
            raise VerificationError("The package's compressed data is damaged", AGAIN) from error
        if piece:
            yield piece
        chunk = inflate.unconsumed_tail
        if inflate.eof or (not chunk and len(piece) < _CHUNK):
            return


def _check_header(header: bytes) -> None:
    if header == HEADER:
        return
    for magic, kind in _OTHERS:
        if header.startswith(magic):
            raise AuthorError(f"This is {kind}, not a package", REPACK)
    if not header.startswith(HEADER[:2]):
        raise AuthorError("This is not a package: it does not begin like one", "Name a .yplug file")
    if len(header) < len(HEADER):
        raise VerificationError("The package ends in its first bytes", AGAIN)
    for flag, what in _FLAGS:
        if header[2] == HEADER[2] and header[3] & flag:
            raise AuthorError(f"The package's gzip header carries {what}", REPACK)
    raise AuthorError("The package's gzip header carries a time, a system or another method", REPACK)


def _check_size(size: int, packed: int, limits: PackageLimits) -> None:
    if packed > limits.packed:
        raise AuthorError(
            f"The package is larger than {limits.packed >> 20} MiB", "Its author must divide it"
        )
    if size > limits.ratio * packed:
        raise AuthorError(f"The package unpacks to more than {limits.ratio} times its size", REPACK)


def _check_end(found: bytes, expected: bytes) -> None:
    if len(found) < _TRAILER:
        raise VerificationError("The package ends in its checksum", AGAIN)
    if found[:4] != expected[:4]:
        raise VerificationError("The package's content does not have the checksum it should have", AGAIN)
    if found[4:_TRAILER] != expected[4:]:
        raise VerificationError("The package's content does not have the length it should have", AGAIN)
    rest = found[_TRAILER:]
    if rest.startswith(HEADER[:2]):
        raise VerificationError("The package holds a second gzip member", REPACK)
    if rest:
        raise VerificationError("The package goes on after its end", REPACK)


def _trailer(checksum: int, size: int) -> bytes:
    return checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
