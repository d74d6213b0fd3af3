"""Deflate (RFC 1951) written so that the same bytes always become the same bytes.

zlib promises that for one of its versions on one kind of machine, and zlib-ng, which is zlib on
some systems, gives others; a package must not depend on where it was packed. So: blocks of 65 535
bytes, each for itself; the nearest earlier place with the same four bytes is the match; the
code that the RFC fixes; a block that would grow, or has grown when 8 KiB or more of it are done, is
stored as it is. It takes two fifths more space than zlib's best and is not fast (some MB/s),
which suits source code.

What always holds: the output depends on the input alone, not on how it was cut into pieces, and no
byte of it stands for more than 160 of the input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BLOCK: Final = 65_535
"""Bytes of input in one block: the most that a stored one can hold."""

_SHORTEST, _LONGEST = 4, 258  # a match; three bytes at a great distance cost more than they save
_INDEXED: Final = 32  # positions inside a match that later ones may refer to
_FURTHEST: Final = 32_768
_TRIED: Final = 8_192  # bytes of a block after which growth is reason to give up
_FLUSH: Final = 4_096  # bits kept as a number, whose every extension copies it


class _Code(NamedTuple):
    bits: int
    length: int


def _reversed(value: int, length: int) -> int:
    """Return ``value`` with its bits turned around, as Huffman codes go into the stream."""
    return int(f"{value:0{length}b}"[::-1], 2)


def _symbol(symbol: int) -> _Code:
    """Return the fixed code of a literal or length symbol (RFC 1951, 3.2.6)."""
    base, first, length = next(
        row for row in ((0xC0, 280, 8), (0, 256, 7), (0x190, 144, 9), (0x30, 0, 8)) if symbol >= row[1]
    )
    return _Code(_reversed(base + symbol - first, length), length)


def _spans(first: int, extra_bits: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield (symbol, extra value, extra bits) for ``first`` and each number after it (RFC 1951, 3.2.5)."""
    for symbol, count in enumerate(extra_bits, start=first):
        for extra in range(1 << count):
            yield symbol, extra, count


def _lengths() -> tuple[_Code, ...]:
    extra_bits = [0] * 8 + [bits for bits in range(1, 6) for _ in range(4)]
    codes = [_Code(0, 0)] * 3
    for symbol, extra, count in _spans(257, extra_bits):
        bits, length = _symbol(symbol)
        codes.append(_Code(bits | extra << length, length + count))
    return (*codes[:_LONGEST], _symbol(285))  # the longest has a symbol of its own


def _distances() -> tuple[_Code, ...]:
    extra_bits = [0] * 4 + [bits for bits in range(1, 14) for _ in range(2)]
    return (
        _Code(0, 0),
        *(
            _Code(_reversed(symbol, 5) | extra << 5, 5 + count)
            for symbol, extra, count in _spans(0, extra_bits)
        ),
    )


class Deflater:
    """Compresses one stream; the tables are made once for each.

    >>> import zlib
    >>> zlib.decompress(b"".join(Deflater().pieces([b"spam " * 9])), wbits=-15)[:9]
    b'spam spam'
    """

    def __init__(self) -> None:
        self._literals = tuple(map(_symbol, range(256)))
        self._lengths = _lengths()
        self._distances = _distances()

    def pieces(self, data: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the compressed form of ``data``, which may come in pieces of any size."""
        held, count = 0, 0  # bits that do not fill a byte yet
        for block, last in _blocks(data):
            bits, length = self._compressed(block)
            if length > 8 * len(block):  # a little early: the header of a stored block is 35 to 42 bits
                head = held | last << count
                size = len(block).to_bytes(2, "little") + (len(block) ^ 0xFFFF).to_bytes(2, "little")
                yield head.to_bytes((count + 10) // 8, "little") + size + block
                held, count = 0, 0
                continue
            held |= (last | 1 << 1 | bits << 3) << count
            count += 3 + length
            yield (held & ((1 << (count & ~7)) - 1)).to_bytes(count // 8, "little")
            held, count = held >> (count & ~7), count & 7
        yield held.to_bytes((count + 7) // 8, "little")

    def _compressed(self, block: bytes) -> _Code:
        """Return all of ``block`` as bits, with the mark of its end, in the fixed code.

        Where it grows, only a length that says so.
        """
        whole, held, count, position = bytearray(), 0, 0, 0
        seen: dict[bytes, int] = {}
        while position < len(block):
            length, distance = _match(block, position, seen)
            if length:
                code, far = self._lengths[length], self._distances[distance]
                held |= (code.bits | far.bits << code.length) << count
                count += code.length + far.length
            else:
                length, code = 1, self._literals[block[position]]
                held |= code.bits << count
                count += code.length
            position += length
            if count >= _FLUSH:
                whole += (held & ((1 << _FLUSH) - 1)).to_bytes(_FLUSH // 8, "little")
                held, count = held >> _FLUSH, count - _FLUSH
                if _TRIED <= position < len(whole):
                    return _Code(0, 8 * len(block) + 1)
        whole += held.to_bytes(_FLUSH // 8 + 8, "little")
        filled = 8 * (len(whole) - _FLUSH // 8 - 8)
        return _Code(int.from_bytes(whole, "little"), filled + count + _symbol(256).length)


def _match(block: bytes, position: int, seen: dict[bytes, int]) -> tuple[int, int]:
    """Return (length, distance) of what stands at ``position`` and stood before, (0, 0) if nothing does.

    ``seen`` holds the last place of each four bytes up to here, and is brought up to date.
    """
    key = block[position : position + _SHORTEST]
    before = seen.get(key, -1)
    seen[key] = position
    if before < 0 or position - before > _FURTHEST or len(key) < _SHORTEST:
        return 0, 0
    most, length = min(len(block) - position, _LONGEST), _SHORTEST
    while length + 16 <= most and _same(block, before + length, position + length, 16):
        length += 16
    while length < most and block[before + length] == block[position + length]:
        length += 1
    for inside in range(position + 1, position + min(length, _INDEXED)):
        seen[block[inside : inside + _SHORTEST]] = inside
    return length, position - before


def _same(block: bytes, one: int, other: int, length: int) -> bool:
    return block[one : one + length] == block[other : other + length]


def _blocks(data: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield ``data`` cut into blocks, each with whether it is the last."""
    held = bytearray()
    for piece in data:
        held += piece
        while len(held) > BLOCK:
            yield bytes(held[:BLOCK]), False
            del held[:BLOCK]
    yield bytes(held), True
