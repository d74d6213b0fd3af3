"""A plugin that another one needs, as manifests write it: ``name`` or ``name>=1.0,<2``.

What always holds of one that was parsed: the name can be a plugin's, and the versions are what
``packaging`` reads.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from yesman.model.errors import AuthorError
from yesman.model.manifest_schema import NAME, NAME_RULE
from yesman.model.plain_text import shown

_FORM: Final = re.compile(rf"({NAME})\s*(.*)")


class NeededPlugin(msgspec.Struct, frozen=True):
    """One of them.

    Attributes:
        name: The plugin.
        versions: Which of its versions will do, as in PEP 440; "" is any.
    """

    name: str
    versions: str = ""

    def __str__(self) -> str:
        return f"{self.name}{self.versions}"

    def fits(self, version: str) -> bool:
        """Tell whether ``version`` will do; a trial version counts as the one it leads to."""
        return SpecifierSet(self.versions).contains(Version(version), prereleases=True)


def parse_needed(text: str) -> NeededPlugin:
    """Return what ``text`` means.

    Raises:
        AuthorError: It is malformed.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise AuthorError(f"{shown(text)} does not begin with a plugin's name", NAME_RULE)
    try:
        return NeededPlugin(found[1], str(SpecifierSet(found[2])))
    except InvalidSpecifier:
        raise AuthorError(
            f"{shown(found[2])} says no versions of the plugin '{found[1]}'", f"Write it like {found[1]}>=1.0"
        ) from None
