"""Looking at the syntax tree of one source file: what is imported, what names mean, what is said.

What always holds: the whole tree is looked at but for what only type checkers see, without
recursion of ours; a name means what it was imported as, wherever in the file that was.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, NamedTuple

from yesman.model.errors import AuthorError

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Import(NamedTuple):
    """One imported name: ``from http import client as c`` is ``http.client`` as ``c``."""

    dotted: str
    bound: str
    line: int


def parse(data: bytes, path: str) -> ast.Module:
    """Return the tree of a source file.

    Raises:
        AuthorError: It is no Python; the message begins with file and line where that is known.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data, path)
    except SyntaxError as error:
        raise AuthorError(f"{path}:{error.lineno or 1}: {error.msg}", "Correct it") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise AuthorError(f"{path} cannot be read as Python: {error}", "Correct it") from error


class Source:
    """One parsed file.

    Args:
        path: In the plugin's folder.
        tree: Of it.
        everything: Also what stands below ``if TYPE_CHECKING:``, a name that anybody may make true.

    Attributes:
        nodes: Every node that runs, in the order of lines.
        imports: What is imported, absolutely.
    """

    def __init__(self, path: str, tree: ast.Module, *, everything: bool = False) -> None:
        self.path = path
        self.nodes = sorted(
            ast.walk(tree) if everything else _running(tree), key=lambda node: getattr(node, "lineno", 0)
        )
        self.imports = [found for node in self.nodes for found in _imports(node)]
        self._bound = {found.bound: found.dotted for found in self.imports}

    def dotted(self, node: ast.expr) -> str:
        """Return ``os.path.join`` for an expression that is that name, "" for any other."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self._bound.get(node.id, node.id), *reversed(parts)])

    def modules(self) -> set[str]:
        """Return the dotted names of all that is imported, and of all that holds it."""
        found = set()
        for name in self.imports:
            parts = name.dotted.split(".")
            found |= {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
        return found

    def words(self) -> set[str]:
        """Return every name, attribute and text in it."""
        found = {node.id for node in self.nodes if isinstance(node, ast.Name)}
        found |= {node.attr for node in self.nodes if isinstance(node, ast.Attribute)}
        return found | {text for text, _ in self.texts()}

    def texts(self) -> Iterator[tuple[str, int]]:
        """Yield each text that is no documentation, with its line."""
        silent = {id(node.body[0].value) for node in self.nodes if _has_docstring(node)}  # type: ignore[attr-defined]  # has one
        for node in self.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
                yield node.value, node.lineno


def text_of(node: ast.expr | None) -> str:
    """Return the text that is written there, "" for whatever is no literal."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def argument(call: ast.Call, place: int, keyword: str) -> ast.expr | None:
    """Return what a call gives for a parameter, None where nothing is seen."""
    if len(call.args) > place:
        return call.args[place]
    return next((given.value for given in call.keywords if given.arg == keyword), None)


def _running(tree: ast.Module) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and _last_word(node.test) == "TYPE_CHECKING":
            waiting.extend(node.orelse)
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _last_word(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _imports(node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for each in node.names:
            top = each.name.partition(".")[0]
            yield Import(each.name, each.asname or top, node.lineno)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        for each in node.names:
            yield Import(f"{node.module}.{each.name}", each.asname or each.name, node.lineno)


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None
