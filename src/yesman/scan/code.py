"""What a module does that its text does not show, told from its syntax tree.

What always holds: every module is parsed as the plugin's interpreter would read it, or there is a finding
that says why not; nothing is imported or executed. What cannot be seen is no finding.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from yesman.findings.permissions import missing
from yesman.findings.syntax import Source, argument
from yesman.model.errors import AuthorError
from yesman.scan import folding
from yesman.scan.model import Hit
from yesman.scan.reading import MOST_SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yesman.model.manifest import Manifest
    from yesman.scan.reading import File

_EXECUTING: Final = ("exec", "eval", "compile")
EXECUTING: Final = frozenset(
    f"{owner}{name}" for owner in ("", "builtins.", "__builtins__.") for name in _EXECUTING
)
PASSED_ON: Final = EXECUTING - {"compile"} | {"__import__"}
"""What is called by its name, or by none that can be followed."""
IMPORTING: Final = frozenset(
    {
        *("__import__", "builtins.__import__", "importlib.import_module", "importlib.__import__"),
        *(
            "importlib.util.spec_from_file_location",
            "importlib.machinery.SourceFileLoader",
            "imp.load_source",
        ),
        *("runpy.run_path", "runpy.run_module", "zipimport.zipimporter", "pkgutil.get_loader"),
        *("importlib.machinery.SourcelessFileLoader", "importlib.machinery.ExtensionFileLoader"),
    }
)
DECODERS: Final = (
    *("base64.", "zlib.", "gzip.", "bz2.", "lzma.", "codecs.decode", "codecs.getdecoder", "binascii."),
    *("marshal.loads", "cryptography.", "Crypto.", "nacl.", "bytes.fromhex", "bytearray.fromhex"),
)
DECODING_METHODS: Final = frozenset(
    {"b64decode", "a85decode", "b85decode", "fromhex", "decompress", "decrypt"}
)
FETCHERS: Final = ("urllib.request.", "requests.", "httpx.", "urllib3.", "http.client.", "aiohttp.")
FETCHING_METHODS: Final = frozenset({"recv", "urlopen", "recvfrom"})
DANGEROUS: Final = frozenset(
    {
        *("exec", "eval", "compile", "__import__", "system", "popen", "Popen", "builtins", "__builtins__"),
        *("subprocess", "check_output", "import_module", "execv", "spawnv", "urlopen", "b64decode", "loads"),
        *("os", "socket", "ctypes", "marshal", "getattr", "__subclasses__", "__globals__", "CodeType"),
    }
)
"""Names that have no reason to be put together from pieces."""
NATIVE: Final = frozenset({"ctypes", "cffi", "_ctypes"})
UNPICKLING: Final = frozenset(
    {
        *(
            "pickle.load",
            "pickle.loads",
            "pickle.Unpickler",
            "_pickle.loads",
            "marshal.loads",
            "marshal.load",
        ),
        *("dill.load", "dill.loads", "cloudpickle.load", "cloudpickle.loads", "joblib.load", "shelve.open"),
        *("jsonpickle.decode", "yaml.unsafe_load", "pandas.read_pickle"),
    }
)
HOOKS: Final = frozenset(
    {"sys.meta_path", "sys.path_hooks", "sys.path_importer_cache", "builtins.__import__"}
)
BUILTINS: Final = frozenset({"__builtins__", "builtins", "builtins.__dict__", "__builtins__.__dict__"})
_COOKIE: Final = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
PLAIN_ENCODINGS: Final = frozenset(
    {"utf8", "utf8sig", "ascii", "usascii", "latin1", "iso88591", "iso885915", "cp1252"}
)


class Code:
    """Looks at every module, and in the end compares all of them with the manifest."""

    name: Final = "code"

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._sources: list[Source] = []

    def look(self, file: File) -> Iterator[Hit]:
        """Yield what is found in one file."""
        if file.kind != "python":
            return
        unfit = unfit_to_read(file)
        if unfit is not None:
            yield unfit
            return
        try:
            source = file.source
        except AuthorError as error:
            yield _unread(file, error)
            return
        if not file.made[1]:
            yield Hit("source-unchecked", file.path, 0, "its constants make too much")
        if file.path.startswith("src/"):
            self._sources.append(Source(file.path, file.tree))
        for rule, node, detail in _found(source):
            yield Hit(rule, file.path, getattr(node, "lineno", 0), detail)

    def finish(self) -> Iterator[Hit]:
        """Yield what is used without being asked for."""
        for found in missing(self._sources, self._manifest):
            yield Hit(found.rule, found.file, found.line, found.message.removeprefix(f"{found.file} "))


def unfit_to_read(file: File) -> Hit | None:
    """Return why a module must not even be parsed."""
    null = file.data.find(b"\0")
    if null >= 0:
        return Hit("source-null", file.path, file.line_at(null))
    line, encoding = declared_encoding(file)
    if encoding and re.sub(r"[-_.]", "", encoding.lower()) not in PLAIN_ENCODINGS:
        return Hit("source-encoding", file.path, line, encoding)
    return Hit("source-unchecked", file.path) if len(file.data) > MOST_SOURCE else None


def declared_encoding(file: File) -> tuple[int, str]:
    """Return in which line a module declares which encoding (PEP 263), or 0 and ""."""
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", file.data[:4096], maxsplit=2)[:2], start=1):
        cookie = _COOKIE.match(line.removeprefix(b"\xef\xbb\xbf"))
        if cookie:
            return number, cookie[1].decode()
    return 0, ""


def _unread(file: File, error: AuthorError) -> Hit:
    if isinstance(error.__cause__, RecursionError | MemoryError):
        return Hit("source-unchecked", file.path, 0, type(error.__cause__).__name__)
    line = getattr(error.__cause__, "lineno", None) or 0
    deep = "too many nested" in error.message or "too complex" in error.message
    return Hit("source-unchecked" if deep else "source-unreadable", file.path, line, error.message[:200])


def _found(source: Source) -> Iterator[tuple[str, ast.AST, str]]:
    decoded, fetched = _tainted(source, _decodes), _tainted(source, _fetches)
    executing = _aliases(source)
    called = {id(node.func) for node in source.nodes if isinstance(node, ast.Call)}
    for node in source.nodes:
        if isinstance(node, ast.Call):
            if _name(node.func) in executing or _executes(source, node):
                yield from _executed(source, node, decoded, fetched)
            yield from _called(source, node)
        elif isinstance(node, ast.Name | ast.Attribute) and id(node) not in called:
            if source.dotted(node) in PASSED_ON and isinstance(node.ctx, ast.Load):
                yield "exec-dynamic", node, f"passes on {source.dotted(node)}"
        elif isinstance(node, ast.Subscript):
            yield from _looked_up(source, node)
        elif isinstance(node, ast.Assign | ast.AugAssign):
            yield from _assigned(source, node)
    for found in source.imports:
        if found.dotted.partition(".")[0] in NATIVE:
            yield "native-code", _Line(found.line), f"imports {found.dotted}"


class _Line(ast.AST):
    """A place without a node."""

    def __init__(self, lineno: int) -> None:
        super().__init__()
        self.lineno = lineno


def _executed(
    source: Source, call: ast.Call, decoded: set[str], fetched: set[str]
) -> Iterator[tuple[str, ast.AST, str]]:
    name = source.dotted(call.func) or _name(call.func)
    if not call.args:
        return
    given, inner = call.args[0], list(ast.walk(call.args[0]))
    if any(_decodes(source, each) or _is_one_of(each, decoded) for each in inner):
        yield "exec-decoded", call, name
    elif any(_fetches(source, each) or _is_one_of(each, fetched) for each in inner):
        yield "exec-fetched", call, name
    elif folding.folded(given) is None and not isinstance(given, ast.Constant):
        yield "exec-dynamic", call, name


def _executes(source: Source, call: ast.Call) -> bool:
    """Tell whether a call executes text: by name, or as what a module that was just imported has."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    imported = isinstance(owner, ast.Call) and source.dotted(owner.func) in IMPORTING
    return source.dotted(call.func) in EXECUTING or (imported and _method(call) in _EXECUTING)


