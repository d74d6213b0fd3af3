"""What a plugin depends on, reduced to plain requirements that only name distributions.

What passes holds no option, URL, path or hash: nothing that could make an installer
read a file of the user's, fetch from elsewhere or build from source.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from packaging.utils import canonicalize_name

from yesman.model.errors import AuthorError
from yesman.model.plain_text import code_point, shown, unsafe_character
from yesman.model.requirement import check_requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.requirements import Requirement

FILE: Final = "requirements.txt"
LARGEST: Final = 64 * 1024
"""Bytes of a requirements.txt."""

_COMMENT: Final = re.compile(r"(^|\s)#.*$")  # as pip reads it: a '#' inside a word is no comment
_PATH: Final = re.compile(r"^[./~]|\.(whl|zip|tar\.gz)$|^[A-Za-z0-9._-]+/")
_OURS: Final = "yesman"


def requirements_of(manifest_dependencies: Iterable[str], requirements_txt: bytes | None) -> tuple[str, ...]:
    """Return what a plugin depends on: sorted, normalised, each once, without yesman itself.

    Args:
        manifest_dependencies: PEP 508 texts from plugin.yaml.
        requirements_txt: The content of the plugin's requirements.txt, if it has one.

    Raises:
        AuthorError: A line is no plain requirement; the message names file and line.
    """
    found = [_checked(text, "plugin.yaml") for text in manifest_dependencies]
    if requirements_txt is not None:
        found.extend(_checked(text, where) for where, text in _lines(requirements_txt))
    return tuple(sorted({str(each) for each in found if each.name != _OURS}))


def _checked(text: str, where: str) -> Requirement:
    try:
        found = check_requirement(text)
    except AuthorError as error:
        raise AuthorError(f"{where}: {error.message}", error.next_step) from error
    found.name = canonicalize_name(found.name)
    return found


def _lines(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield (``requirements.txt:LINE``, text) of every line that says something."""
    for number, line in enumerate(_decoded(data).split("\n"), start=1):
        where = f"{FILE}:{number}"
        unsafe = unsafe_character(line.rstrip("\r"), allowed="\t")
        if unsafe is not None:
            raise AuthorError(f"{where}: invisible character {code_point(line[unsafe])}", "Remove it")
        text = _COMMENT.sub("", line).strip()
        if text:
            _refuse_more_than_a_name(text, where)
            yield where, text


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST:
        raise AuthorError(f"{FILE} is larger than {LARGEST} bytes", "List direct dependencies only")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AuthorError(f"{FILE} is not UTF-8 text (byte {error.start})", "Save it as UTF-8") from error


def _refuse_more_than_a_name(text: str, where: str) -> None:
    advice = "Write one plain requirement a line, such as name>=1.0"
    if text.startswith("-") or re.search(r"\s--[a-z]", text):
        raise AuthorError(f"{where}: {shown(text)} holds an option of pip, which is not accepted", advice)
    if text.endswith("\\"):
        raise AuthorError(f"{where}: a requirement must stand on one line", advice)
    if "://" not in text and _PATH.search(text):
        raise AuthorError(f"{where}: {shown(text)} is a path, which is not accepted", advice)
