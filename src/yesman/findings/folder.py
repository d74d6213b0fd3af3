"""All findings about one folder: first what keeps it from being installed, then what can be judged.

What always holds: every file is read at most once for each question, bounded and by descriptor; what
is wrong with one part does not hide what is wrong with another.
"""

from __future__ import annotations

import os
import re
from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import yesman
from yesman.findings.dependencies import unresolved
from yesman.findings.docs import undocumented
from yesman.findings.permissions import missing, untold, unused
from yesman.findings.rules import Level, finding
from yesman.findings.syntax import Source, parse
from yesman.findings.versions import misused
from yesman.model.errors import AuthorError, YesmanError
from yesman.model.manifest import parse_manifest
from yesman.model.strict_yaml import Mapping, Node, Scalar, Sequence, load
from yesman.package.folder import LIMITS, digest_folder, explained
from yesman.package.locking import lock_in, requirements_in
from yesman.package.reading import ENTRY, MANIFEST, REQUIREMENTS, read_optional
from yesman.package.requirements import requirements_of
from yesman.package.trees import opened
from yesman.package.walk import Budget, files, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from yesman.findings.rules import Finding
    from yesman.model.manifest import Manifest
    from yesman.package.uv import Uv

MOST_SOURCE: Final = 1 << 20
"""Bytes of one module that are looked at."""
_PLACE: Final = re.compile(r"(?P<file>[\w./-]+):(?P<line>\d+): (?P<rest>.+)", re.DOTALL)
_T = TypeVar("_T")


class Report(NamedTuple):
    """What was found.

    Attributes:
        manifest: None if it cannot be read.
        findings: In the order of the checks.
    """

    manifest: Manifest | None
    findings: list[Finding]

    @property
    def errors(self) -> list[Finding]:
        """What keeps the plugin from working."""
        return [found for found in self.findings if found.level is Level.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        """What looks wrong."""
        return [found for found in self.findings if found.level is Level.WARNING]


def structure(folder: Path) -> Report:
    """Return what keeps the folder from being installed.

    Raises:
        YesmanError: There is no such folder.
    """
    if not folder.is_dir():
        digest_folder(folder)  # says in one sentence what is there instead
    found: list[Finding] = []
    manifest = _noted(found, "manifest", lambda: _manifest(folder))
    _noted(found, "entry", lambda: _check_entry(folder))
    _noted(found, "requirements", lambda: _check_requirements(folder, manifest))
    _noted(found, "content", lambda: digest_folder(folder))
    if manifest and not found:
        _noted(found, "lock", lambda: lock_in(folder, requirements_in(folder, manifest)))
    return Report(manifest, found)


async def judged(folder: Path, uv: Uv | None) -> Report:
    """Return all findings; without ``uv`` the package index is not asked; raises as :func:`structure`."""
    report = structure(folder)
    manifest = report.manifest
    if manifest is None or report.errors:
        return report
    sources, paths, findings = _sources(folder)
    line_of = _lines(folder)
    findings += missing(sources, manifest)
    findings += untold(manifest, line_of)
    findings += unused(sources, manifest, line_of)
    findings += misused(sources, manifest)
    findings += await unresolved(folder, manifest, uv)
    findings += undocumented(manifest, paths, line_of)
    return Report(manifest, findings)


def _noted(found: list[Finding], rule: str, check: Callable[[], _T]) -> _T | None:
    try:
        return check()
    except YesmanError as error:
        placed = _PLACE.fullmatch(error.message)
        file, line, message = placed.groups() if placed else ("", "0", error.message)
        found.append(finding(rule, file, int(line), message, error.next_step))
        return None


def _manifest(folder: Path) -> Manifest:
    data = read_optional(folder / MANIFEST)
    if data is None:
        raise AuthorError(f"There is no {MANIFEST}", "Write one; its form: yesman plugin validate --schema")
    return parse_manifest(data, file=MANIFEST, host=yesman.__version__)


def _check_entry(folder: Path) -> None:
    """Refuse a missing entry, and one that Python cannot read; it is parsed, never run."""
    data = read_optional(folder / ENTRY, most=MOST_SOURCE)
    if data is None:
        raise AuthorError(f"There is no {ENTRY}", "Put the plugin's class there")
    _parsed(data, ENTRY)


def _parsed(data: bytes, path: str) -> Source:
    if len(data) > MOST_SOURCE:
        raise AuthorError(f"{path} has more than {MOST_SOURCE} bytes", "Divide it into modules")
    return Source(path, parse(data, path))


def _check_requirements(folder: Path, manifest: Manifest | None) -> None:
    requirements_of(manifest.dependencies if manifest else (), read_optional(folder / REQUIREMENTS))


def _sources(folder: Path) -> tuple[list[Source], set[str], list[Finding]]:
    """Return the modules below ``src``, the paths of all files, and what is wrong with the modules."""
    sources: list[Source] = []
    paths: set[str] = set()
    found: list[Finding] = []
    for path, data in _read_files(folder):
        paths.add(path)
        if path.startswith("src/") and path.endswith(".py"):
            source = _noted(found, "source", lambda path=path, data=data: _parsed(data, path))  # type: ignore[misc]  # mypy and defaults of a lambda
            sources += [source] if source else []
    return sources, paths, found


def _read_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file's path, and its content if it is a module of the plugin's."""
    budget = Budget(LIMITS)
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    with explained(folder), opened(folder, flags) as top, closing(files(top, budget)) as each:
        for path, file in each:
            wanted = path.startswith("src/") and path.endswith(".py")
            yield path, b"".join(read(path, file, budget)) if wanted else b""


def _lines(folder: Path) -> Callable[[str], int]:
    """Return what tells in which line of the manifest a text stands, or begins, as a value; 0 for nowhere."""
    scalars = list(_scalars(load(read_optional(folder / MANIFEST) or b"")))

    def line_of(text: str) -> int:
        exact = (node.line for node in scalars if node.text == text)
        alike = (node.line for node in scalars if node.text.partition(":")[0] == text.partition(":")[0])
        return next(exact, next(alike, 0))

    return line_of


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    inner = node.entries.values() if isinstance(node, Mapping) else ()
    for each in node.items if isinstance(node, Sequence) else inner:
        yield from _scalars(each)
