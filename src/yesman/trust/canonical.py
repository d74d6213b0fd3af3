"""JSON that is signed or travels beside signatures: one way to write each value, and no other is read.

What always holds of a value from :func:`decode`: it came from a bounded number of bytes, has exactly the
declared fields with the declared types, and writing it again gives the same bytes. The form is that
of RFC 8785 (keys sorted, no white space), for values that hold text and lists only. So no two readers
can see different things (duplicate keys, other spellings of a character, fields nobody looks at).
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import msgspec

from yesman.model.errors import VerificationError
from yesman.model.plain_text import shown

T = TypeVar("T")
_AGAIN: Final = "Get it again from where it came from"

Hex256: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
"""A SHA-256 digest in lower-case hexadecimal."""
Moment: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|\+00:00)\Z", max_length=25)
]
"""UTC, ISO 8601, to the second."""


def encode(value: Any) -> bytes:
    """Return ``value`` as canonical JSON."""
    return msgspec.json.encode(value, order="sorted")


def decode(data: bytes, kind: type[T], *, most: int, what: str) -> T:
    """Return the value that ``data`` is.

    Args:
        data: From anywhere.
        kind: A Struct whose fields hold text, or lists and Structs of such; unknown fields forbidden.
        most: Bytes; more are not parsed.
        what: How errors name it, such as ``"the signature"``.

    Raises:
        VerificationError: It is too long, no JSON of that type, or written in another way.
    """
    if len(data) > most:
        raise VerificationError(f"{what} is larger than {most} bytes", _AGAIN)
    try:
        value = msgspec.json.decode(data, type=kind)
        same = encode(value) == data
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        reason = shown(str(error), 120)  # it quotes what was sent
        raise VerificationError(f"{what} is malformed: {reason}", _AGAIN) from None
    if not same:
        raise VerificationError(f"{what} is not in the canonical form (RFC 8785)", _AGAIN)
    return value


def encode64(data: bytes) -> str:
    """Return ``data`` in base64, with padding."""
    return base64.b64encode(data).decode()


def decode64(text: str, what: str) -> bytes:
    """Return the bytes that ``text`` stands for in base64 (RFC 4648, section 4).

    Raises:
        VerificationError: It is no base64, or written in another way.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if encode64(data) != text:
        raise VerificationError(f"{what} holds what is no strict base64", _AGAIN)
    return data