def _aliases(source: Source) -> set[str]:
    """Return the names to which what executes text is assigned."""
    assigned = (node for node in source.nodes if isinstance(node, ast.Assign))
    executing = (node for node in assigned if source.dotted(node.value) in PASSED_ON)
    return {name for node in executing for target in node.targets for name in _names(target)}


def _called(source: Source, call: ast.Call) -> Iterator[tuple[str, ast.AST, str]]:
    name = source.dotted(call.func)
    if name in {"getattr", "builtins.getattr", "hasattr", "operator.attrgetter"}:
        yield from _got(source, call)
    if name in IMPORTING:
        yield from _imported(call, name)
    if name in {"types.CodeType", "types.FunctionType"}:
        yield "code-object", call, name
    if name in UNPICKLING:
        yield "unpickling", call, name
    if name.startswith(tuple(f"{hook}." for hook in HOOKS)):
        yield "import-hook", call, name
    if _method(call) == "__subclasses__":
        yield "name-computed", call, "__subclasses__()"


def _got(source: Source, call: ast.Call) -> Iterator[tuple[str, ast.AST, str]]:
    place = 0 if source.dotted(call.func) == "operator.attrgetter" else 1
    wanted = argument(call, place, "name")
    text = folding.folded(wanted)
    owner = source.dotted(call.args[0]) if call.args else ""
    if text in DANGEROUS and (not isinstance(wanted, ast.Constant) or owner in BUILTINS):
        yield "name-assembled", call, str(text)
    elif text is None and owner in BUILTINS | {"os", "subprocess"}:
        yield "name-computed", call, f"getattr of {owner}"


