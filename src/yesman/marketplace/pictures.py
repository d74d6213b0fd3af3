"""Which bytes are a picture that a browser may be given: PNG, JPEG, WebP or GIF, small in every way.

What always holds: the kind is decided by what the bytes begin with, never by a name; and a picture whose
size in pixels is not found, or is large, is none. SVG is a document with scripts, and never a picture here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES: Final = 64 * 1024
MOST_PIXELS: Final = 1024
"""Of each side: what a few kilobytes unpack to is what fills a browser's memory."""
MEDIA: Final = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def kind_of(data: bytes) -> str:
    """Return which of :data:`MEDIA` a picture is; "" if it is none that is shown."""
    if len(data) > MOST_BYTES:
        return ""
    for kind, read in _READERS.items():
        width, height = read(data)
        if 0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS:
            return kind
    return ""


def _png(data: bytes) -> tuple[int, int]:
    """Return the size in pixels, (0, 0) if it is not this kind (PNG 3rd edition, 5.2 and 11.2.1)."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"):
        return 0, 0
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _gif(data: bytes) -> tuple[int, int]:
    if not data.startswith((b"GIF87a", b"GIF89a")):
        return 0, 0
    return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")


def _webp(data: bytes) -> tuple[int, int]:
    """Return the size as the first chunk has it (RFC 9649, section 2.5 to 2.7)."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return 0, 0
    if data[12:16] == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if data[12:16] == b"VP8L" and data[20:21] == b"\x2f":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if data[12:16] == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        return width, height
    return 0, 0


def _jpeg(data: bytes) -> tuple[int, int]:
    """Return the size as the first frame has it, found by going from marker to marker (T.81, B.1 and B.2)."""
    if not data.startswith(b"\xff\xd8\xff"):
        return 0, 0
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - what markers begin with
        marker = data[at + 1]
        if marker in _FRAMES:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        at += 2 if marker in _STANDALONE else 2 + int.from_bytes(data[at + 2 : at + 4])
    return 0, 0


_READERS: Final[dict[str, Callable[[bytes], tuple[int, int]]]] = {
    "png": _png,
    "jpeg": _jpeg,
    "webp": _webp,
    "gif": _gif,
}
