"""What git's own files say, read by us: text in, values out. No I/O.

Nothing here raises for any text, follows an include, or expands anything. What git would not
accept, or what we do not understand, counts as absent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_VALUE: Final = 1024
"""Characters of a branch name, or of one part of a repository's name."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# git-check-ref-format(1), per component and for the whole name.
_BAD_REF: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$|\.$|(^|/)\.|\.lock(/|$)")
_SECTION: Final = re.compile(r'\[[ \t]*([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n]|\\[^\n])*)")?[ \t]*\]')
_KEY: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=?)[ \t]*")
# One step of a value: a quoted or bare run, an escape, a comment, or the end of the line.
_PIECE: Final = re.compile(
    r'(?P<run>[^"\\\n#;]+)|\\(?P<escape>[\s\S])|(?P<quote>")|(?P<comment>[#;])|(?P<end>\n)'
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\", "\n": ""}
_URL: Final = re.compile(
    r"(?:https?|ssh|git|git\+ssh|ssh\+git|ftps?)://(?:[^/@]*@)?[^/@]+/(?P<path>.+)", re.IGNORECASE
)
_SCP: Final = re.compile(r"(?:[^/@:]+@)?(?:\[[0-9A-Fa-f:.]+\]|[^/@:\[\]]+):(?P<path>[^:].*)")
_PART: Final = re.compile(r"[\w.~+-]+")


class NotGitError(ValueError):
    """Text that git would refuse; never leaves this module."""


def parse_head(text: str) -> dict[str, str] | None:
    """Return what a ``HEAD`` file says.

    Returns:
        ``{"branch": name}``; ``{"commit": id}`` when no branch is checked out; ``{}`` when it names
        something else; ``None`` when this is no ``HEAD``, and so its folder no repository.
    """
    line = text.partition("\n")[0].rstrip()
    if line.startswith("ref:"):
        reference = line.removeprefix("ref:").strip()
        if not reference.startswith("refs/"):
            return None
        branch = reference.removeprefix("refs/heads/")
        return {"branch": branch} if branch != reference and _is_branch(branch) else {}
    return {"commit": line} if _COMMIT.fullmatch(line) else None


def _is_branch(name: str) -> bool:
    return bool(name) and len(name) <= MAX_VALUE and name.isprintable() and not _BAD_REF.search(name)


def parse_pointer(text: str) -> str | None:
    """Return the path in a ``.git`` file (``gitdir: PATH``), as in worktrees and submodules."""
    path = text.rstrip("\r\n")
    if not path.startswith("gitdir: ") or "\n" in path or "\0" in path:
        return None
    return path.removeprefix("gitdir: ") or None


def origin(config: str) -> str | None:
    """Return the first URL of the remote ``origin`` in a git config file, if there is one."""
    try:
        urls = (
            value for section, key, value in _entries(config) if (section, key) == ("remote\0origin", "url")
        )
        return next(urls, None) or None
    except NotGitError:
        return None


def owner_and_name(url: str) -> str | None:
    """Return ``owner/name`` of a hosted repository's URL.

    Understood are URLs of the schemes git speaks over a network, and the short form
    ``[user@]host:path``. Of a path with more parts the last two count. Local paths have no owner.
    """
    match = _URL.fullmatch(url) if "://" in url else _SCP.fullmatch(url)
    if match is None:
        return None
    path = match["path"].strip("/").removesuffix(".git").rstrip("/")
    parts = path.split("/")[-2:]
    if len(parts) != 2 or not all(_is_part(part) for part in parts):  # noqa: PLR2004 - owner and name
        return None
    return "/".join(parts)


def _is_part(part: str) -> bool:
    return len(part) <= MAX_VALUE and bool(_PART.fullmatch(part)) and part not in {".", ".."}


def _entries(config: str) -> Iterator[tuple[str, str, str]]:
    """Yield section, key and value in order (git-config(1), "Syntax"); section and key in lower case."""
    text = config.removeprefix("\ufeff").replace("\r\n", "\n") + "\n"
    section, at = "", 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] in "#;":
            at = text.index("\n", at)
        elif text[at] == "[":
            section, at = _section(text, at)
        else:
            key, value, at = _entry(text, at)
            yield section, key, value


def _section(text: str, at: int) -> tuple[str, int]:
    match = _SECTION.match(text, at)
    if match is None:
        raise NotGitError
    name, quoted = match[1].lower(), match[2]
    if quoted is None:  # the old form [section.subsection], in which case does not count
        name = name.replace(".", "\0", 1)
    else:
        name += "\0" + re.sub(r"\\(.)", r"\1", quoted)
    return name, match.end()


def _entry(text: str, at: int) -> tuple[str, str, int]:
    match = _KEY.match(text, at)
    if match is None:
        raise NotGitError
    if match[2]:
        value, end = _value(text, match.end())
    elif text[match.end()] in "\n#;":  # a key alone means true
        value, end = "", text.index("\n", match.end())
    else:
        raise NotGitError
    return match[1].lower(), value, end


def _value(text: str, at: int) -> tuple[str, int]:
    """Read a value to the end of its last line: quotes, escapes, continuations, comments."""
    done: list[str] = []
    quoted = False
    kept = 0  # pieces up to here stay; later ones are blanks unless something follows
    while True:
        match = _PIECE.match(text, at)
        if match is None or (quoted and match["end"]):
            raise NotGitError
        at = match.end()
        if match["end"]:
            return "".join(done[:kept]) + "".join(done[kept:]).rstrip(), at
        if match["comment"] and not quoted:
            at = text.index("\n", at)
        elif match["quote"]:
            quoted = not quoted
            kept = len(done)
        else:
            done.append(_piece(match))
            kept = len(done) if quoted or match["escape"] else kept


def _piece(match: re.Match[str]) -> str:
    if not match["escape"]:
        return match[0]
    if match["escape"] not in _ESCAPES:
        raise NotGitError
    return _ESCAPES[match["escape"]]