def _imported(call: ast.Call, name: str) -> Iterator[tuple[str, ast.AST, str]]:
    wanted = argument(call, 0, "name")
    text = folding.folded(wanted)
    if text is None or not name.endswith("import_module"):
        yield "import-dynamic", call, name
    if text is not None and not isinstance(wanted, ast.Constant) and text.partition(".")[0] in DANGEROUS:
        yield "name-assembled", call, text


def _looked_up(source: Source, node: ast.Subscript) -> Iterator[tuple[str, ast.AST, str]]:
    owner = source.dotted(node.value)
    if isinstance(node.value, ast.Call) and source.dotted(node.value.func) in {"globals", "locals", "vars"}:
        owner = "globals()"
    text = folding.folded(node.slice)
    if owner in BUILTINS and text is None:
        yield "name-computed", node, owner
    elif owner in BUILTINS | {"globals()"} and text in EXECUTING | {"__builtins__", "__import__"}:
        yield "name-assembled", node, f"{owner}[{text!r}]"
    elif (
        owner in {"globals()", "sys.modules"}
        and text in DANGEROUS
        and not isinstance(node.slice, ast.Constant)
    ):
        yield "name-assembled", node, str(text)


def _assigned(source: Source, node: ast.Assign | ast.AugAssign) -> Iterator[tuple[str, ast.AST, str]]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        place = target.value if isinstance(target, ast.Subscript) else target
        name = source.dotted(place)
        if name in HOOKS:
            yield "import-hook", node, name


def _tainted(source: Source, origin: Callable[[Source, ast.AST], bool]) -> set[str]:
    """Return the names that hold, anywhere in the module, what ``origin`` tells of; two steps far."""
    assigned = [
        (node.targets if isinstance(node, ast.Assign) else [node.target], node.value)
        for node in source.nodes
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None
    ]
    found: set[str] = set()
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            returned = (each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value)
            if any(origin(source, part) for value in returned for part in ast.walk(value)):
                found.add(node.name)
    for _ in range(2):
        for targets, value in assigned:
            if any(origin(source, each) or _is_one_of(each, found) for each in ast.walk(value)):
                found |= {name for target in targets for name in _names(target)}
    return found


def _decodes(source: Source, node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = source.dotted(node.func)
    rot = (
        _method(node) == "decode"
        and node.args
        and folding.folded(node.args[0]) in {"rot13", "rot_13", "hex", "base64"}
    )
    return bool(name.startswith(DECODERS) or _method(node) in DECODING_METHODS or rot or _is_xor(node))


def _is_xor(node: ast.Call) -> bool:
    """Tell whether a call puts together what was taken apart by exclusive or."""
    return _name(node.func) in {"bytes", "bytearray", "join"} and any(
        isinstance(each, ast.BinOp) and isinstance(each.op, ast.BitXor) for each in ast.walk(node)
    )


def _fetches(source: Source, node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return source.dotted(node.func).startswith(FETCHERS) or _method(node) in FETCHING_METHODS


def _is_one_of(node: ast.AST, names: set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _names(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _method(call: ast.Call) -> str:
    return _name(call.func)
