"""Is what looks like a secret one? By the checksum in it, or by how random it is. Values in, values out."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM: Final = 6
"""Digits to the base of 62 at the end of a token, of a CRC-32 over what stands before."""
RANDOM: Final = 3.5
"""Bits a character from which on text is not made by hand, for 24 and more characters."""
_EXAMPLE: Final = re.compile(
    r"example|sample|dummy|placeholder|changeme|your[_-]|xxxx|1234567|abcdef|\btest|localhost|127\.0\.0\.1|_here\b",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"[\"']([^\"']{8,})[\"']$")
_ADDRESS: Final = re.compile(r"://[^/:@]*:([^/@]+)@(.+)$")


def is_secret(rule: str, text: str) -> bool:
    """Tell whether ``text``, which a rule took for a secret, is one; true for what has nothing to check."""
    check = _CHECKS.get(rule)
    return check is None or check(text)


def entropy(text: str) -> float:
    """Return how many bits a character of ``text`` tells."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts) if text else 0.0


def checksum(body: str) -> str:
    """Return the six digits that GitHub and npm put behind the random part of a token."""
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits.rjust(_CHECKSUM, "0")


def _has_checksum(text: str) -> bool:
    if text.startswith("github_pat_"):
        return entropy(text) > RANDOM
    body = text.partition("_")[2]
    return checksum(body[:-_CHECKSUM]) == body[-_CHECKSUM:]


def _is_macaroon(text: str) -> bool:
    data = _unpadded(text.removeprefix("pypi-"))
    return data is not None and data[:1] == b"\x02" and b"pypi.org" in data[:40]


def _is_signed(text: str) -> bool:
    """Tell whether the head of a token says how it was signed."""
    data = _unpadded(text.partition(".")[0])
    try:
        head = json.loads(data or b"")
    except (ValueError, RecursionError):
        return False
    return isinstance(head, dict) and isinstance(head.get("alg"), str) and head["alg"] != "none"


def _is_random(text: str) -> bool:
    return entropy(text) > RANDOM and not _EXAMPLE.search(text)


def _is_assigned(text: str) -> bool:
    quoted = _QUOTED.search(text)
    value = quoted[1] if quoted else ""
    mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    words = re.fullmatch(r"[a-z]+([._/-][a-z]+)+\d{0,4}", value.lower())
    return mixed and not words and entropy(value) > RANDOM and not _EXAMPLE.search(value)


def _is_password(text: str) -> bool:
    parts = _ADDRESS.search(text)
    return parts is not None and len(set(parts[1])) > 5 and not _EXAMPLE.search(parts[1] + "@" + parts[2])  # noqa: PLR2004 - "password" has 7


def _unpadded(text: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "secret-github": _has_checksum,
    "secret-npm": _has_checksum,
    "secret-pypi": _is_macaroon,
    "secret-token": _is_signed,
    "secret-gitlab": _is_random,
    "secret-aws": _is_random,
    "secret-models": _is_random,
    "secret-chat": _is_random,
    "secret-payment": _is_random,
    "secret-assigned": _is_assigned,
    "secret-in-address": _is_password,
}
