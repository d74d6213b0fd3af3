"""One commit object, from its raw bytes to the fields that are counted.

No I/O, nothing raised: git accepts broken commits, so each broken field has a value. The
rules are git's (``commit.c``, ``ident.c``, ``pretty.c``, 2.39):

- a commit with an ``encoding`` header is turned into UTF-8 as a whole; when one byte of it
  cannot be, the whole commit stays as it is;
- an identity without ``<`` and ``>`` has neither name nor address nor date;
- a date without a time zone is no date.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from .mailmap import SPACE

_ENCODING = re.compile(rb"^encoding (.*)$", re.MULTILINE)
_TREE = re.compile(rb"tree ([0-9a-f]+)$", re.MULTILINE)
_PARENT = re.compile(rb"^parent ([0-9a-f]+)$", re.MULTILINE)
_AUTHOR = re.compile(rb"^author (.*)$", re.MULTILINE)
_COMMITTED = re.compile(rb"^committer [^>\n]*> *([0-9]{1,18})", re.MULTILINE)
_DATE = re.compile(rb"[ \t\r\n]*([0-9]{1,18})[ \t\r\n]*[+-][0-9]")
_PYTHON_ONLY = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


class Author(NamedTuple):
    """Who wrote a commit, and when.

    ``name`` and ``email`` are bytes, UTF-8 wherever the commit allowed it; ``seconds`` is the
    author date in seconds since 1970 in UTC, or ``None`` where the commit has no usable one.
    """

    name: bytes = b""
    email: bytes = b""
    seconds: int | None = None


class Commit(NamedTuple):
    """A commit: ids are hexadecimal, no ``tree`` is ``b""``; ``committed`` is in seconds since 1970, or 0."""

    parents: tuple[bytes, ...]
    committed: int
    author: Author
    tree: bytes = b""


def parse_commit(raw: bytes) -> Commit:
    """Read the raw content of a commit object."""
    header = raw.partition(b"\n\n")[0]
    committed, tree = _COMMITTED.search(header), _TREE.match(header)
    return Commit(
        parents=tuple(_PARENT.findall(header)),
        committed=int(committed[1]) if committed else 0,
        author=_author(_as_utf8(raw, header)),
        tree=tree[1] if tree else b"",
    )


def parse_identity(line: bytes) -> Author:
    """Split ``Name <address> 1700000000 +0100`` as git does."""
    left = line.find(b"<")
    right = line.find(b">", left + 1)
    if left < 0 or right < 0:
        return Author()
    # A second ">" may stand in a broken address: the date follows the last one.
    date = _DATE.match(line, line.rindex(b">") + 1)
    return Author(
        name=line[:left].rstrip(SPACE),
        email=line[left + 1 : right],
        seconds=int(date[1]) if date else None,
    )


def _author(header: bytes) -> Author:
    lines = _AUTHOR.findall(header)
    return parse_identity(lines[-1]) if lines else Author()


def _as_utf8(raw: bytes, header: bytes) -> bytes:
    named = _ENCODING.search(header)
    encoding = named[1].decode("ascii", "replace") if named else "utf-8"
    try:
        codec = codecs.lookup(encoding).name
        if codec == "utf-8" or codec in _PYTHON_ONLY:
            return header
        return raw.decode(codec).encode().partition(b"\n\n")[0]
    except (LookupError, ValueError):
        return header
