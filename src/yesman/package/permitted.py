"""What a package may hold: which names, in which places, and how much of it.

What always holds of a path that passed: it is relative and stays below the folder it is
unpacked in, on every file system; it is shown as it is; and the digest of an installed folder
covers it (:mod:`yesman.package.walk` would skip some names).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from yesman.model.errors import AuthorError
from yesman.model.plain_text import shown, unsafe_character
from yesman.package.reading import LOCK, MANIFEST, REQUIREMENTS
from yesman.package.walk import FolderLimits, is_skipped, refuse_alike

_FILES: Final = frozenset({MANIFEST, REQUIREMENTS, LOCK})
_FOLDERS: Final = frozenset({"src", "assets", "docs"})
_PROSE: Final = re.compile(
    r"(readme|licen[cs]e|copying|notice|authors|changelog|changes)([.-][a-z0-9.-]+)?",
    re.IGNORECASE | re.ASCII,
)
AGAIN: Final = "Get it again from where it came from"
REPACK: Final = "Its author must make it with: yesman plugin pack DIR"
_RENAME: Final = "Its author must rename it"


class PackageLimits(FolderLimits, frozen=True):
    """The most a package may hold, beside what a folder may. Sizes in bytes.

    Attributes:
        path: What the tar header holds (ustar), and no extension of it.
        packed: The file itself.
        ratio: Unpacked over packed; what we pack stays below 160, a bomb comes near 1 032.
    """

    path: int = 255
    packed: int = 64 * 1024 * 1024
    ratio: int = 200


LIMITS: Final = PackageLimits()


def has_place(name: str) -> bool:
    """Tell whether something called ``name`` at the top of a plugin's folder goes into its package."""
    return name in _FILES or name in _FOLDERS or _PROSE.fullmatch(name) is not None


def check_path(path: str) -> None:
    """Refuse a path that no package holds.

    Raises:
        AuthorError: It is refused; the message names it.
    """
    where = shown(path, 200)
    if unsafe_character(path) is not None:
        raise AuthorError(f"The name {where} holds invisible or invalid characters", _RENAME)
    parts = tuple(path.split("/"))
    _check_reach(path, parts, where)
    for part in parts:
        _check_name(part, where)
    _check_place(path, parts, where)


def _check_reach(path: str, parts: tuple[str, ...], where: str) -> None:
    if path.startswith("/"):
        raise AuthorError(f"The path {where} is absolute", _RENAME)
    if "\\" in path:
        raise AuthorError(f"The path {where} holds a backslash", _RENAME)
    if ":" in path:
        raise AuthorError(f"The path {where} holds a colon, as those with a drive do", _RENAME)
    if ".." in parts:
        raise AuthorError(f"The path {where} leads out of the package", _RENAME)
    if not path or "" in parts or "." in parts:
        raise AuthorError(f"The path {where} has a part that is empty or '.'", _RENAME)


def _check_name(name: str, where: str) -> None:
    if unicodedata.normalize("NFC", name) != name:
        raise AuthorError(f"The name {where} is not in Unicode's form NFC", _RENAME)
    if name != name.strip() or name.endswith("."):
        raise AuthorError(f"The name {where} begins or ends with a space, or ends with a dot", _RENAME)
    if is_skipped(name):
        raise AuthorError(f"{where} is history, an environment or a cache", "Its author must leave it out")
    if name == "pyvenv.cfg":
        raise AuthorError(f"{where} marks a virtual environment", "Its author must leave it out")
    lower = name.lower()
    if lower.endswith(".pth") or lower in {"sitecustomize.py", "usercustomize.py"}:
        raise AuthorError(f"{where} is of a kind that Python runs unasked", "Its author must leave it out")
    if lower.endswith((".whl", ".egg")):
        raise AuthorError(
            f"{where} is a packed dependency", f"Its author must name it in {REQUIREMENTS} instead"
        )


def _check_place(path: str, parts: tuple[str, ...], where: str) -> None:
    if parts[0] in _FOLDERS:
        if len(parts) == 1:
            raise AuthorError(f"{where} is a file and must be a folder", _RENAME)
    elif len(parts) > 1 or not has_place(path):
        raise AuthorError(f"{where} has no place in a package", "Its author must put it below src or assets")


class Names:
    """The order of a package's paths, and what it excludes: doubles, and names that others would merge.

    Paths come sorted by their parts, so a folder's content comes together, and for each
    folder on the way to the last path the names seen in it are all that must be kept.
    """

    def __init__(self) -> None:
        self._last: tuple[str, ...] = ()
        self._seen: list[dict[str, str]] = []

    def follow(self, path: str) -> int:
        """Take the next path; return how many files and folders are new with it.

        Raises:
            AuthorError: It does not come after the last one, or clashes with one before.
        """
        parts, where = tuple(path.split("/")), shown(path, 200)
        if parts == self._last:
            raise AuthorError(f"The package holds {where} twice", REPACK)
        if parts < self._last:
            raise AuthorError(f"The package holds {where} out of order", REPACK)
        if self._last and parts[: len(self._last)] == self._last:
            raise AuthorError(
                f"The package holds {shown('/'.join(self._last), 200)} as a file and a folder", REPACK
            )
        common = next((i for i, (a, b) in enumerate(zip(parts, self._last, strict=False)) if a != b), 0)
        del self._seen[common + 1 :]
        for depth, part in enumerate(parts[common:], start=common):
            if depth == len(self._seen):
                self._seen.append({})
            refuse_alike(part, self._seen[depth], where)
        self._last = parts
        return len(parts) - common
