"""What code would say if its constants were put together: joined pieces, decoded literals.

What always holds: nothing is executed; the work is bounded for each module by the number of texts and
their size; what cannot be told is left as it is.
"""

from __future__ import annotations

import ast
import base64
import binascii
import re
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.findings.syntax import Source

DEEPEST: Final = 40
"""Levels of one expression that are put together."""
LONGEST: Final = 1 << 16
"""Characters of one text."""
MOST: Final = 20_000
"""Texts of one module, and"""
MOST_BYTES: Final = 8 << 20
"""bytes of them; what would be more is not looked at, which whoever asks is told."""
LAYERS: Final = 3
"""How often a literal is decoded again."""
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX: Final = re.compile(rb"(?:[0-9a-fA-F]{2}){12,}")


class Said(NamedTuple):
    """A text that stands nowhere in the module as it is."""

    data: bytes
    line: int


def folded(node: ast.expr | None, depth: int = 0) -> str | None:
    """Return the text that an expression of constants makes, None for any other."""
    if node is None or depth > DEEPEST:
        return None
    if isinstance(node, ast.Constant):
        return _text(node.value)
    if isinstance(node, ast.BinOp):
        return _operated(node, depth)
    if isinstance(node, ast.JoinedStr):
        return _joined([_piece(each, depth) for each in node.values], "")
    if isinstance(node, ast.Subscript):
        return _sliced(node, depth)
    return _called(node, depth) if isinstance(node, ast.Call) else None


def said(source: Source) -> tuple[list[Said], bool]:
    """Return what the module's constants make when put together or decoded, and whether it is all."""
    found: list[Said] = []
    size = 0
    for each in _said(source):
        size += len(each.data)
        if len(found) >= MOST or size > MOST_BYTES:
            return found, False
        found.append(each)
    return found, True


def _said(source: Source) -> Iterator[Said]:
    for node in source.nodes:
        if isinstance(node, ast.BinOp | ast.JoinedStr | ast.Subscript | ast.Call):
            text = folded(node)
            if text:
                yield Said(text.encode(errors="replace"), node.lineno)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            for data in _decoded(node.value):
                yield Said(data, node.lineno)


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("latin-1")[:LONGEST]
    return value[:LONGEST] if isinstance(value, str) else None


def _operated(node: ast.BinOp, depth: int) -> str | None:
    left = folded(node.left, depth + 1)
    if left is None:
        return None
    if isinstance(node.op, ast.Add):
        right = folded(node.right, depth + 1)
        return None if right is None else (left + right)[:LONGEST]
    if isinstance(node.op, ast.Div):  # parts of a path
        right = folded(node.right, depth + 1)
        return None if right is None else f"{left}/{right}"[:LONGEST]
    return None


def _piece(node: ast.expr, depth: int) -> str | None:
    return folded(node.value if isinstance(node, ast.FormattedValue) else node, depth + 1)


def _joined(pieces: list[str | None], between: str) -> str | None:
    known = [piece for piece in pieces if piece is not None]
    return between.join(known)[:LONGEST] if len(known) == len(pieces) and pieces else None


def _sliced(node: ast.Subscript, depth: int) -> str | None:
    """Return a text read backwards; other slices are not followed."""
    step = node.slice.step if isinstance(node.slice, ast.Slice) else None
    backwards = (
        isinstance(step, ast.UnaryOp)
        and isinstance(step.op, ast.USub)
        and isinstance(step.operand, ast.Constant)
        and step.operand.value == 1
    )
    text = folded(node.value, depth + 1) if backwards else None
    return None if text is None else text[::-1]


def _called(node: ast.Call, depth: int) -> str | None:
    if not isinstance(node.func, ast.Attribute):
        return _built(node.func.id, node, depth) if isinstance(node.func, ast.Name) else None
    method, inner = node.func.attr, node.func.value
    given = [folded(each, depth + 1) for each in node.args]
    if method == "join" and len(node.args) == 1 and isinstance(node.args[0], ast.List | ast.Tuple):
        return _joined(
            [folded(each, depth + 1) for each in node.args[0].elts], folded(inner, depth + 1) or ""
        )
    if method in {"joinpath", "join"}:  # of paths
        return _joined(given, "/")
    if method == "fromhex":
        return _unhexed(given[0] if given else None)
    return _changed(method, folded(inner, depth + 1), given)


def _changed(method: str, text: str | None, given: list[str | None]) -> str | None:
    if method == "replace" and text is not None and len(given) == 2 and given[0]:  # noqa: PLR2004 - what and by what
        return None if given[1] is None else text.replace(given[0], given[1])[:LONGEST]
    return text if method in {"decode", "encode", "lower", "strip"} else None


def _unhexed(text: str | None) -> str | None:
    with suppress(ValueError):
        return None if text is None else bytes.fromhex(text).decode("latin-1")
    return None


def _built(name: str, node: ast.Call, depth: int) -> str | None:
    if name == "chr" and node.args and isinstance(node.args[0], ast.Constant):
        code = node.args[0].value
        return chr(code) if isinstance(code, int) and 0 <= code < 0x110000 else None  # noqa: PLR2004 - Unicode's end
    if name in {"bytes", "bytearray"} and node.args and isinstance(node.args[0], ast.List | ast.Tuple):
        values = [each.value for each in node.args[0].elts if isinstance(each, ast.Constant)]
        numbers = [value for value in values if isinstance(value, int) and 0 <= value < 256]  # noqa: PLR2004 - bytes
        if numbers and len(numbers) == len(node.args[0].elts):
            return bytes(numbers).decode("latin-1")[:LONGEST]
    if name == "str" and node.args:
        return folded(node.args[0], depth + 1)
    return None


def _decoded(value: str | bytes) -> Iterator[bytes]:
    data = value.encode(errors="replace") if isinstance(value, str) else value
    for _ in range(LAYERS):
        found = _layer(data[: LONGEST * 16])
        if found is None:
            return
        yield found
        data = found


def _layer(data: bytes) -> bytes | None:
    """Return what base64, hexadecimal digits or compression hold, in one step or two; None for other data."""
    packed = data.translate(None, b"\r\n \t")
    raw: bytes | None = None
    if _HEX.fullmatch(packed):
        raw = bytes.fromhex(packed.decode())
    elif _BASE64.fullmatch(packed):
        with suppress(binascii.Error, ValueError):
            raw = base64.b64decode(packed.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    return _inflated(data if raw is None else raw) or raw


def _inflated(data: bytes) -> bytes | None:
    if data[:1] != b"\x78" and data[:2] != b"\x1f\x8b":
        return None
    with suppress(zlib.error):
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, LONGEST * 4)
    return None
