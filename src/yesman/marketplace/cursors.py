"""Where the next page starts, as opaque text that clients hand back; whatever they hand back is checked."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final

import msgspec

from yesman.model.errors import UsageError

LONGEST: Final = 400


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """The last row of a page: what it was sorted by, and its id."""

    key: (
        Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | float | Annotated[str, msgspec.Meta(max_length=64)]
    )
    id: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


def written(cursor: Cursor) -> str:
    """Return ``cursor`` as text for a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def read(text: str, kind: type) -> Cursor:
    """Return the cursor that :func:`written` wrote for a page sorted by values of ``kind``.

    Raises:
        UsageError: It is not one.
    """
    try:
        if len(text) <= LONGEST and text.isascii():
            padded = text + "=" * (-len(text) % 4)
            cursor = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=Cursor)
            if isinstance(cursor.key, kind):
                return cursor
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError):
        pass
    raise UsageError("The cursor is not one of this list", "Follow the Link header, or start anew")
