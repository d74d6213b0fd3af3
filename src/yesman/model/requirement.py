"""Judge one dependency specifier written by a plugin's author.

What always holds of a requirement that passed: it names a distribution of a package index,
never a URL, a path or an option of an installer.
"""

from __future__ import annotations

import re
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from yesman.model.errors import AuthorError
from yesman.model.plain_text import shown

_LONGEST: Final = 400  # characters
_DEEPEST: Final = 8  # opening brackets; packaging reads markers by recursion
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")  # PEP 508; packaging takes "A_" too
_SLIPS: Final = (
    (re.compile(r"(?<![=<>!~])=(?![=<>])"), "=="),
    (re.compile(r"=([<>])"), r"\1="),
    (re.compile(r"([<>])\1"), r"\1"),
    (re.compile(r"^(\S+) +([0-9][^ ]*)$"), r"\1==\2"),
)


def check_requirement(text: str) -> Requirement:
    """Return the requirement that ``text`` (PEP 508) states.

    Raises:
        AuthorError: It is malformed, with the near miss of common slips, or names a URL.
    """
    found = _parse(text)
    if found is None:
        raise AuthorError(f"bad dependency specifier {shown(text)}{_hint(text)}", "Write it like name>=1.0")
    if found.url is not None:
        raise AuthorError(
            f"the dependency {shown(text)} names a URL", f"Write '{found.name}' with the versions you need"
        )
    return found


def _parse(text: str) -> Requirement | None:
    if len(text) > _LONGEST or text.count("(") > _DEEPEST or not text.isascii():
        return None
    try:
        found = Requirement(text)
    except InvalidRequirement:
        return None
    return found if _NAME.fullmatch(found.name) else None


def _hint(text: str) -> str:
    for slip, repair in _SLIPS:
        fixed = slip.sub(repair, text[:_LONGEST])
        if fixed != text and _parse(fixed):
            return f"; did you mean {shown(fixed)}?"
    return ""
