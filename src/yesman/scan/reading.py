"""A plugin's files, as scanners look at them: bytes, text, syntax tree, each made once and when asked for."""

from __future__ import annotations

import os
import posixpath
import re
import stat
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Final

from yesman.findings.syntax import Source, parse
from yesman.package.content import Content, nowhere
from yesman.package.folder import LIMITS, explained
from yesman.package.trees import opened
from yesman.package.walk import Budget, files, read
from yesman.scan.folding import said

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator
    from pathlib import Path

    from yesman.scan.folding import Said

MOST_SOURCE: Final = 1 << 20
"""Bytes of one module that are parsed."""
_KINDS: Final = {
    "python": ("py", "pyi", "pyw"),
    "shell": ("sh", "bash", "zsh", "fish", "ps1", "bat", "cmd"),
    "script": ("js", "mjs", "cjs", "ts", "jsx", "tsx", "rb", "pl", "php", "lua"),
    "markup": ("html", "htm", "xhtml", "xml", "css", "vue"),
    "image": ("svg", "png", "jpg", "jpeg", "gif", "webp", "ico", "bmp", "woff", "woff2", "ttf", "otf"),
    "text": ("md", "markdown", "rst", "txt", "adoc", "prompt", "tmpl", "j2", "mdc"),
    "data": ("yaml", "yml", "toml", "json", "jsonl", "ini", "cfg", "csv", "lock", "conf", "env"),
}
_BY_SUFFIX: Final = {suffix: kind for kind, suffixes in _KINDS.items() for suffix in suffixes}
_PROSE: Final = re.compile(r"(readme|licen[cs]e|copying|notice|authors|changelog|changes)\b", re.IGNORECASE)
_SHEBANG: Final = re.compile(
    rb"#!\s*\S*?/(?:env\s+(?:-S\s+)?)?(?:\S*/)?(python|pypy|bash|sh|zsh|dash|node|perl|ruby)"
)
_INTERPRETERS: Final = {
    b"python": "python",
    b"pypy": "python",
    b"node": "script",
    b"perl": "script",
    b"ruby": "script",
}
_BEGINNING: Final = 4096
CODE: Final = frozenset({"python", "shell", "script"})
PROSE: Final = frozenset({"text"})
READABLE: Final = frozenset({*CODE, *PROSE, "markup", "data"})
WEB: Final = frozenset({"script", "markup"})


class File:
    """One file.

    Args:
        path: In the plugin's folder.
        data: All of it.

    Attributes:
        kind: ``python``, ``shell``, ``script``, ``markup``, ``image``, ``text``, ``data`` or ``other``.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self.kind = kind_of(path, data)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of a module; raises as :func:`yesman.findings.syntax.parse`."""
        return parse(self.data, self.path)

    @cached_property
    def source(self) -> Source:
        """All of a module, run or not; raises as :attr:`tree`."""
        return Source(self.path, self.tree, everything=True)

    @cached_property
    def made(self) -> tuple[list[Said], bool]:
        """What the constants of a module make, and whether that is all; raises as :attr:`tree`."""
        return said(self.source)

    def line_at(self, offset: int) -> int:
        """Return the line in which the byte at ``offset`` stands, from 1."""
        return self.data.count(b"\n", 0, offset) + 1


def kind_of(path: str, data: bytes) -> str:
    """Return what a file is by its name, or by its first line where the name does not say."""
    name = posixpath.basename(path).lower()
    known = _BY_SUFFIX.get(name.rpartition(".")[2] if "." in name else "")
    if known:
        return known
    interpreter = _SHEBANG.match(data[:200])
    if interpreter:
        return _INTERPRETERS.get(interpreter[1], "shell")
    return "text" if _PROSE.match(name) or _is_text(data[:_BEGINNING]) else "other"


def _is_text(data: bytes) -> bool:
    """Tell whether the beginning of a file is text; a letter may be cut in two at its end."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start > _BEGINNING - 4
    return b"\0" not in data


class Reading:
    """Reads a folder once; :attr:`digest` is that of the bytes that were handed out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._content = Content(nowhere)

    def files(self) -> Iterator[File]:
        """Yield every file; raises as :func:`yesman.package.folder.digest_folder`."""
        budget, flags = Budget(LIMITS), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        with (
            explained(self._folder),
            opened(self._folder, flags) as top,
            closing(files(top, budget)) as found,
        ):
            for path, file in found:
                data = b"".join(read(path, file, budget))
                executable = bool(os.fstat(file).st_mode & stat.S_IXUSR)
                self._content.take(path, (data,), executable=executable)
                yield File(path, data)

    @property
    def digest(self) -> str:
        """The content's, once all of it was read."""
        return self._content.digest
