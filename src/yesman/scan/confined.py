"""Has folders scanned by a confined process, and makes a scan of what that says, or of its silence.

What always holds: whatever becomes of the process (killed, hung, out of memory, too talkative, talking
nonsense), there is a scan, and it is never one that passed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from asyncio import to_thread
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from yesman import process
from yesman.model.errors import PlatformError
from yesman.package.folder import digest_folder
from yesman.package.reading import read_manifest
from yesman.sandbox.interpreter import interpreter_paths, program
from yesman.scan.job import Job, Report
from yesman.scan.kept import KeptScans
from yesman.scan.model import Scan, failed, made
from yesman.scan.names import well_known
from yesman.scan.rules_table import version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yesman.process import Finished

SECONDS: Final = 30.0
"""From start to end, on a machine that has other things to do; the process has 20 s of CPU time."""
MOST_OUTPUT: Final = 4 << 20
"""Bytes of what the process says."""
_LIBRARIES: Final = ("yara_x", "msgspec", "packaging", "yaml", "rapidfuzz")
_SIGNALS: Final = {
    -9: "it was killed",
    -11: "it crashed",
    -24: "it took too much CPU time",
    -31: "it did what it may not",
}


class Known(msgspec.Struct, frozen=True):
    """What plugins are compared with, beside the rules.

    Attributes:
        advisories: A database made by :func:`yesman.scan.osv.import_osv`; None, or absent: not configured.
        plugins: Names of plugins of other publishers; None where nobody knows.
        packages: Names of well-known packages.
    """

    advisories: Path | None = None
    plugins: tuple[str, ...] | None = None
    packages: tuple[str, ...] = well_known()


class Scans:
    """Scans folders, one process each.

    Args:
        kept: A folder of our own state for compiled rules and finished scans; None keeps nothing.
        known: What to compare with.
        argv: The program; tests put another in its place.
        seconds: Until it is killed.
    """

    def __init__(
        self,
        kept: Path | None = None,
        known: Known | None = None,
        *,
        argv: Sequence[str] = (),
        seconds: float = SECONDS,
    ) -> None:
        self._folder = kept
        self._kept = KeptScans(kept)
        self._known = known or Known()
        self._argv = argv or program("yesman.scan.program", "", bytecode=True)
        self._seconds = seconds

    async def scan(self, folder: Path, content: str = "") -> Scan:
        """Return what is found in a plugin's folder, or was found before in the same content.

        Args:
            folder: Staged content, or a folder that is to be linked.
            content: Its digest where that is known; else it is taken.

        Raises:
            AuthorError: It is no plugin's folder: no manifest, links, too much.
            NotFoundError: It is not there.
            PlatformError: It cannot be read.
        """
        folder = await to_thread(folder.resolve)
        await to_thread(read_manifest, folder)
        content = content or await to_thread(digest_folder, folder)
        rules = await to_thread(self._compared_with)
        found = await to_thread(self._kept.find, content, rules)
        if found is None:
            found = await self._scanned(folder, content, rules)
            await to_thread(self._kept.keep, found)
        return found

    async def _scanned(self, folder: Path, content: str, rules: str) -> Scan:
        job = self._job(folder)
        try:
            ended = await process.run(
                self._argv,
                cwd=Path("/"),
                env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
                timeout=self._seconds,
                limit=MOST_OUTPUT,
                input=msgspec.json.encode(job),
            )
            return _heard(ended, content, rules, self._optional(job))
        except PlatformError as error:
            return failed(content, rules, error.message)

    @staticmethod
    def _optional(job: Job) -> set[str]:
        """Return which scanners have nothing to compare with."""
        without = {"names"} if importlib.util.find_spec("rapidfuzz") is None else set()
        return without if job.advisories else {*without, "advisories"}

    def _job(self, folder: Path) -> Job:
        advisories = self._known.advisories
        return Job(
            folder=str(folder),
            parent=os.getpid(),
            interpreter=interpreter_paths(),
            libraries=_libraries(),
            kept=str(self._folder or ""),
            rules=version(),
            advisories=str(advisories.resolve()) if advisories and advisories.exists() else "",
            plugins=self._known.plugins,
            packages=self._known.packages,
        )

    def _compared_with(self) -> str:
        """Return the digest of all that a scan depends on, but for the content."""
        digest = hashlib.sha256(version().encode())
        digest.update(msgspec.json.encode([self._known.plugins, self._known.packages]))
        path = self._known.advisories
        if path and path.exists():
            told = path.stat()
            digest.update(f"{told.st_ino} {told.st_size} {told.st_mtime_ns}".encode())
        return digest.hexdigest()[:16]


def _heard(ended: Finished, content: str, rules: str, optional: set[str]) -> Scan:
    """Return the scan that the process reports, if it reports one, and of this content."""
    if ended.returncode != 0:
        said = ended.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200]
        why = _SIGNALS.get(ended.returncode) or said or f"it ended with {ended.returncode}"
        return failed(content, rules, why)
    try:
        report = msgspec.json.decode(ended.stdout, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return failed(content, rules, "it said what cannot be understood")
    if report.content != content:
        return failed(content, rules, "the content changed while it was scanned")
    return made(content, rules, report.scanners, optional=optional)


def _libraries() -> tuple[str, ...]:
    """Return the folders that hold what the process imports."""
    found = (importlib.util.find_spec(name) for name in _LIBRARIES)
    folders = (Path(spec.origin).parents[1] for spec in found if spec and spec.origin)
    return tuple(dict.fromkeys(str(folder.resolve()) for folder in folders))
