"""Values of a registry as canonical JSON, and back from a stranger's bytes.

What always holds: the same value is always the same bytes, and no bytes do anything but give
a value whose every part was checked, or one sentence. What a newer registry adds is ignored.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any, Final, TypeVar, cast

import msgspec

from yesman.model.errors import VerificationError
from yesman.model.plain_text import shown
from yesman.trust.limits import LIMITS

T = TypeVar("T")

OPERATOR: Final = "Tell the registry's operator; nothing of it was used"
"""What there is to be done about a registry that publishes nonsense."""


def encode(value: object) -> bytes:
    """Return ``value`` as JSON with sorted keys and without spaces, in UTF-8."""
    return msgspec.json.encode(value, order="sorted")


def decode(data: bytes, shape: type[T], *, what: str, most: int) -> T:
    """Return ``data`` as ``shape``.

    Args:
        data: What came from the registry.
        shape: A struct that checks its own parts.
        what: How the refusal calls it, such as ``"the index of 'diary'"``.
        most: Bytes that it may have.

    Raises:
        VerificationError: Too large, too deeply nested, or not of this shape.
    """
    check_size(data, what=what, most=most)
    try:
        return cast("T", msgspec.json.decode(data, type=cast("Any", shape)))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise VerificationError(f"{what} is not valid: {shown(str(error), 200)[1:-1]}", OPERATOR) from None


def check_size(data: bytes, *, what: str, most: int) -> None:
    """Refuse JSON that costs too much to read.

    Raises:
        VerificationError: More than ``most`` bytes, or too many or too deeply nested values.
    """
    if len(data) > most:
        raise VerificationError(f"{what} has {len(data)} bytes, more than the {most} allowed", OPERATOR)
    if data.count(b"{") + data.count(b"[") > LIMITS.brackets:
        raise VerificationError(f"{what} holds more than {LIMITS.brackets} values", OPERATOR)
    steps = (1 if bracket in b"{[" else -1 for bracket in brackets(data))
    if max(accumulate(steps), default=0) > LIMITS.nesting:
        raise VerificationError(f"{what} is nested more than {LIMITS.nesting} deep", OPERATOR)


def brackets(data: bytes) -> bytes:
    """Return the brackets of JSON in their order, without those that stand in texts."""
    return _TEXT.sub(b"", data).translate(None, delete=_NO_BRACKETS)


_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"{}[]")
