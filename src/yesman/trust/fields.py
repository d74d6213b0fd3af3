"""The grammar of what stands in a registry's files: patterns for msgspec, and checks that it cannot do."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Annotated, Final, TypeAlias

from msgspec import Meta
from packaging.version import InvalidVersion, Version

from yesman.model.manifest_schema import MAX_LINE, MAX_TEXT, NAME
from yesman.model.permissions import MAX_SCOPE
from yesman.model.plain_text import unsafe_character

Name: TypeAlias = Annotated[str, Meta(pattern=rf"\A{NAME}\Z")]
AnyName: TypeAlias = Annotated[str, Meta(pattern=rf"\A(?:{NAME})?\Z")]
Word: TypeAlias = Annotated[str, Meta(pattern=r"\A[a-z][a-z-]{0,31}\Z")]
Hex: TypeAlias = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
AnyHex: TypeAlias = Annotated[str, Meta(pattern=r"\A(?:[0-9a-f]{64})?\Z")]
Digest: TypeAlias = Annotated[str, Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]
Line: TypeAlias = Annotated[str, Meta(max_length=MAX_LINE)]
Text: TypeAlias = Annotated[str, Meta(max_length=MAX_TEXT)]
Item: TypeAlias = Annotated[str, Meta(max_length=2 * MAX_SCOPE)]
"""A permission with its scope, or a requirement."""
Texts: TypeAlias = Annotated[tuple[Item, ...], Meta(max_length=256)]
Length: TypeAlias = Annotated[int, Meta(ge=0, le=2**40)]

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|\+00:00)", re.ASCII)


def check_version(version: str) -> None:
    """Refuse what no manifest may have as its version; ValueError."""
    try:
        # packaging ignores case, and so takes a long s for an s, and space around a version
        if version.isascii() and version == version.strip():
            Version(version)
            return
    except InvalidVersion:
        pass
    raise ValueError("a version is not like 1.2.3")


LATEST_YEAR: Final = 2200
"""Dates are reckoned with, and must not lead beyond what can be."""


def check_date(date: str) -> None:
    """Refuse what is not a moment in UTC; ValueError."""
    try:
        if _DATE.fullmatch(date) and datetime.fromisoformat(date).year < LATEST_YEAR:
            return
    except ValueError:
        pass
    raise ValueError("a date is not like 2026-01-31T23:59:59Z")


def check_base64(text: str, count: int) -> None:
    """Refuse what is not ``count`` bytes in base64; ValueError."""
    try:
        whole = len(text) <= 4 * count and len(base64.b64decode(text, validate=True)) == count
    except (ValueError, binascii.Error):
        whole = False
    if not whole:
        raise ValueError(f"what should be {count} bytes in base64 is not")


def check_text(text: str) -> None:
    """Refuse what hides or reorders; ValueError."""
    if unsafe_character(text) is not None:
        raise ValueError("a text has a character that hides or reorders others")
