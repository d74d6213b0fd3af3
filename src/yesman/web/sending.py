"""What browsers send and keep for us: forms, read and bounded; and the cookie of who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from litestar.datastructures import Cookie

from yesman.model.errors import UsageError

if TYPE_CHECKING:
    import msgspec

_AGAIN: Final = "Go back, reload the page and send it again"


def pairs(body: bytes, most: int) -> list[tuple[str, str]]:
    """Return the fields of a form, in the order in which they were sent.

    Raises:
        UsageError: It is none, or has more than ``most`` fields.
    """
    try:
        text = body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=most, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise UsageError("The form cannot be read", _AGAIN) from None


def unfit(error: msgspec.ValidationError) -> UsageError:
    """Return what a form that is no value of its type is told; names the field where there is one."""
    field = str(error).rpartition("$.")[2].rstrip("`") if "$." in str(error) else ""
    return UsageError(f"The form is not filled in as it must be{f': {field}' if field else ''}", _AGAIN)


def session_cookie(name: str, value: str, seconds: int, *, secure: bool) -> Cookie:
    """Return a cookie that no script reads, and that no request takes along which another site starts."""
    return Cookie(
        key=name, value=value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict"
    )
